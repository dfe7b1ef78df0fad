/** Repeats a 2xx to an INVITE until its ACK comes or patience ends. RFC 3261 section 13.3.1.4, The INVITE is Accepted. */
import type { Clock, Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { UnacknowledgedAnswer } from "./dialog.ts";
import type { SipTimers } from "./timers.ts";
import { patienceMs } from "./timers.ts";

/** What to repeat, and what to do when nobody acknowledges. */
export interface AnswerOptions {
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly sequence: number;
  readonly ackTransactionId: string;
  /** Sends the 2xx once more. */
  resend(): void;
  /** No ACK in 64 × T1. Not called when {@link AnswerRetransmission.whenSettled} has a listener. */
  onExpired(): void;
}

/** Armed by {@link start}, disarmed by {@link acknowledge}. */
export class AnswerRetransmission implements UnacknowledgedAnswer {
  readonly sequence: number;
  readonly ackTransactionId: string;
  readonly #options: AnswerOptions;
  #intervalMs: number;
  #repeat: Timer | undefined;
  #expiry: Timer | undefined;
  #settled: (() => void) | undefined;

  constructor(options: AnswerOptions) {
    this.sequence = options.sequence;
    this.ackTransactionId = options.ackTransactionId;
    this.#options = options;
    this.#intervalMs = options.timers.t1Ms;
  }

  start(): void {
    const { clock, timers } = this.#options;
    this.#expiry = after(clock, patienceMs(timers), () => this.#expire());
    this.#arm();
  }

  acknowledge(): void {
    this.#disarm();
    this.#settled?.();
    this.#settled = undefined;
  }

  whenSettled(run: () => void): void {
    this.#settled = run;
  }

  /** Stops without settling: the server closes. */
  abandon(): void {
    this.#disarm();
    this.#settled = undefined;
  }

  #arm(): void {
    const { clock, timers } = this.#options;
    this.#repeat = after(clock, this.#intervalMs, () => {
      this.#options.resend();
      this.#arm();
    });
    this.#intervalMs = Math.min(this.#intervalMs * 2, timers.t2Ms);
  }

  #expire(): void {
    this.#disarm();
    const settled = this.#settled;
    this.#settled = undefined;
    if (settled === undefined) {
      this.#options.onExpired();
    } else {
      settled();
    }
  }

  #disarm(): void {
    this.#repeat?.cancel();
    this.#expiry?.cancel();
  }
}
