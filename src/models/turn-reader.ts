/** Puts words to the caller's turns, where a recogniser is at hand, in the order they were spoken. */
import type { AudioFormat } from "../ports/realtime-model.ts";
import { decodeSpeech, sampleBytes } from "./speech-coding.ts";
import type { SpeechRecogniser } from "./speech-recogniser.ts";
import type { CallerTurn } from "./turn-listener.ts";

/** Hears of a turn that was read, or could not be (`phrase` is `undefined`). */
export type TurnReadListener = (
  turn: CallerTurn,
  phrase: string | undefined,
  overtaken: boolean,
) => void;

/** Without a recogniser, or phrases, every turn is passed on at once and unread. */
export class TurnReader {
  readonly #recogniser: SpeechRecogniser | undefined;
  readonly #format: AudioFormat;
  readonly #onRead: TurnReadListener;
  readonly #abort = new AbortController();
  #serial = 0;
  #turns = 0;
  #readTurns = 0;

  constructor(
    recogniser: SpeechRecogniser | undefined,
    format: AudioFormat,
    onRead: TurnReadListener,
  ) {
    this.#recogniser = recogniser;
    this.#format = format;
    this.#onRead = onRead;
  }

  /** Something newer happened: turns still being read are passed on as overtaken. */
  overtake(): void {
    this.#serial += 1;
  }

  read(turn: CallerTurn, phrases: readonly string[]): void {
    this.#turns += 1;
    this.overtake();
    if (this.#recogniser === undefined || phrases.length === 0) {
      this.#onRead(turn, undefined, false);
      return;
    }
    const serial = this.#serial;
    const { encoding } = this.#format;
    const samples = new Int16Array(turn.bytes.length / sampleBytes(encoding));
    decodeSpeech(encoding, turn.bytes, samples);
    const utterance = { samples, speechMs: turn.speechMs };
    void this.#recogniser.recognise(utterance, phrases, this.#abort.signal).then((phrase) => {
      if (!this.#abort.signal.aborted) {
        this.#readTurns += phrase === undefined ? 0 : 1;
        this.#onRead(turn, phrase, serial !== this.#serial);
      }
    });
  }

  close(): void {
    this.#abort.abort();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { turns: this.#turns, readTurns: this.#readTurns };
  }
}
