/** Words of the gateway itself, in the middle of a conversation. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { CallLine } from "./call-service.ts";

/** Words that are not heard by then are not waited for. */
const HEARD_WITHIN_MS = 20_000;

/** One call's. Words that this machine cannot say are left out. */
export class OwnVoice {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be told every fact of the leg. */
  onFact(fact: MediaFact): void {
    if (fact.kind === "turnPlayed") {
      for (const onPlayed of [...this.#waiting]) {
        onPlayed();
      }
    }
  }

  /** Resolves when the words are on their way to the caller; never rejects. */
  async speak(line: CallLine, text: string): Promise<void> {
    await line.execute({ kind: "say", text }).catch(() => undefined);
  }

  /** Resolves when the words were heard, were spoken over, or take too long; never rejects. */
  async speakOut(line: CallLine, text: string): Promise<void> {
    const heard = this.#untilPlayed(line.signal);
    await this.speak(line, text);
    await heard;
    await this.finish(line);
  }

  /** Resolves when all that waits to be heard was; never rejects. */
  async finish(line: CallLine): Promise<void> {
    const deadlineMs = HEARD_WITHIN_MS;
    await line.execute({ kind: "drainPlayout", deadlineMs }).catch(() => undefined);
  }

  #untilPlayed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const settle = (): void => {
        this.#waiting.delete(settle);
        timer?.cancel();
        signal.removeEventListener("abort", settle);
        resolve();
      };
      this.#waiting.add(settle);
      signal.addEventListener("abort", settle, { once: true });
      timer = after(this.#clock, HEARD_WITHIN_MS, settle);
      if (signal.aborted) {
        settle();
      }
    });
  }
}
