/** One connection to the SIP server: opened once, lost once; whatever waits on it is given up when it breaks. */
import Srf from "drachtio-srf";
import { after, type Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type {
  DrachtioFreshOptions,
  DrachtioRequestOptions,
  DrachtioResponse,
  DrachtioSrf,
} from "./drachtio-types.ts";

/** Where the SIP server's admin port is, and the secret it asks for. */
export interface LinkAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/** How a link is opened. */
export interface LinkOptions {
  readonly clock: Clock;
  readonly address: LinkAddress;
  readonly timeoutMs: number;
  /** Registers the handlers of methods, before the server is told of them. */
  readonly route: (link: DrachtioLink) => void;
  /** The open link broke, or was closed by the server; called once, never after `close`. */
  readonly onLost: () => void;
}

/** drachtio-srf would reconnect by itself, with timers of its own and what waited on the old socket waiting for ever. */
const NO_RECONNECT = { maxAttempts: 1 };
const CLOSE_WAIT_MS = 1000;
/** The server puts the dialog's remote target here. */
const DIALOG_URI = "sip:placeholder";

/** See the file; `open` before anything else. */
export class DrachtioLink {
  readonly srf = new Srf() as unknown as DrachtioSrf;
  readonly #options: LinkOptions;
  readonly #waiting = new Set<(error: GatewayError) => void>();
  #state: "opening" | "up" | "down" = "opening";
  #closing = false;
  #giveUpOpening: ((reason: string) => void) | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#state === "up";
  }

  /** Rejects with SIP_SERVER_LOST; its detail `setting` names the setting without whose change it is no use to try again. */
  open(): Promise<void> {
    const { clock, address, timeoutMs, route } = this.#options;
    const { srf } = this;
    route(this);
    return new Promise((resolve, reject) => {
      const deadline = after(clock, timeoutMs, () => fail("it did not answer in time"));
      let trouble = "the connection was closed";
      const fail = (reason: string, details = {}): void => {
        deadline.cancel();
        if (this.#state === "opening") {
          this.#state = "down";
          this.#disconnect();
          this.#giveUpWaiting(reason);
          reject(lost(address, reason, details));
        }
      };
      this.#giveUpOpening = fail;
      srf.on("error", (error) => {
        trouble = explain(error);
      });
      srf.on("close", () => {
        fail(trouble);
        this.#break(trouble);
      });
      srf.on("connect", (error) => {
        if (this.#state !== "opening") {
          this.#disconnect();
        } else if (error instanceof Error) {
          fail("it refused the secret", { setting: "sip.drachtio.secret" });
        } else {
          void this.#routed().then(() => {
            deadline.cancel();
            if (this.#state === "opening") {
              this.#state = "up";
              resolve();
            }
          });
        }
      });
      srf.connect({ ...address, reconnect: NO_RECONNECT });
    });
  }

  /** The server reads in order: when it has refused this, it knows which methods we take. */
  async #routed(): Promise<void> {
    const options = { method: "INFO", stackDialogId: "none" };
    await this.request(options).catch(() => undefined);
  }

  /** Settles as `work` does, or rejects with SIP_SERVER_LOST when the link is down or `limitMs` is over first. */
  bounded<T>(work: Promise<T>, limitMs?: number): Promise<T> {
    const { clock, address } = this.#options;
    return new Promise((resolve, reject) => {
      const limit =
        limitMs === undefined
          ? undefined
          : after(clock, limitMs, () => reject(lost(address, "it did not answer in time")));
      const release = (): void => {
        limit?.cancel();
        this.#waiting.delete(giveUp);
      };
      const giveUp = (error: GatewayError): void => {
        release();
        reject(error);
      };
      this.#waiting.add(giveUp);
      work.then(resolve, reject).finally(release);
      if (this.#state === "down") {
        giveUp(lost(address, "the link is down"));
      }
    });
  }

  /** What `work` resolves with, `undefined` when it did not in time; rejects with SIP_SERVER_LOST as `bounded` does. */
  answeredWithin<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const limit = after(this.#options.clock, limitMs, () => resolve(undefined));
      this.bounded(work)
        .then(resolve, reject)
        .finally(() => limit.cancel());
    });
  }

  /** Sends a request within a dialog and resolves with its final response; acknowledges a 2xx to an INVITE. */
  request(options: DrachtioRequestOptions): Promise<DrachtioResponse> {
    return this.#exchange(DIALOG_URI, options);
  }

  /** Sends a request outside any dialog and resolves with its final response. */
  requestFresh(uri: string, options: DrachtioFreshOptions): Promise<DrachtioResponse> {
    return this.#exchange(uri, options);
  }

  #exchange(
    uri: string,
    options: DrachtioRequestOptions | DrachtioFreshOptions,
  ): Promise<DrachtioResponse> {
    return this.bounded(
      new Promise((resolve, reject) => {
        this.srf.request(uri, options, (error, request) => {
          if (request === undefined) {
            reject(error);
            return;
          }
          request.on("response", (response: DrachtioResponse, acknowledge: () => void) => {
            if (response.status < 200) {
              return;
            }
            if (options.method === "INVITE" && response.status < 300) {
              acknowledge();
            }
            resolve(response);
          });
        });
      }),
    );
  }

  /** Gives up what waits, and resolves when the socket is closed; idempotent, never rejects. */
  async close(): Promise<void> {
    const wasUp = this.#state === "up" && !this.#closing;
    this.#closing = true;
    this.#giveUpOpening?.("the link was closed");
    if (!wasUp) {
      return;
    }
    await new Promise<void>((resolve) => {
      const limit = after(this.#options.clock, CLOSE_WAIT_MS, resolve);
      this.srf.once("close", () => {
        limit.cancel();
        resolve();
      });
      this.#disconnect();
    });
    this.#break("the link was closed");
  }

  #break(reason: string): void {
    if (this.#state !== "up") {
      return;
    }
    this.#state = "down";
    this.#giveUpWaiting(reason);
    if (!this.#closing) {
      this.#options.onLost();
    }
  }

  #giveUpWaiting(reason: string): void {
    const error = lost(this.#options.address, reason);
    for (const giveUp of [...this.#waiting]) {
      giveUp(error);
    }
  }

  #disconnect(): void {
    try {
      this.srf.disconnect();
    } catch {
      // drachtio-srf throws when it holds no socket, and then there is nothing to close.
    }
  }
}

function lost(address: LinkAddress, reason: string, details = {}): GatewayError {
  const server = `${address.host}:${address.port}`;
  return new GatewayError("SIP_SERVER_LOST", { server, reason, ...details });
}

const PLAIN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up",
  ETIMEDOUT: "it did not answer in time",
};

function explain(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return (typeof code === "string" ? PLAIN_WORDS[code] : undefined) ?? String(error);
}
