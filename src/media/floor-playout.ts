/** What the floor can do with the answers of models. */
import type { PlayoutItem } from "./playout-item.ts";

/** What the floor takes from the model: the answers that are heard or wait to be. */
export interface FloorPlayout {
  /** Whether an answer is queued, playing, or announced to go on. */
  readonly busy: boolean;
  /** The answer that is heard, or will be next. */
  readonly itemId: string | undefined;
  /** What is left of complete answers; `undefined` when more is announced. */
  readonly endsInMs: number | undefined;
  /** Silence from the next packet on; nothing is lost. */
  pause(): void;
  /** Goes on where it was paused. */
  resume(): void;
  /** Silence from the next packet on; tells the model of each answer how much of it was heard. The one being heard is first. */
  cut(): readonly PlayoutItem[];
  /** Puts what was heard of a cut answer into the record. */
  reportCut(item: PlayoutItem): void;
}
