/**
 * Which of the caller's turns are answered. One that begins while an answer is heard waits for the engine's verdict:
 * an interruption is answered, a cough or our own echo is not.
 */
import { after, type Clock, type Timer } from "../core/clock.ts";

/** A turn that nobody judged for so long was one. */
const VERDICT_TIMEOUT_MS = 1000;

/** What the floor needs to know, and who hears what it decides. */
export interface FloorOptions {
  readonly clock: Clock;
  /** Whether the caller hears an answer, so that the engine owes a verdict. */
  readonly isAnswerHeard: () => boolean;
  /** The caller's turn wants an answer. */
  readonly onTurn: () => void;
  /** What the caller said was no turn. */
  readonly onNoTurn: (itemId: string) => void;
  /** No verdict came; `onTurn` follows. */
  readonly onUndecided: () => void;
}

/** The caller's turns of one session. */
export class CallerFloor {
  readonly #options: FloorOptions;
  #verdict: "none" | "turn" | "noTurn" = "none";
  /** Turns that are over and wait for the verdict. */
  readonly #waiting: string[] = [];
  #timer: Timer | undefined;
  #dismissed = 0;
  #undecided = 0;

  constructor(options: FloorOptions) {
    this.#options = options;
  }

  /** The caller began to speak: what was judged before is over. */
  onSpeechStarted(): void {
    this.#verdict = "none";
  }

  /** The engine: it is an interruption. */
  onInterrupted(): void {
    this.#verdict = "turn";
    if (this.#waiting.length > 0) {
      this.#forget();
      this.#options.onTurn();
    }
  }

  /** The engine: it is none. */
  onDismissed(): void {
    this.#verdict = "noTurn";
    for (const itemId of this.#forget()) {
      this.#drop(itemId);
    }
  }

  /** The caller's turn is over, and part of the conversation as `itemId`. */
  onCommitted(itemId: string): void {
    if (this.#verdict === "noTurn") {
      this.#drop(itemId);
    } else if (this.#verdict === "turn" || !this.#options.isAnswerHeard()) {
      this.#options.onTurn();
    } else {
      this.#waiting.push(itemId);
      this.#timer ??= after(this.#options.clock, VERDICT_TIMEOUT_MS, () => this.#onTimeout());
    }
  }

  /** An answer was heard to its end: where it was the last, nothing is left to be interrupted. */
  onHeardOut(): void {
    if (this.#waiting.length > 0 && !this.#options.isAnswerHeard()) {
      this.#forget();
      this.#options.onTurn();
    }
  }

  stop(): void {
    this.#forget();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      waitingTurns: this.#waiting.length,
      dismissedTurns: this.#dismissed,
      undecidedTurns: this.#undecided,
    };
  }

  #onTimeout(): void {
    this.#undecided += 1;
    this.#forget();
    this.#options.onUndecided();
    this.#options.onTurn();
  }

  #drop(itemId: string): void {
    this.#dismissed += 1;
    this.#options.onNoTurn(itemId);
  }

  #forget(): readonly string[] {
    this.#timer?.cancel();
    this.#timer = undefined;
    return this.#waiting.splice(0);
  }
}
