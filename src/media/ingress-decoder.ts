/** From packets in order to frames without holes: concealment, silence. */
import { Concealer, HISTORY_MS } from "../audio/concealment.ts";
import { encodeG711, type G711Law, SILENCE_BYTE } from "../audio/g711.ts";
import { MAX_PAYLOAD_BYTES } from "../rtp/jitter-buffer.ts";
import { CodeHistory } from "./code-history.ts";
import { IngressFrame } from "./ingress-frame.ts";

/** Hears the peer's audio in order, without holes. */
export interface IngressSink {
  /** The codes are the peer's own bytes wherever the packet came, and the encoded concealment where it did not. */
  onAudio(frame: IngressFrame): void;
}

const SAMPLES_PER_MS = 8;

/** For all legs of a thread: what they hold is used up before the next packet. */
const frame = new IngressFrame();
const codesScratch = new Uint8Array(MAX_PAYLOAD_BYTES);

/** Makes frames of G.711 payloads. */
export class IngressDecoder {
  readonly #sink: IngressSink;
  readonly #history = new CodeHistory(HISTORY_MS * SAMPLES_PER_MS);
  /** Made by the first loss: most streams have none. */
  #concealer: Concealer | undefined;
  #usualSamples = 160;
  #concealedSamples = 0;
  #silenceSamples = 0;

  constructor(sink: IngressSink) {
    this.#sink = sink;
  }

  get law(): G711Law {
    return this.#history.law;
  }

  set law(law: G711Law) {
    this.#history.law = law;
  }

  /** One packet's payload. */
  onPayload(payload: Uint8Array, offset: number, length: number): void {
    if (length > 0) {
      this.#usualSamples = length;
      this.#deliver(payload, offset, length);
    }
  }

  /** So many samples will not come. */
  onLost(samples: number): void {
    this.#concealedSamples += samples;
    this.#concealer ??= new Concealer(8000);
    if (!this.#concealer.concealing) {
      this.#concealer.good(this.#history.decode());
    }
    for (let left = samples; left > 0; left -= this.#usualSamples) {
      const concealed = new Int16Array(Math.min(left, this.#usualSamples));
      this.#concealer.conceal(concealed);
      this.#deliverSamples(concealed);
    }
  }

  /** The peer was silent on purpose for so many samples. */
  onSilence(samples: number): void {
    this.#silenceSamples += samples;
    for (let left = samples; left > 0; left -= this.#usualSamples) {
      codesScratch.fill(SILENCE_BYTE[this.law]);
      this.#deliver(codesScratch, 0, Math.min(left, this.#usualSamples));
    }
  }

  /** Noise that the peer asked for in place of its silence. */
  onNoise(codes: Uint8Array, sampleCount: number): void {
    this.#deliver(codes, 0, sampleCount);
  }

  describe(): string {
    return `${this.law.toUpperCase()}(decode) -> Conceal`;
  }

  toJSON(): Readonly<Record<string, number>> {
    return {
      concealedMs: this.#concealedSamples / SAMPLES_PER_MS,
      silenceFilledMs: this.#silenceSamples / SAMPLES_PER_MS,
    };
  }

  /** The first frame after a loss fades in from what concealed it. */
  #deliver(codes: Uint8Array, offset: number, count: number): void {
    frame.show(this.law, codes, offset, count);
    if (this.#concealer?.concealing === true) {
      const { samples } = frame;
      this.#concealer.good(samples);
      this.#deliverSamples(samples);
      return;
    }
    this.#history.push(codes, offset, count);
    this.#sink.onAudio(frame);
  }

  #deliverSamples(samples: Int16Array): void {
    const count = samples.length;
    encodeG711(this.law, samples, 0, count, codesScratch, 0);
    this.#history.push(codesScratch, 0, count);
    this.#sink.onAudio(frame.show(this.law, codesScratch, 0, count));
  }
}
