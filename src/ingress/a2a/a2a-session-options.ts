/** What an A2A session works with. */
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { Random } from "../../core/random.ts";
import type { CallDoor } from "../../ports/call-door.ts";
import type { PcmExchange } from "../../ports/pcm-line.ts";
import type { WantedRates } from "./a2a-init.ts";
import type { A2aHandshake, A2aPeer } from "./a2a-peer.ts";

/** Where the sessions of one key go. */
export interface A2aTarget {
  /** Name of the key, never the key. */
  readonly key: string;
  readonly flow: string;
  readonly model: string | undefined;
}

/** What all sessions of a door share. */
export interface A2aParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly exchange: PcmExchange;
  readonly door: CallDoor;
  readonly rates: WantedRates;
  /** Whether spans hold what was said. */
  readonly spanText: boolean;
}

/** Of one session. */
export interface A2aSessionOptions extends A2aParts {
  readonly peer: A2aPeer;
  readonly handshake: A2aHandshake;
  readonly target: A2aTarget;
  readonly onDropped: (direction: "in" | "out", ms: number) => void;
}
