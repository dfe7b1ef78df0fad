/** Rings for a while, or is heard before the answer, answers, and sends the caller's audio back: what an admin needs to test a trunk. */
import { type Clock, sleep } from "../core/clock.ts";
import type { CallLine, CallService } from "./call-service.ts";

/** Rings `ringMs` (0: answers at once), then echoes; as early media it echoes already then. */
export class EchoService implements CallService {
  readonly mode = "echo";
  readonly model = undefined;
  readonly #clock: Clock;
  readonly #ringMs: number;
  readonly #early: boolean;

  constructor(clock: Clock, ringMs: number, early = false) {
    this.#clock = clock;
    this.#ringMs = ringMs;
    this.#early = early;
  }

  async prepare(line: CallLine): Promise<void> {
    await line.execute({ kind: "attachEcho" });
    if (this.#ringMs > 0) {
      if (this.#early) {
        await line.openEarly();
      } else {
        line.ring();
      }
      await sleep(this.#clock, this.#ringMs, line.signal);
    }
  }

  onFact(): void {
    // An echo has nothing to decide.
  }
}
