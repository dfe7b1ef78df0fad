/** Notices a connection that is dead without having been closed, and a model that was asked and stays silent. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { ModelFailure } from "../ports/realtime-model.ts";

/** The peer is looked after this often. */
const PERIOD_MS = 5000;
/** Periods without a sign of life, or without an event while one is due, after which the session is given up. */
const PATIENCE = 3;

/** What is watched, and who hears of it. */
export interface LivenessOptions {
  readonly clock: Clock;
  /** Whether the model owes an event. */
  readonly isEventDue: () => boolean;
  readonly ping: () => void;
  readonly onDead: (failure: ModelFailure) => void;
}

/** One timer per session; a sign of life costs one assignment. */
export class ModelLiveness {
  readonly #options: LivenessOptions;
  #timer: Timer | undefined;
  #silentPeriods = 0;
  #stuckPeriods = 0;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  start(): void {
    this.#arm();
  }

  /** A message of the model came. */
  onEvent(): void {
    this.#silentPeriods = 0;
    this.#stuckPeriods = 0;
  }

  /** The peer's network stack answered. */
  onPong(): void {
    this.#silentPeriods = 0;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = after(this.#options.clock, PERIOD_MS, () => this.#look());
  }

  #look(): void {
    const { isEventDue, onDead, ping } = this.#options;
    this.#silentPeriods += 1;
    this.#stuckPeriods = isEventDue() ? this.#stuckPeriods + 1 : 0;
    if (this.#silentPeriods > PATIENCE) {
      onDead(lost("the connection is dead"));
      return;
    }
    if (this.#stuckPeriods > PATIENCE) {
      onDead(lost("the model does not answer"));
      return;
    }
    ping();
    this.#arm();
  }
}

function lost(what: string): ModelFailure {
  const seconds = ((PATIENCE + 1) * PERIOD_MS) / 1000;
  return { code: "MODEL_LOST", reason: `${what}: nothing came for ${seconds} s` };
}
