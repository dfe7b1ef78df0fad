/** Two channels of audio in time: written anywhere within a bound, taken from the beginning, silent where nothing came. */
import type { RecordingChannel } from "../ports/recording-store.ts";

/** Positions are samples since the recording began. */
export class StereoTimeline {
  readonly #channels: Readonly<Record<RecordingChannel, Int16Array>>;
  readonly #size: number;
  #base = 0;

  /** @param size samples that can be held. */
  constructor(size: number) {
    this.#size = size;
    this.#channels = { left: new Int16Array(size), right: new Int16Array(size) };
  }

  /** The first position that was not taken yet. */
  get base(): number {
    return this.#base;
  }

  /** Mixes samples in; returns how many lie outside of what is held, and are left out. */
  add(channel: RecordingChannel, position: number, samples: Int16Array, count: number): number {
    const target = this.#channels[channel];
    const size = this.#size;
    const first = Math.max(0, this.#base - position);
    const last = Math.min(count, this.#base + size - position);
    let index = (position + first) % size;
    for (let i = first; i < last; i += 1) {
      const sum = (target[index] as number) + (samples[i] as number);
      target[index] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : sum;
      index = index + 1 === size ? 0 : index + 1;
    }
    return last <= first ? count : count - (last - first);
  }

  /** Moves what lies before `end` to `target`, left and right in turn; returns how many samples of each. */
  take(end: number, target: Int16Array): number {
    const count = Math.max(0, Math.min(end - this.#base, this.#size, target.length >> 1));
    const { left, right } = this.#channels;
    let index = this.#base % this.#size;
    for (let i = 0; i < count; i += 1) {
      target[2 * i] = left[index] as number;
      target[2 * i + 1] = right[index] as number;
      left[index] = 0;
      right[index] = 0;
      index = index + 1 === this.#size ? 0 : index + 1;
    }
    this.#base += count;
    return count;
  }
}
