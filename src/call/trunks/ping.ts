/** Whether a trunk answers: asked with OPTIONS, down after several that were not answered, up after one that was. */
import { after, type Clock, type Timer } from "../../core/clock.ts";
import { codeOf } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import type { OutboundRequest, SipAnswer } from "../../ports/signaling-server.ts";
import type { PingState, PingStatus } from "../../ports/trunk-directory.ts";

/** What a ping works with. */
export interface PingOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly uri: string;
  readonly settings: {
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly downAfter: number;
  };
  readonly request: (request: OutboundRequest) => Promise<SipAnswer>;
  /** Hears every change of state, the first one too. */
  readonly onChange: (status: PingStatus) => void;
}

/** Made up by a SIP server, or by a proxy before a peer that is gone. */
const NO_ANSWER = new Set([408, 503]);

/** RFC 3261 "Querying for Capabilities": any final answer but 408 and 503 says that somebody is there. */
export class Ping {
  readonly #options: PingOptions;
  #state: PingState = "unknown";
  #sinceMs: number;
  #missed = 0;
  #status: number | undefined;
  #roundTripMs: number | undefined;
  #timer: Timer | undefined;
  #running = false;
  #asking = false;

  constructor(options: PingOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.wallMs();
  }

  /** Asks now, and from then on. */
  start(): void {
    this.#running = true;
    if (!this.#asking) {
      this.#timer?.cancel();
      void this.#ask();
    }
  }

  /** Asks no more; what is known stays. */
  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
  }

  toJSON(): PingStatus {
    return {
      state: this.#state,
      sinceMs: this.#sinceMs,
      missed: this.#missed,
      status: this.#status,
      roundTripMs: this.#roundTripMs,
    };
  }

  async #ask(): Promise<void> {
    const { clock, uri, settings, request } = this.#options;
    const askedUs = clock.nowUs();
    this.#asking = true;
    try {
      const timeoutMs = settings.timeoutSeconds * 1000;
      const { status } = await request({ method: "OPTIONS", uri, timeoutMs });
      this.#status = status;
      if (NO_ANSWER.has(status)) {
        this.#miss();
      } else {
        this.#roundTripMs = (clock.nowUs() - askedUs) / 1000;
        this.#answered();
      }
    } catch (error) {
      // A lost SIP server says nothing of the trunk.
      if (codeOf(error) === "SIP_REQUEST_FAILED") {
        this.#status = undefined;
        this.#miss();
      }
    } finally {
      this.#asking = false;
    }
    if (this.#running) {
      this.#timer = after(clock, this.#pauseMs(), () => void this.#ask());
    }
  }

  #answered(): void {
    this.#missed = 0;
    this.#become("up");
  }

  #miss(): void {
    this.#missed += 1;
    if (this.#missed >= this.#options.settings.downAfter) {
      this.#become("down");
    }
  }

  #become(state: PingState): void {
    if (this.#state !== state && this.#running) {
      this.#state = state;
      this.#sinceMs = this.#options.clock.wallMs();
      this.#options.onChange(this.toJSON());
    }
  }

  /** 90 to 110 % of the interval, so that a thousand trunks are not asked at once. */
  #pauseMs(): number {
    const { random, settings } = this.#options;
    return Math.round(settings.intervalSeconds * (900 + (random.uint32() / 2 ** 32) * 200));
  }
}
