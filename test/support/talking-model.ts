/**
 * A model that hears numbered words and answers in numbered words, on virtual time: it finds the caller's turns in the audio,
 * says which numbers it heard, and counts on from where its history ends.
 */

import { EnergyVad } from "../../src/audio/energy-vad.ts";
import { decodeG711, encodeG711 } from "../../src/audio/g711.ts";
import { after, type Clock } from "../../src/core/clock.ts";
import type {
  ModelSession,
  ModelSessionOptions,
  ModelSink,
} from "../../src/ports/realtime-model.ts";
import { FakeModel, type FakeModelOptions } from "./fake-model.ts";
import { WORD_COUNT, WORD_MS, wordsFrom, wordsIn } from "./numbered-words.ts";

/** How it talks. */
export interface TalkingModelOptions extends FakeModelOptions {
  /** Words in an answer. */
  readonly answerWords: number;
  /** From the end of the caller's turn to the answer's first audio. */
  readonly thinkMs: number;
  /** Audio comes so many times faster than it is played. */
  readonly speed: number;
}

const ENDPOINT_MS = 500;
const CHUNK_MS = 200;

/** Takes and gives µ-law. */
export class TalkingModel extends FakeModel {
  readonly #talking: TalkingModelOptions;
  /** The numbers that its sessions heard, in the order in which turns ended. */
  readonly heard: number[] = [];

  constructor(options: TalkingModelOptions) {
    super(options);
    this.#talking = options;
  }

  override open(options: ModelSessionOptions, sink: ModelSink): ModelSession {
    const session = super.open(options, sink);
    const talker = new Talker(this.#talking, options, sink, this.heard);
    const push = session.pushAudio.bind(session);
    session.pushAudio = (bytes) => {
      push(bytes);
      talker.hear(bytes);
    };
    const close = session.close.bind(session);
    session.close = () => {
      talker.close();
      close();
    };
    return session;
  }
}

class Talker {
  readonly #clock: Clock;
  readonly #options: TalkingModelOptions;
  readonly #sink: ModelSink;
  readonly #heard: number[];
  readonly #vad = new EnergyVad({ frameMs: 20, hangoverMs: ENDPOINT_MS });
  readonly #codes: number[] = [];
  #position = 0;
  #turnStart = 0;
  #next: number;
  #turns = 0;
  #closed = false;

  constructor(
    options: TalkingModelOptions,
    session: ModelSessionOptions,
    sink: ModelSink,
    heard: number[],
  ) {
    this.#options = options;
    this.#clock = options.clock;
    this.#sink = sink;
    this.#heard = heard;
    const last = session.history?.findLast(({ speaker }) => speaker === "model")?.text;
    const number = last?.split(" ").at(-1);
    this.#next = number === undefined ? 0 : (Number(number) + 1) % WORD_COUNT;
  }

  close(): void {
    this.#closed = true;
  }

  hear(bytes: Uint8Array): void {
    for (const code of bytes) {
      this.#codes.push(code);
    }
    while (this.#codes.length - this.#position >= 160) {
      this.#frame(this.#pcm(this.#position, this.#position + 160));
      this.#position += 160;
    }
  }

  #frame(samples: Int16Array): void {
    const change = this.#vad.push(samples, samples.length);
    if (change === "started") {
      this.#turnStart = Math.max(0, this.#position - 800);
      this.#sink.onSpeechStarted();
    } else if (change === "stopped") {
      this.#onTurn();
    }
  }

  #onTurn(): void {
    this.#turns += 1;
    const item = `turn-${this.#turns}`;
    const numbers = wordsIn(this.#pcm(this.#turnStart, this.#position)).map((word) => word.number);
    this.#sink.onSpeechStopped();
    after(this.#clock, this.#options.thinkMs, () => {
      if (!this.#closed) {
        this.#heard.push(...numbers);
        this.#sink.onTranscript("caller", numbers.join(" "), `ask-${item}`, true);
        this.#answer(item);
      }
    });
  }

  #answer(item: string): void {
    const { answerWords, speed } = this.#options;
    const first = this.#next;
    this.#next = (first + answerWords) % WORD_COUNT;
    const pcm = wordsFrom(first, answerWords);
    const codes = new Uint8Array(pcm.length);
    encodeG711("pcmu", pcm, 0, pcm.length, codes, 0);
    const numbers = Array.from({ length: answerWords }, (_, i) => (first + i) % WORD_COUNT);
    const chunks = (answerWords * WORD_MS) / CHUNK_MS;
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      after(this.#clock, (chunk * CHUNK_MS) / speed, () => {
        if (this.#closed) {
          return;
        }
        this.#sink.onAudio(codes.subarray(chunk * CHUNK_MS * 8, (chunk + 1) * CHUNK_MS * 8), item);
        if (chunk === chunks - 1) {
          this.#sink.onTranscript("model", numbers.join(" "), item, true);
          this.#sink.onAudioDone(item);
        }
      });
    }
  }

  #pcm(from: number, to: number): Int16Array {
    const codes = Uint8Array.from(this.#codes.slice(from, to));
    const pcm = new Int16Array(codes.length);
    decodeG711("pcmu", codes, 0, codes.length, pcm, 0);
    return pcm;
  }
}
