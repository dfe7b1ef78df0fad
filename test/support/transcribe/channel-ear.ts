/** One channel as the Transcribe stand-in hears it: utterances by loudness, their words by the tones of numbers. */
import { levelDbfs } from "../../../src/audio/signal.ts";
import { wordsIn } from "../numbered-words.ts";

const FRAME_SAMPLES = 160;
const LOUD_DBFS = -45;
/** An utterance is over after so much silence. */
const PAUSE_MS = 400;
/** A partial version is told this often. */
const PARTIAL_MS = 400;

/** Times are milliseconds of the stream's audio. */
export interface EarUtterance {
  /** From 0. */
  readonly ordinal: number;
  readonly text: string;
  readonly final: boolean;
  readonly startMs: number;
  readonly endMs: number;
}

/** Hears PCM16 at 8 kHz. */
export class ChannelEar {
  readonly #samples: number[] = [];
  readonly #tell: (utterance: EarUtterance) => void;
  readonly #endsAtSample: number;
  #examined = 0;
  #startMs: number | undefined;
  #endMs = 0;
  #toldMs = 0;
  #ordinal = 0;

  /** @param endsAtSample a sample as loud as this is the last one of its utterance: no pause is waited for. */
  constructor(tell: (utterance: EarUtterance) => void, endsAtSample = Number.POSITIVE_INFINITY) {
    this.#tell = tell;
    this.#endsAtSample = endsAtSample;
  }

  /** All audio so far. */
  get samples(): Int16Array {
    return Int16Array.from(this.#samples);
  }

  push(sample: number): void {
    this.#samples.push(sample);
    if (sample >= this.#endsAtSample) {
      this.#endMs = this.#samples.length / 8;
      this.#examined = this.#samples.length;
      this.#tellOf(true);
    } else if (this.#samples.length - this.#examined === FRAME_SAMPLES) {
      this.#examine();
    }
  }

  /** No more audio comes. */
  finish(): void {
    this.#tellOf(true);
  }

  #examine(): void {
    const frame = Int16Array.from(this.#samples.slice(this.#examined));
    const startMs = this.#examined / 8;
    this.#examined += FRAME_SAMPLES;
    if (levelDbfs(frame, frame.length) > LOUD_DBFS) {
      this.#startMs ??= startMs;
      this.#endMs = this.#examined / 8;
      if (this.#endMs - Math.max(this.#toldMs, this.#startMs) >= PARTIAL_MS) {
        this.#tellOf(false);
      }
    } else if (startMs - this.#endMs >= PAUSE_MS) {
      this.#tellOf(true);
    }
  }

  #tellOf(final: boolean): void {
    const startMs = this.#startMs;
    if (startMs === undefined) {
      return;
    }
    const endMs = this.#endMs;
    this.#toldMs = endMs;
    const said = Int16Array.from(this.#samples.slice(startMs * 8, endMs * 8));
    const words = wordsIn(said).map(({ number }) => `word ${number}`);
    const text = words.length > 0 ? words.join(" ") : `a sound of ${endMs - startMs} ms`;
    this.#tell({ ordinal: this.#ordinal, text, final, startMs, endMs });
    if (final) {
      this.#ordinal += 1;
      this.#startMs = undefined;
    }
  }
}
