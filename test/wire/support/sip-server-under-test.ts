/** The server the conformance suite runs against: the embedded one, or the drachtio-server that DRACHTIO_HOST names. */
import { type EventEmitter, once } from "node:events";
import Srf from "drachtio-srf";
import { SystemClock } from "../../../src/core/clock.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { systemRandom } from "../../../src/core/random.ts";
import type { EmbeddedSipServerOptions } from "../../../src/signaling/embedded/server.ts";
import { EmbeddedSipServer } from "../../../src/signaling/embedded/server.ts";
import type { SipTimers } from "../../../src/signaling/embedded/timers.ts";

export interface SrfMessage {
  readonly body: string;
  readonly raw: string;
  get(name: string): string;
  has(name: string): boolean;
}

export interface SrfRequest extends SrfMessage, EventEmitter {
  readonly method: string;
  readonly uri: string;
  readonly source: string;
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  readonly receivedOn: string | undefined;
  readonly stackTxnId: string;
  cancel(callback?: (error: unknown, request: SrfRequest) => void): void;
}

export interface SrfResponse extends SrfMessage {
  readonly status: number;
  readonly reason: string;
  send(
    status: number,
    options?: { headers?: Record<string, string>; body?: string },
    callback?: (error: unknown, sent: SrfMessage) => void,
    acknowledged?: (ack: SrfRequest) => void,
  ): void;
}

export interface SrfDialog extends EventEmitter {
  readonly id: string;
  readonly type: string;
  readonly connected: boolean;
  readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string };
  readonly local: { sdp: string; contact: string };
  readonly remote: { sdp: string; uri: string };
  destroy(options?: object): Promise<SrfRequest>;
  modify(sdp: string): Promise<string>;
  request(options: {
    method: string;
    headers?: Record<string, string>;
    body?: string;
  }): Promise<SrfResponse>;
}

interface UacProgress {
  cbRequest?: (error: unknown, request: SrfRequest) => void;
  cbProvisional?: (response: SrfResponse) => void;
}

export interface SrfApp extends EventEmitter {
  connect(options: { host: string; port: number; secret: string }): void;
  disconnect(): void;
  on(
    event: `cdr:${string}`,
    listener: (source: string, time: string, ...rest: unknown[]) => void,
  ): this;
  on(event: string, listener: (...values: unknown[]) => void): this;
  use(method: string, handler: (req: SrfRequest, res: SrfResponse) => void): void;
  invite(handler: (req: SrfRequest, res: SrfResponse) => void): void;
  createUAS(req: SrfRequest, res: SrfResponse, options: object): Promise<SrfDialog>;
  createUAC(uri: string, options: object, progress?: UacProgress): Promise<SrfDialog>;
  createB2BUA(
    req: SrfRequest,
    res: SrfResponse,
    uri: string,
    options: object,
  ): Promise<{ uas: SrfDialog; uac: SrfDialog }>;
  request(
    uri: string,
    options: object,
    callback: (error: unknown, request: SrfRequest) => void,
  ): void;
}

export const EXTERNAL = process.env["DRACHTIO_HOST"];

/** Why a test runs against one kind of server only; printed when it is left out. */
export function embeddedOnly(reason: string): boolean {
  if (EXTERNAL !== undefined) {
    console.log(`left out against ${EXTERNAL}: ${reason}`);
  }
  return EXTERNAL !== undefined;
}

/** True against a drachtio-server; false, with the reason printed, against the embedded one. */
export function realOnly(reason: string): boolean {
  if (EXTERNAL === undefined) {
    console.log(`left out against the embedded server: ${reason}`);
  }
  return EXTERNAL !== undefined;
}

/** What the server under test is expected to do, where drachtio-server is known to do something else; printed then. */
export function knownDifference<T>(what: string, expected: { ours: T; real: T }): T {
  if (EXTERNAL === undefined) {
    return expected.ours;
  }
  console.log(`differs on ${EXTERNAL}: ${what}: ${expected.real}, ours ${expected.ours}`);
  return expected.real;
}

let nextPortNumber = 15_060 + (process.pid % 140);

/** Ports of this suite, one after the other; two runs at a time start at different ones. */
export function nextPort(): number {
  nextPortNumber = nextPortNumber >= 15_199 ? 15_060 : nextPortNumber + 1;
  return nextPortNumber;
}

export class ServerUnderTest {
  readonly embedded: EmbeddedSipServer | undefined;
  readonly clock = new SystemClock();
  readonly #apps: SrfApp[] = [];
  sipPort: number;

  private constructor(sip: Partial<EmbeddedSipServerOptions["sip"]>, timers: Partial<SipTimers>) {
    this.sipPort = Number(process.env["DRACHTIO_SIP_PORT"] ?? 5060);
    this.embedded =
      EXTERNAL === undefined
        ? new EmbeddedSipServer({
            clock: this.clock,
            random: systemRandom,
            logger: silentLogger,
            sip: { host: "127.0.0.1", port: 0, ...sip },
            admin: { host: "127.0.0.1", port: 0 },
            secret: "sesame",
            timers,
          })
        : undefined;
  }

  /**
   * @param sip what differs from a plain embedded server.
   * @param timers shorten what would take the embedded server long; drachtio-server takes its time.
   */
  static async start(
    sip: Partial<EmbeddedSipServerOptions["sip"]> = {},
    timers: Partial<SipTimers> = {},
  ): Promise<ServerUnderTest> {
    const server = new ServerUnderTest(sip, timers);
    await server.embedded?.start();
    server.sipPort = server.embedded?.sipPort ?? server.sipPort;
    return server;
  }

  get admin(): { host: string; port: number; secret: string } {
    return this.embedded === undefined
      ? {
          host: EXTERNAL ?? "127.0.0.1",
          port: Number(process.env["DRACHTIO_PORT"] ?? 9022),
          secret: process.env["DRACHTIO_SECRET"] ?? "cymru",
        }
      : { host: "127.0.0.1", port: this.embedded.adminPort, secret: "sesame" };
  }

  /** A connected drachtio-srf; `setUp` runs before it connects, so that routes are known from the start. */
  async app(setUp: (app: SrfApp) => void): Promise<SrfApp> {
    const app = new (Srf as unknown as new () => SrfApp)();
    this.#apps.push(app);
    setUp(app);
    app.on("error", () => undefined);
    const connected = once(app, "connect");
    app.connect(this.admin);
    const [error] = await connected;
    if (error instanceof Error) {
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    return app;
  }

  /** drachtio-srf throws when it is disconnected twice, so this forgets the application. */
  disconnect(app: SrfApp): void {
    this.#apps.splice(this.#apps.indexOf(app), 1);
    app.disconnect();
  }

  /** Waits for the links to be closed: drachtio-server offers calls to an application until it is. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#apps].map(async (app) => {
        const closed = nextEvent(app, "close");
        this.disconnect(app);
        await closed;
      }),
    );
    await this.embedded?.close();
  }
}

/** Resolves with the arguments of the next `name`; rejects after `timeoutMs`. */
export async function nextEvent(
  emitter: EventEmitter,
  name: string,
  timeoutMs = 3000,
): Promise<unknown[]> {
  return await once(emitter, name, { signal: AbortSignal.timeout(timeoutMs) });
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A promise and its handles; Node 20 has no `Promise.withResolvers`. */
export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
