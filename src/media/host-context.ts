/** What all legs of a host share. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { LocalVoice } from "../ports/local-voice.ts";
import type { MediaAnchor } from "../ports/media-anchor.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { RealtimeModel } from "../ports/realtime-model.ts";
import type { RecordingInputs } from "../ports/recording-store.ts";
import type { BlockPool } from "./byte-fifo.ts";
import type { HostTotals } from "./host-totals.ts";
import type { MediaClock } from "./media-clock.ts";

/** Made once per host. */
export interface HostContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly anchors: MediaAnchor;
  readonly models: ReadonlyMap<string, RealtimeModel>;
  /** The machine's own voice; `undefined`: it has none. */
  readonly voice: LocalVoice | undefined;
  /** `undefined`: nothing is recorded. */
  readonly recordings: RecordingInputs | undefined;
  readonly mediaTimeoutMs: number | undefined;
  readonly uplinkBatchMs: number | undefined;
  readonly mediaClock: MediaClock;
  readonly pool: BlockPool;
  readonly totals: HostTotals;
  readonly report: (fact: MediaFact) => void;
}
