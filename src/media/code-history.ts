/** The last G.711 codes of a stream, for the concealment of a loss. */
import { decodeG711, type G711Law, SILENCE_BYTE, transcodeG711 } from "../audio/g711.ts";

/** A ring of codes, silent at the beginning. */
export class CodeHistory {
  readonly #ring: Uint8Array;
  #law: G711Law = "pcmu";
  /** Behind the newest code. */
  #end = 0;

  /** @param length in samples. */
  constructor(length: number) {
    this.#ring = new Uint8Array(length).fill(SILENCE_BYTE.pcmu);
  }

  get law(): G711Law {
    return this.#law;
  }

  /** What is held keeps its sound. */
  set law(law: G711Law) {
    transcodeG711(this.#law, law, this.#ring, this.#ring);
    this.#law = law;
  }

  push(codes: Uint8Array, offset: number, count: number): void {
    const ring = this.#ring;
    const length = ring.length;
    let end = this.#end;
    for (let from = offset; from < offset + count; ) {
      const run = Math.min(offset + count - from, length - end);
      for (let i = 0; i < run; i += 1) {
        ring[end + i] = codes[from + i] as number;
      }
      from += run;
      end = end + run === length ? 0 : end + run;
    }
    this.#end = end;
  }

  /** All that is held, oldest sample first, in memory of its own. */
  decode(): Int16Array {
    const length = this.#ring.length;
    const samples = new Int16Array(length);
    const tail = length - this.#end;
    decodeG711(this.#law, this.#ring, this.#end, tail, samples, 0);
    decodeG711(this.#law, this.#ring, 0, this.#end, samples, tail);
    return samples;
  }
}
