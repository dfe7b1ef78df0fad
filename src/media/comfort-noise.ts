/** What is heard while a peer says that it is silent: RFC 3389 Real-time Transport Protocol Payload for Comfort Noise. */
import { encodeG711, type G711Law } from "../audio/g711.ts";

/** RFC 3389 Introduction: the static payload type. */
export const COMFORT_NOISE_PAYLOAD_TYPE = 13;
/** Generated at a time. */
const FRAME_MS = 20;
const FRAME_SAMPLES = FRAME_MS * 8;
/** The least level that can be said, and below it nothing is heard of G.711. */
const QUIETEST_DBOV = 127;
const FULL_SCALE = 32_768;

/** Hears noise: codes of the leg's law, borrowed. */
export type NoiseListener = (codes: Uint8Array, sampleCount: number) => void;

/** For all legs of a thread: what they hold is used up before the next frame. */
const noise = new Int16Array(FRAME_SAMPLES);
const codes = new Uint8Array(FRAME_SAMPLES);

/**
 * Noise at the level that the peer said, in real time from one of its packets to the next, so that whoever waits for the end
 * of speech hears the silence while it lasts.
 */
export class ComfortNoise {
  readonly #listener: NoiseListener;
  #levelDbov = QUIETEST_DBOV;
  #active = false;
  #untilUs = 0;
  /** Noise handed on for which no timestamp has accounted yet. */
  #aheadSamples = 0;
  /** Of a linear congruential generator: noise needs no better one. */
  #state = 1;
  #packets = 0;
  #filledSamples = 0;

  constructor(listener: NoiseListener) {
    this.#listener = listener;
  }

  /** Whether the peer is silent, by its own word. */
  get active(): boolean {
    return this.#active;
  }

  /** Takes a payload; spectral information is not used. */
  onPacket(payload: Uint8Array, offset: number, length: number, nowUs: number): void {
    this.#packets += 1;
    this.#levelDbov = length === 0 ? QUIETEST_DBOV : (payload[offset] as number) & 0x7f;
    if (!this.#active) {
      this.#active = true;
      this.#untilUs = nowUs;
    }
  }

  /** The peer speaks again, or the stream is another one. */
  end(): void {
    this.#active = false;
    this.#aheadSamples = 0;
  }

  /** Fills the time that has passed. */
  onTick(law: G711Law, nowUs: number): void {
    while (this.#active && nowUs - this.#untilUs >= FRAME_MS * 1000) {
      this.#untilUs += FRAME_MS * 1000;
      this.#aheadSamples += FRAME_SAMPLES;
      this.#emit(law, FRAME_SAMPLES);
    }
  }

  /** So many samples of silence lie behind, by the timestamps: what has not been filled yet is filled now. */
  fill(law: G711Law, samples: number): void {
    const known = Math.min(samples, this.#aheadSamples);
    this.#aheadSamples -= known;
    for (let left = samples - known; left > 0; left -= FRAME_SAMPLES) {
      this.#emit(law, Math.min(left, FRAME_SAMPLES));
    }
  }

  toJSON(): Readonly<Record<string, number>> {
    return { comfortNoise: this.#packets, comfortNoiseMs: this.#filledSamples / 8 };
  }

  #emit(law: G711Law, count: number): void {
    // The power of uniform noise is a third of its peak's.
    const peak = FULL_SCALE * 10 ** (-this.#levelDbov / 20) * Math.sqrt(3);
    for (let i = 0; i < count; i += 1) {
      this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) | 0;
      const sample = (peak * this.#state) / 0x8000_0000;
      noise[i] = sample > 32_767 ? 32_767 : sample < -FULL_SCALE ? -FULL_SCALE : sample;
    }
    encodeG711(law, noise, 0, count, codes, 0);
    this.#filledSamples += count;
    this.#listener(codes, count);
  }
}
