/** One link of an application: authentication first, then commands. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock, Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { Random } from "../../core/random.ts";
import { encodeFrame, FrameReader } from "./admin-framing.ts";
import type { AdminCommand } from "./admin-protocol.ts";
import {
  decodeCommand,
  deliveryLeader,
  outcomeLeader,
  progressLeader,
  recordLeader,
} from "./admin-protocol.ts";
import type { AppClient, CommandOutcome, DeliveryMeta } from "./app-client.ts";
import type { CallRecord } from "./call-records.ts";
import { SIP_LIMITS } from "./limits.ts";
import type { Hop } from "./transport.ts";

/** The stream beneath a link. */
export interface AdminChannel {
  /** Never throws. */
  write(bytes: Buffer): void;
  /** Sends what was written, then ends the stream. */
  end(): void;
}

/** What happens on a link. */
export interface AdminConnectionOwner {
  onAuthenticated(connection: AdminConnection): void;
  onCommand(connection: AdminConnection, command: AdminCommand): void;
  onRefused(connection: AdminConnection, reason: string): void;
}

/** What a link is made of. */
export interface AdminConnectionOptions {
  readonly channel: AdminChannel;
  readonly owner: AdminConnectionOwner;
  readonly clock: Clock;
  readonly random: Random;
  readonly secret: string;
  /** `proto/host:port,…` as told to the application. */
  hostPorts(): string;
}

const VERSION = "v0.9.10-embedded";

/** Nothing but `authenticate` is taken from a link that has not authenticated. */
export class AdminConnection implements AppClient {
  readonly #options: AdminConnectionOptions;
  readonly #reader: FrameReader;
  readonly #greeting: Timer;
  #authenticated = false;
  #closed = false;

  constructor(options: AdminConnectionOptions) {
    this.#options = options;
    this.#reader = new FrameReader(SIP_LIMITS.adminGreetingBytes, (frame) => this.#onFrame(frame));
    this.#greeting = after(options.clock, SIP_LIMITS.adminGreetingMs, () =>
      this.#refuse("", "not authenticated in time"),
    );
  }

  get connected(): boolean {
    return this.#authenticated && !this.#closed;
  }

  onBytes(chunk: Buffer): void {
    if (!this.#closed && !this.#reader.push(chunk)) {
      this.#refuse("", "Invalid message format");
    }
  }

  /** The stream has ended. */
  onClosed(): void {
    this.#closed = true;
    this.#greeting.cancel();
  }

  deliver(meta: DeliveryMeta, bytes: Buffer): void {
    this.#write(deliveryLeader(this.#leader(), meta, bytes.length), bytes);
  }

  reply(messageId: string, outcome: CommandOutcome): void {
    const leader = outcomeLeader(this.#leader(), messageId, outcome);
    this.#write(leader, outcome.ok ? outcome.bytes : undefined);
  }

  announce(record: CallRecord, bytes: Buffer): void {
    this.#write(recordLeader(this.#leader(), record), bytes);
  }

  report(messageId: string, hop: Hop | undefined, bytes: Buffer): void {
    this.#write(progressLeader(this.#leader(), messageId, hop, bytes.length), bytes);
  }

  acknowledge(messageId: string, ...fields: readonly string[]): void {
    const { id } = this.#leader();
    this.#write([id, "response", messageId, "OK", ...fields].join("|"), undefined);
  }

  /** A violation of the protocol: says why, and ends the link. */
  refuse(messageId: string, reason: string): void {
    this.#refuse(messageId, reason);
  }

  #leader(): { readonly id: string; readonly wallMs: number } {
    const { random, clock } = this.#options;
    return { id: random.uuid(), wallMs: clock.wallMs() };
  }

  #write(leader: string, message: Buffer | undefined): void {
    if (!this.#closed) {
      this.#options.channel.write(encodeFrame(leader, message));
    }
  }

  #onFrame(frame: Buffer): void {
    if (this.#closed) {
      return;
    }
    const command = decodeCommand(frame);
    if (command === undefined) {
      this.#refuse("", "Invalid message format");
    } else if (command.type === "authenticate") {
      this.#authenticate(command);
    } else if (this.#authenticated) {
      this.#options.owner.onCommand(this, command);
    } else {
      this.#refuse(command.id, "not authenticated");
    }
  }

  #authenticate(command: AdminCommand): void {
    const { owner, secret, hostPorts } = this.#options;
    if (!sameSecret(command.fields[0] ?? "", secret)) {
      this.#refuse(command.id, "incorrect secret");
      return;
    }
    this.#greeting.cancel();
    this.#reader.maxBytes = SIP_LIMITS.adminFrameBytes;
    this.acknowledge(command.id, hostPorts(), VERSION, hostPorts());
    if (!this.#authenticated) {
      this.#authenticated = true;
      owner.onAuthenticated(this);
    }
  }

  #refuse(messageId: string, reason: string): void {
    if (this.#closed) {
      return;
    }
    this.#write([this.#leader().id, "response", messageId, "NO", reason].join("|"), undefined);
    this.#greeting.cancel();
    this.#closed = true;
    this.#options.channel.end();
    this.#options.owner.onRefused(this, reason);
  }
}

/** Compares in constant time. The wire carries bytes as characters; the secret is text. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();
  return timingSafeEqual(
    digest(Buffer.from(given, "latin1")),
    digest(Buffer.from(expected, "utf8")),
  );
}
