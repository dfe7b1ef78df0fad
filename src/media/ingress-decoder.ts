/** From packets in order to frames without holes: decoding, concealment, silence. */
import { Concealer } from "../audio/concealment.ts";
import { decodeG711, encodeG711, type G711Law, SILENCE_BYTE } from "../audio/g711.ts";
import { MAX_PAYLOAD_BYTES } from "../rtp/jitter-buffer.ts";

/** Hears the peer's audio in order, without holes; everything is borrowed during the call. */
export interface IngressSink {
  /**
   * One frame at 8 kHz, decoded and as codes of the leg's law. The codes are the peer's own bytes wherever the packet
   * came, and the encoded concealment where it did not.
   */
  onAudio(frame: Int16Array, sampleCount: number, codes: Uint8Array, codesOffset: number): void;
}

/** For all legs of a thread, so that it stays in the processor's cache: what it holds is used up before the next packet. */
const scratch = new Int16Array(MAX_PAYLOAD_BYTES);
const codesScratch = new Uint8Array(MAX_PAYLOAD_BYTES);

/** Makes frames of G.711 payloads. */
export class IngressDecoder {
  law: G711Law = "pcmu";
  readonly #sink: IngressSink;
  readonly #concealer = new Concealer(8000);
  /** The scratch at the length of the last frame, so that no view is made per frame. */
  #frame: Int16Array = scratch.subarray(0, 160);
  #usualSamples = 160;
  #concealedSamples = 0;
  #silenceSamples = 0;

  constructor(sink: IngressSink) {
    this.#sink = sink;
  }

  /** One packet's payload. */
  onPayload(payload: Uint8Array, offset: number, length: number): void {
    if (length === 0) {
      return;
    }
    this.#usualSamples = length;
    const frame = this.#frameOf(length);
    decodeG711(this.law, payload, offset, length, frame, 0);
    const repaired = this.#concealer.concealing;
    this.#concealer.good(frame);
    if (repaired) {
      encodeG711(this.law, frame, 0, length, codesScratch, 0);
      this.#sink.onAudio(frame, length, codesScratch, 0);
    } else {
      this.#sink.onAudio(frame, length, payload, offset);
    }
  }

  /** So many samples will not come. */
  onLost(samples: number): void {
    this.#concealedSamples += samples;
    for (let left = samples; left > 0; left -= this.#usualSamples) {
      const count = Math.min(left, this.#usualSamples);
      const frame = this.#frameOf(count);
      this.#concealer.conceal(frame);
      encodeG711(this.law, frame, 0, count, codesScratch, 0);
      this.#sink.onAudio(frame, count, codesScratch, 0);
    }
  }

  /** The peer was silent on purpose for so many samples. */
  onSilence(samples: number): void {
    this.#silenceSamples += samples;
    codesScratch.fill(SILENCE_BYTE[this.law]);
    for (let left = samples; left > 0; left -= this.#usualSamples) {
      const count = Math.min(left, this.#usualSamples);
      const frame = this.#frameOf(count);
      frame.fill(0);
      this.#concealer.good(frame);
      this.#sink.onAudio(frame, count, codesScratch, 0);
    }
  }

  describe(): string {
    return `${this.law.toUpperCase()}(decode) -> ${this.#concealer.describe()}`;
  }

  toJSON(): Readonly<Record<string, number>> {
    return {
      concealedMs: this.#concealedSamples / 8,
      silenceFilledMs: this.#silenceSamples / 8,
    };
  }

  #frameOf(samples: number): Int16Array {
    if (this.#frame.length !== samples) {
      this.#frame = scratch.subarray(0, samples);
    }
    return this.#frame;
  }
}
