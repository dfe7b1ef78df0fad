/** Rings for a while, answers, and sends the caller's audio back: what an admin needs to test a trunk. */
import { type Clock, sleep } from "../core/clock.ts";
import type { CallLine, CallService } from "./call-service.ts";

/** Rings `ringMs` (0: answers at once), then echoes. */
export class EchoService implements CallService {
  readonly mode = "echo";
  readonly model = undefined;
  readonly #clock: Clock;
  readonly #ringMs: number;

  constructor(clock: Clock, ringMs: number) {
    this.#clock = clock;
    this.#ringMs = ringMs;
  }

  async prepare(line: CallLine): Promise<void> {
    await line.execute({ kind: "attachEcho" });
    if (this.#ringMs > 0) {
      line.ring();
      await sleep(this.#clock, this.#ringMs, line.signal);
    }
  }

  onFact(): void {
    // An echo has nothing to decide.
  }
}
