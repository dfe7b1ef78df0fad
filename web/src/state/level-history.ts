/** The last levels of each stream, for the waveform: outside of the views' state, since they come many times a second. */
import type { AssistEvent } from "../../../src/ports/assist-events.ts";

type Level = Extract<AssistEvent, { readonly kind: "level" }>;

/** Values that are kept of each stream: 12 s of ten a second. */
export const KEPT_LEVELS = 120;
const MAX_STREAMS = 32;
const QUIETEST_DBFS = -60;
const LOUDEST_DBFS = -10;

/** Tells whoever draws that there is something new. */
export class LevelHistory {
  readonly #levels = new Map<string, number[]>();
  readonly #watchers = new Set<(participantId: string) => void>();

  add({ participantId, levelsDbfs }: Level): void {
    const known = this.#levels.get(participantId);
    if (known === undefined && this.#levels.size >= MAX_STREAMS) {
      return;
    }
    this.#levels.set(
      participantId,
      [...(known ?? []), ...levelsDbfs.slice(-KEPT_LEVELS)].slice(-KEPT_LEVELS),
    );
    for (const watcher of this.#watchers) {
      watcher(participantId);
    }
  }

  /** Oldest first, at most {@link KEPT_LEVELS}. */
  of(participantId: string): readonly number[] {
    return this.#levels.get(participantId) ?? [];
  }

  /** The returned function ends it. */
  watch(watcher: (participantId: string) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  clear(): void {
    this.#levels.clear();
  }
}

/** 0 for silence … 1 for as loud as speech gets. */
export function loudness(levelDbfs: number): number {
  const share = (levelDbfs - QUIETEST_DBFS) / (LOUDEST_DBFS - QUIETEST_DBFS);
  return Math.min(1, Math.max(0, share));
}
