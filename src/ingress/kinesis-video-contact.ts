/** One contact that is listened to by Kinesis Video: its streams, its line, and the call that hears it. */
import { after, type Clock, sleep } from "../core/clock.ts";
import { codeOf, GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { CallDoor, Visit, Visitor } from "../ports/call-door.ts";
import type { ContactOrder, ContactStream } from "../ports/contact-listener.ts";
import type { PcmExchange, PcmLine, PcmStream, PcmStreamPlan } from "../ports/pcm-line.ts";
import { FROM_CUSTOMER, TO_CUSTOMER } from "./kinesis-video-names.ts";
import { KinesisVideoReader } from "./kinesis-video-reader.ts";
import type { MediaSource } from "./media-source.ts";

/** Audio that may wait to be heard: a source that is ahead waits, one that was behind is heard at twice the speed. */
const BUFFER_MS = 10_000;
/** The only track of streams of old instances: what the customer says. */
const OLD_TRACK = "Track_audio/L16";
/** What is left at the end may take so long. */
const DRAIN_MS = 15_000;

/** What contacts work with. */
export interface KinesisVideoParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly exchange: PcmExchange;
  readonly door: CallDoor;
  readonly source: MediaSource;
  /** Of mode assist. */
  readonly flow: string;
}

/** One party's audio: where it comes from, and where it goes. */
interface Party {
  readonly label: string;
  readonly role: "customer" | "agent";
}

/** Begins with `enter`; `onOver` is told once, when nothing of it is left. */
export class KinesisVideoContact implements Visitor {
  readonly #parts: KinesisVideoParts;
  readonly #order: ContactOrder;
  readonly #onOver: () => void;
  readonly #line: PcmLine;
  readonly #stop = new AbortController();
  readonly #parties: readonly Party[];
  #visit: Visit | undefined;

  constructor(parts: KinesisVideoParts, order: ContactOrder, onOver: () => void) {
    this.#parts = parts;
    this.#order = order;
    this.#onOver = onOver;
    this.#parties = partiesOf(order.streams);
    this.#line = parts.exchange.openLine(this.#parties.map(({ label }) => planOf(label, parts)));
  }

  /** Throws as `CallDoor.enter` does, and then nothing is left. */
  enter(): CallId {
    const { door, flow } = this.#parts;
    const { contactId, phoneNumber, streams } = this.#order;
    try {
      this.#visit = door.enter(
        {
          door: "kinesisVideo",
          flow,
          model: undefined,
          contactId,
          callingNumber: phoneNumber,
          calledNumber: "",
          attributes: {},
          about: "",
          streamArn: streams[0]?.streamArn,
          line: this.#line,
          roles: Object.fromEntries(this.#parties.map(({ label, role }) => [label, role])),
        },
        this,
      );
      return this.#visit.callId;
    } catch (error) {
      this.#line.close();
      throw error;
    }
  }

  /** The gateway leaves. */
  leave(reason: string): void {
    this.#visit?.leave("peer", reason);
  }

  accept(): Promise<void> {
    void this.#listen();
    return Promise.resolve();
  }

  refuse(status: number): void {
    this.#parts.logger.warn("a contact of Kinesis Video is not listened to", { status });
  }

  onFact(): void {
    // A recording session tells its facts to the assist channel itself.
  }

  onEnded(): void {
    this.#stop.abort(new GatewayError("SIP_INVITATION_ENDED"));
    this.#line.close();
    this.#onOver();
  }

  /** Ends the call when all streams have ended, or one cannot be read. */
  async #listen(): Promise<void> {
    const { signal } = this.#stop;
    try {
      await Promise.all(this.#order.streams.map((stream) => this.#readerOf(stream).run(signal)));
      await this.#drained(signal);
      this.#visit?.leave("peer", "the contact ended");
    } catch (error) {
      if (!signal.aborted) {
        const code = codeOf(error);
        const reason = error instanceof GatewayError ? error.details["reason"] : undefined;
        this.#parts.logger.warn("a Kinesis Video stream is given up", { code, reason, error });
        this.#visit?.leave("server", error instanceof Error ? error.message : "the stream failed");
      }
    }
  }

  async #drained(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const limit = new AbortController();
    const timer = after(clock, DRAIN_MS, () => limit.abort());
    const either = AbortSignal.any([signal, limit.signal]);
    const empty = Promise.all(this.#line.streams.map((stream) => stream.whenBelow(0)));
    await Promise.race([empty, aborted(either)]);
    timer.cancel();
    if (!signal.aborted) {
      // What the ears still hold is a moment of audio.
      await sleep(clock, 1000, signal);
    }
  }

  #readerOf(stream: ContactStream): KinesisVideoReader {
    const { contactId } = this.#order;
    return new KinesisVideoReader({
      ...this.#parts,
      streamArn: stream.streamArn,
      startFragmentNumber: stream.startFragmentNumber,
      contactId: stream.role === undefined ? contactId : undefined,
      onBlock: ({ track, bytes }) => this.#streamOf(stream, track)?.push(bytes),
      room: async () => {
        await Promise.all(this.#line.streams.map((each) => each.whenBelow(BUFFER_MS)));
      },
    });
  }

  /** By name; a stream's only track of an old instance, or of a Voice Connector, is the party's. */
  #streamOf({ role }: ContactStream, track: string): PcmStream | undefined {
    const label = role === undefined ? labelOf(track) : this.#labelOfRole(role);
    return this.#line.streams.find((stream) => stream.label === label);
  }

  #labelOfRole(role: "customer" | "agent"): string | undefined {
    return this.#parties.find((party) => party.role === role)?.label;
  }
}

/** `undefined`: a track that nobody knows. */
function labelOf(track: string): string | undefined {
  if (track === FROM_CUSTOMER || track === TO_CUSTOMER) {
    return track;
  }
  return track === "" || track === OLD_TRACK ? FROM_CUSTOMER : undefined;
}

function partiesOf(streams: readonly ContactStream[]): readonly Party[] {
  const customer: Party = { label: FROM_CUSTOMER, role: "customer" };
  const agent: Party = { label: TO_CUSTOMER, role: "agent" };
  const roles = new Set(streams.map(({ role }) => role));
  return roles.has(undefined)
    ? [customer, agent]
    : [customer, agent].filter(({ role }) => roles.has(role));
}

function planOf(label: string, { metrics }: KinesisVideoParts): PcmStreamPlan {
  const labels = { door: "kinesisVideo", direction: "in" } as const;
  return {
    label,
    inputRateHz: 8000,
    bufferMs: BUFFER_MS,
    pace: "stored",
    output: undefined,
    onDropped: (ms) => metrics.increment("trunkline_pcm_dropped_ms_total", labels, ms),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
