/** The SIP core on virtual time, with transports and an application in memory. */
import { expect } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { SipGate } from "../../../../src/ports/sip-gate.ts";
import { AdminConnection } from "../../../../src/signaling/embedded/admin-connection.ts";
import { encodeFrame, FrameReader } from "../../../../src/signaling/embedded/admin-framing.ts";
import type { DnsAddress, DnsService } from "../../../../src/signaling/embedded/dns-resolver.ts";
import { LocalAddress } from "../../../../src/signaling/embedded/local-address.ts";
import { SipCore } from "../../../../src/signaling/embedded/sip-core.ts";
import { DEFAULT_SIP_TIMERS } from "../../../../src/signaling/embedded/timers.ts";
import type {
  Hop,
  SendListener,
  SipProtocol,
  SipTransport,
} from "../../../../src/signaling/embedded/transport.ts";
import { SUPPORTED_EXTENSIONS } from "../../../../src/signaling/supported-extensions.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";
import { VirtualClock } from "../../../support/virtual-clock.ts";

export const SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";

/** A transport that remembers what was sent. */
export class MemoryTransport implements SipTransport {
  readonly port = 5060;
  readonly connections = 0;
  readonly sent: { readonly text: string; readonly to: string; readonly atMs: number }[] = [];
  readonly protocol: SipProtocol;
  readonly reliable: boolean;
  readonly open = new Set<number>();
  failing = false;
  /** Hosts that cannot be sent to. */
  readonly unreachable = new Set<string>();
  readonly #clock: VirtualClock;

  constructor(protocol: SipProtocol, clock: VirtualClock) {
    this.protocol = protocol;
    this.reliable = protocol !== "udp";
    this.#clock = clock;
  }

  send(bytes: Buffer, hop: Hop, listener: SendListener): void {
    const to = `${hop.host}:${hop.port}`;
    this.sent.push({ text: bytes.toString("utf8"), to, atMs: this.#clock.nowUs() / 1000 });
    if (this.failing || this.unreachable.has(hop.host)) {
      queueMicrotask(() => listener.onSendFailed("ECONNREFUSED"));
    }
  }

  isConnected(hop: Hop): boolean {
    return hop.connection !== undefined && this.open.has(hop.connection);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Start lines with their times, forgetting them. */
  take(): string[] {
    return this.sent.splice(0).map(({ text, atMs }) => `${atMs} ${text.split("\r\n")[0]}`);
  }

  /** The last message that was sent. */
  get last(): string {
    return this.sent.at(-1)?.text ?? "";
  }
}

/** One frame to the application, taken apart. */
export interface AppFrame {
  readonly fields: readonly string[];
  readonly message: string;
}

/** An application at the other end of the link. */
export class MemoryApp {
  readonly frames: AppFrame[] = [];
  readonly connection: AdminConnection;
  ended = false;
  #serial = 0;

  constructor(core: SipCore, clock: VirtualClock, random: SeededRandom) {
    const reader = new FrameReader(10_000_000, (frame) => this.#onFrame(frame.toString("utf8")));
    this.connection = new AdminConnection({
      clock,
      random,
      owner: core.hub,
      secret: "sesame",
      hostPorts: () => "udp/192.0.2.1:5060",
      channel: {
        write: (bytes) => reader.push(bytes),
        end: () => {
          this.ended = true;
        },
      },
    });
  }

  /** Sends a command; returns its id. */
  send(command: string, message?: string): string {
    this.#serial += 1;
    const id = `m${this.#serial}`;
    const body = message === undefined ? undefined : Buffer.from(message);
    this.connection.onBytes(encodeFrame(`${id}|${command}`, body));
    return id;
  }

  greet(...verbs: readonly string[]): void {
    this.send("authenticate|sesame|");
    for (const verb of verbs) {
      this.send(`route|${verb}`);
    }
    this.frames.length = 0;
  }

  /** The answer to a command. */
  reply(id: string): AppFrame {
    const found = this.frames.find(({ fields }) => fields[1] === "response" && fields[2] === id);
    return found ?? { fields: [], message: "" };
  }

  /** SIP messages delivered, oldest first, as start lines. */
  delivered(): string[] {
    return this.sip().map(({ message }) => message.split("\r\n")[0] ?? "");
  }

  sip(): AppFrame[] {
    return this.frames.filter(({ fields }) => fields[1] === "sip");
  }

  /** The transaction id of the last delivered message. */
  get transactionId(): string {
    return this.sip().at(-1)?.fields[8] ?? "";
  }

  /** Answers the last delivered request. */
  respond(status: number, extra = "", body = ""): string {
    const text = `SIP/2.0 ${status} Whatever\r\n${extra}\r\n${body}`;
    return this.send(`sip|${this.transactionId}|`, text);
  }

  close(): void {
    this.connection.onClosed();
  }

  #onFrame(text: string): void {
    const end = text.indexOf("\r\n");
    const leader = end === -1 ? text : text.slice(0, end);
    this.frames.push({
      fields: leader.split("|"),
      message: end === -1 ? "" : text.slice(end + 2),
    });
  }
}

/** Everything a test needs. */
export class SipBench {
  readonly clock = new VirtualClock();
  readonly random = new SeededRandom(7);
  readonly udp = new MemoryTransport("udp", this.clock);
  readonly tcp = new MemoryTransport("tcp", this.clock);
  /** What the domain name system knows. */
  readonly dns: {
    readonly addresses: Record<string, readonly DnsAddress[]>;
    readonly services: Record<string, readonly DnsService[]>;
  } = {
    addresses: { "known.example": [{ address: "192.0.2.77", ttlSeconds: 60 }] },
    services: {},
  };
  /** Set before the first message; absent: everybody is let in. */
  gate: SipGate | undefined;
  readonly core = new SipCore({
    clock: this.clock,
    random: this.random,
    logger: silentLogger,
    timers: DEFAULT_SIP_TIMERS,
    local: new LocalAddress(this.clock, "192.0.2.1", undefined),
    transports: new Map<SipProtocol, SipTransport>([
      ["udp", this.udp],
      ["tcp", this.tcp],
    ]),
    resolver: {
      addresses: (host) => Promise.resolve(this.dns.addresses[host] ?? []),
      services: (name) => Promise.resolve(this.dns.services[name] ?? []),
    },
    natRule: true,
    gate: {
      mayConnect: (address) => this.gate?.mayConnect(address) ?? true,
      listensTo: (address) => this.gate?.listensTo(address) ?? true,
      mayAnswer: (address) => this.gate?.mayAnswer(address) ?? true,
      admit: (asked) => this.gate?.admit(asked) ?? { kind: "admit" },
    },
    extensions: SUPPORTED_EXTENSIONS,
    maxServers: 20,
  });
  readonly app = new MemoryApp(this.core, this.clock, this.random);

  constructor(...verbs: readonly string[]) {
    this.app.greet(...verbs);
  }

  receive(text: string, from: Partial<Hop> = {}): void {
    this.receiveBytes(Buffer.from(text), from);
  }

  receiveBytes(bytes: Buffer, from: Partial<Hop> = {}): void {
    const hop = { transport: this.udp, host: "192.0.2.9", port: 5070, connection: undefined };
    this.core.ingress.onBytes(bytes, { ...hop, ...from });
  }

  /** Live objects of the core. */
  get live(): unknown {
    const { transactions, dialogs, pendingRequests, outgoingRequests } = this.core.toJSON();
    return { ...transactions, dialogs, pendingRequests, outgoingRequests };
  }

  /** Nothing is left: no timer, no transaction, no dialog. */
  expectIdle(): void {
    expect(this.live).toEqual({
      server: 0,
      client: 0,
      dialogs: 0,
      pendingRequests: 0,
      outgoingRequests: 0,
    });
    expect(this.clock.pending).toBe(0);
    expect(this.core.counters.get("faults")).toBe(0);
  }
}

interface RequestOptions {
  readonly branch?: string;
  readonly callId?: string;
  readonly toTag?: string;
  readonly fromTag?: string;
  readonly sequence?: number;
  readonly headers?: readonly string[];
  readonly contact?: string;
  readonly body?: string;
  readonly protocol?: string;
}

/** A request of the peer at 192.0.2.9:5070. */
export function request(method: string, options: RequestOptions = {}): string {
  const {
    branch = `z9hG4bK-${method}`,
    callId = "call-1",
    fromTag = "peer",
    sequence = 1,
  } = options;
  const body = options.body ?? "";
  const lines = [
    `${method} sip:agent@192.0.2.1 SIP/2.0`,
    `Via: SIP/2.0/${options.protocol ?? "UDP"} 192.0.2.9:5070;branch=${branch}`,
    "Max-Forwards: 70",
    `From: <sip:peer@192.0.2.9>;tag=${fromTag}`,
    `To: <sip:agent@192.0.2.1>${options.toTag === undefined ? "" : `;tag=${options.toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${sequence} ${method}`,
    `Contact: ${options.contact ?? "<sip:peer@192.0.2.9:5070>"}`,
    ...(options.headers ?? []),
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

export function headerIn(text: string, name: string): string {
  const line = text.split("\r\n").find((candidate) => candidate.startsWith(`${name}: `));
  return line?.slice(name.length + 2) ?? "";
}

export function tagIn(value: string): string {
  return /;tag=([^;]+)/.exec(value)?.[1] ?? "";
}

/** A response of the peer to a request that was sent. */
export function answerTo(
  sent: string,
  status: number,
  options: { tag?: string; headers?: readonly string[] } = {},
): string {
  const to = headerIn(sent, "To");
  const tag = to.includes(";tag=") || status === 100 ? "" : `;tag=${options.tag ?? "far"}`;
  const lines = [
    `SIP/2.0 ${status} Whatever`,
    `Via: ${headerIn(sent, "Via")}`,
    `From: ${headerIn(sent, "From")}`,
    `To: ${to}${tag}`,
    `Call-ID: ${headerIn(sent, "Call-ID")}`,
    `CSeq: ${headerIn(sent, "CSeq")}`,
    ...(options.headers ?? ["Contact: <sip:far@192.0.2.9:5070>"]),
    "Content-Length: 0",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
