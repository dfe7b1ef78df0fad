/** Audio that no model speaks: an operator's words, an injected file, a filler. */
import { encodeG711, type G711Law } from "../audio/g711.ts";
import type { PlayoutItem, PlayoutListener } from "./playout-item.ts";

/** The most that waits to be played. */
export const CLIPS_MAX_MS = 300_000;
const SAMPLES_PER_MS = 8;

/** What is played. */
export interface Clip {
  readonly itemId: string;
  /** PCM16 at 8 kHz; not to be changed while it waits. */
  readonly samples: Int16Array;
  /** Hears when it begins and ends on the wire. */
  readonly listener: PlayoutListener;
}

interface Playing extends Clip {
  position: number;
  started: boolean;
}

/** Plays clips one after the other, each to its end. */
export class ClipPlayer {
  readonly #queue: Playing[] = [];
  /** Played to their end with the last `fill`. */
  readonly #ended: Playing[] = [];
  #waitingSamples = 0;
  #refused = 0;

  get busy(): boolean {
    return this.#queue.length > 0;
  }

  /** `false` when too much waits already: nothing of it is played. */
  play(clip: Clip): boolean {
    if (this.#waitingSamples + clip.samples.length > CLIPS_MAX_MS * SAMPLES_PER_MS) {
      this.#refused += 1;
      return false;
    }
    this.#waitingSamples += clip.samples.length;
    this.#queue.push({ ...clip, position: 0, started: false });
    return true;
  }

  /** Writes up to `sampleCount` codes to `target` and returns how many. */
  fill(law: G711Law, target: Uint8Array, offset: number, sampleCount: number): number {
    let filled = 0;
    while (filled < sampleCount) {
      const clip = this.#queue[0];
      if (clip === undefined) {
        break;
      }
      const count = Math.min(sampleCount - filled, clip.samples.length - clip.position);
      const piece = clip.samples.subarray(clip.position, clip.position + count);
      encodeG711(law, piece, 0, count, target, offset + filled);
      clip.position += count;
      filled += count;
      if (clip.position === clip.samples.length) {
        this.#ended.push(clip);
        this.#queue.shift();
      }
    }
    this.#waitingSamples -= filled;
    return filled;
  }

  /** Reports clips that began or ended with the last `fill`. Call it when the packet was sent. */
  settle(): void {
    if (this.#ended.length > 0) {
      this.#reportEnds();
    }
    const playing = this.#queue[0];
    if (playing !== undefined && playing.position > 0) {
      this.#reportStart(playing);
    }
  }

  /** Drops everything; the one being heard is first. */
  clear(): readonly PlayoutItem[] {
    this.#waitingSamples = 0;
    return this.#queue.splice(0).map(summary);
  }

  toJSON(): Readonly<Record<string, number>> {
    return {
      clips: this.#queue.length,
      waitingMs: this.#waitingSamples / SAMPLES_PER_MS,
      refusedClips: this.#refused,
    };
  }

  #reportEnds(): void {
    for (const clip of this.#ended.splice(0)) {
      this.#reportStart(clip);
      clip.listener.onItemPlayed(summary(clip));
    }
  }

  #reportStart(clip: Playing): void {
    if (!clip.started) {
      clip.started = true;
      clip.listener.onItemStarted(clip.itemId);
    }
  }
}

function summary(clip: Playing): PlayoutItem {
  return {
    itemId: clip.itemId,
    playedMs: clip.position / SAMPLES_PER_MS,
    unheardMs: (clip.samples.length - clip.position) / SAMPLES_PER_MS,
  };
}
