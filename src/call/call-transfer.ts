/** The SIP of a transfer: REFER, what the peer reports of it, and an end to waiting. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { SipDialog } from "../ports/signaling-server.ts";
import type { TransferOutcome } from "./hand-over.ts";

/** Whom to call instead, and how long the outcome may take. */
export interface TransferRequest {
  readonly to: string;
  readonly waitMs: number;
  /** Who that is, in the flow's words, for peers that are told in words; absent: nothing is said. */
  readonly about?: string | undefined;
}

/** The transfers of one call, one at a time. */
export class CallTransfer {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #accepted = false;
  #settle: ((outcome: TransferOutcome) => void) | undefined;

  /** @param signal aborts when the call starts to end. */
  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** The peer has taken a request whose outcome is not known: if it leaves now, it leaves for the target. */
  get accepted(): boolean {
    return this.#accepted && this.#settle !== undefined;
  }

  /** Never rejects; the caller is still there unless the outcome is `done` or `callEnded`. */
  start(dialog: SipDialog | undefined, request: TransferRequest): Promise<TransferOutcome> {
    if (this.#settle !== undefined) {
      return Promise.resolve("busy");
    }
    if (dialog === undefined || dialog.ended || this.#signal.aborted) {
      return Promise.resolve("callEnded");
    }
    return dialog.peerAllows?.includes("REFER") === false
      ? Promise.resolve("notAllowed")
      : this.#refer(dialog, request);
  }

  /** What the peer reports: the status that the target answered with. RFC 3515 "Using the Refer Event Package". */
  onReferStatus(status: number | undefined, isFinal: boolean): void {
    if (isFinal) {
      this.#settle?.(outcomeOf(status));
    }
  }

  #refer(dialog: SipDialog, { to, waitMs, about }: TransferRequest): Promise<TransferOutcome> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      this.#accepted = false;
      const settle = (outcome: TransferOutcome): void => {
        if (this.#settle !== settle) {
          return;
        }
        this.#settle = undefined;
        timer?.cancel();
        this.#signal.removeEventListener("abort", onAbort);
        resolve(outcome);
      };
      const onAbort = (): void => settle("callEnded");
      this.#settle = settle;
      this.#signal.addEventListener("abort", onAbort, { once: true });
      timer = after(this.#clock, waitMs, () => settle("noOutcome"));
      dialog.refer(to, undefined, about).then(
        () => {
          this.#accepted ||= this.#settle === settle;
        },
        () => settle("refused"),
      );
    });
  }
}

function outcomeOf(status: number | undefined): TransferOutcome {
  if (status === undefined || status < 200) {
    return "noOutcome";
  }
  return status < 300 ? "done" : "failed";
}
