/** One frame of the peer's audio as the sinks of ingress see it: G.711 codes, and samples for whoever asks. */
import { decodeG711, energyOfG711, type G711Law } from "../audio/g711.ts";
import { levelOfEnergy } from "../audio/level.ts";
import { MAX_PAYLOAD_BYTES } from "../rtp/jitter-buffer.ts";

/**
 * Borrowed: what it holds is another frame's after the call. One serves all legs of a thread, so that its memory stays in
 * the processor's cache.
 */
export class IngressFrame {
  readonly #scratch = new Int16Array(MAX_PAYLOAD_BYTES);
  /** The scratch at the length of the last frame that was decoded, so that no view is made per frame. */
  #samples: Int16Array = this.#scratch;
  #decoded = false;
  #codes: Uint8Array = new Uint8Array(0);
  #codesOffset = 0;
  #sampleCount = 0;
  #law: G711Law = "pcmu";

  /** The frame's codes start at `codesOffset`, one byte a sample. */
  get codes(): Uint8Array {
    return this.#codes;
  }

  get codesOffset(): number {
    return this.#codesOffset;
  }

  /** At 8 kHz. */
  get sampleCount(): number {
    return this.#sampleCount;
  }

  get law(): G711Law {
    return this.#law;
  }

  /** Level in dBFS as `levelDbfs` gives it. */
  get levelDbfs(): number {
    const energy = energyOfG711(this.#law, this.#codes, this.#codesOffset, this.#sampleCount);
    return levelOfEnergy(energy, this.#sampleCount);
  }

  /** The frame decoded, exactly as long as it is; decoded by the first who asks. */
  get samples(): Int16Array {
    if (!this.#decoded) {
      this.#decoded = true;
      const count = this.#sampleCount;
      if (this.#samples.length !== count) {
        this.#samples = this.#scratch.subarray(0, count);
      }
      decodeG711(this.#law, this.#codes, this.#codesOffset, count, this.#samples, 0);
    }
    return this.#samples;
  }

  /** Shows these codes, at most `MAX_PAYLOAD_BYTES`. */
  show(law: G711Law, codes: Uint8Array, codesOffset: number, sampleCount: number): this {
    this.#law = law;
    this.#codes = codes;
    this.#codesOffset = codesOffset;
    this.#sampleCount = sampleCount;
    this.#decoded = false;
    return this;
  }
}
