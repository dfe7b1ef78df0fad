/** Whether the peer of a session is still there: asks it now and then, and waits so long for a sign. */
import { after, type Clock, type Timer } from "../../core/clock.ts";

const HEARTBEAT_MS = 15_000;
const SILENT_MS = 45_000;

/** Who is asked, and who hears that nobody answers. */
export interface A2aLivenessOptions {
  readonly clock: Clock;
  readonly ping: () => void;
  readonly onSilent: () => void;
}

/** From `start` to `close`. */
export class A2aLiveness {
  readonly #options: A2aLivenessOptions;
  #heardAtUs = 0;
  #timer: Timer | undefined;

  constructor(options: A2aLivenessOptions) {
    this.#options = options;
  }

  start(): void {
    this.heard();
    this.#arm();
  }

  /** A sign of the peer. */
  heard(): void {
    this.#heardAtUs = this.#options.clock.nowUs();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    const { clock, ping, onSilent } = this.#options;
    this.#timer = after(clock, HEARTBEAT_MS, () => {
      if (clock.nowUs() - this.#heardAtUs >= SILENT_MS * 1000) {
        onSilent();
      } else {
        ping();
        this.#arm();
      }
    });
  }
}
