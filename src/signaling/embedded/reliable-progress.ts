/** Provisional responses of one INVITE that must arrive, one at a time. RFC 3262 section 3, UAS Behavior. */
import type { Clock, Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { ReliableAcknowledgement } from "./header-values.ts";
import type { SipTimers } from "./timers.ts";
import { patienceMs } from "./timers.ts";

/** A response that waits for the PRACK of the one before it. */
export interface HeldResponse {
  send(): void;
  /** The INVITE is over; the response will never be sent. */
  drop(): void;
}

/** What the retransmission runs on. */
export interface ReliableProgressOptions {
  readonly clock: Clock;
  readonly timers: SipTimers;
  /** The CSeq number of the INVITE. */
  readonly sequence: number;
  /** RSeq of the first response, 1 … 2^31 - 1. */
  readonly firstNumber: number;
  /** No PRACK in 64 × T1. */
  onExpired(): void;
}

/** Idle until {@link start}; busy until the PRACK has come and was answered. */
export class ReliableProgress {
  readonly #options: ReliableProgressOptions;
  readonly #held: HeldResponse[] = [];
  #number: number;
  #state: "idle" | "sent" | "acknowledged" | "over" = "idle";
  #intervalMs = 0;
  #repeat: Timer | undefined;
  #expiry: Timer | undefined;

  constructor(options: ReliableProgressOptions) {
    this.#options = options;
    this.#number = options.firstNumber - 1;
  }

  /** Whether the next reliable response, or a 2xx, has to wait. */
  get busy(): boolean {
    return this.#state === "sent" || this.#state === "acknowledged";
  }

  /** RSeq of the response to be sent next. */
  get nextNumber(): number {
    return this.#number + 1;
  }

  /** Queues a response; only while {@link busy}. */
  hold(response: HeldResponse): void {
    this.#held.push(response);
  }

  /** The response numbered {@link nextNumber} is out; `resend` sends it once more. */
  start(resend: () => void): void {
    const { clock, timers, onExpired } = this.#options;
    this.#number += 1;
    this.#state = "sent";
    this.#intervalMs = timers.t1Ms;
    this.#expiry = after(clock, patienceMs(timers), () => {
      this.#repeat?.cancel();
      onExpired();
    });
    this.#arm(resend);
  }

  /** A PRACK has come; false when it is for something else, or came before. RFC 3262 section 3, UAS Behavior. */
  acknowledge(rack: ReliableAcknowledgement): boolean {
    const { sequence } = this.#options;
    const ours = rack.responseNumber === this.#number && rack.number === sequence;
    if (this.#state !== "sent" || !ours || rack.method !== "INVITE") {
      return false;
    }
    this.#disarm();
    this.#state = "acknowledged";
    return true;
  }

  /** The PRACK was answered: what waited may go, up to the next response that needs a PRACK. */
  release(): void {
    if (this.#state !== "acknowledged") {
      return;
    }
    this.#state = "idle";
    while (!this.busy) {
      const next = this.#held.shift();
      if (next === undefined) {
        return;
      }
      next.send();
    }
  }

  /** The INVITE has its final response. Idempotent. */
  end(): void {
    this.#disarm();
    this.#state = "over";
    for (const response of this.#held.splice(0)) {
      response.drop();
    }
  }

  #arm(resend: () => void): void {
    this.#repeat = after(this.#options.clock, this.#intervalMs, () => {
      resend();
      this.#arm(resend);
    });
    this.#intervalMs *= 2;
  }

  #disarm(): void {
    this.#repeat?.cancel();
    this.#expiry?.cancel();
  }
}
