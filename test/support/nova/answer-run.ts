/** One answer of the Nova Sonic stand-in, from its plan to its last event, paced by a clock. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import type { AudioFormat } from "../../../src/ports/realtime-model.ts";
import { WORD_MS, wordsFrom } from "../numbered-words.ts";
import { speakNotes } from "../openai/voice.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { NovaScript, ScriptedAnswer } from "./script.ts";

const MS_PER_CHARACTER = 60;
const WORDS_PER_PIECE = 5;

/** What an answer needs of its session. */
export interface AnswerRunOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly script: NovaScript;
  readonly format: AudioFormat;
  readonly answer: ScriptedAnswer;
  readonly serial: number;
  /** The first numbered word. */
  readonly firstWord: number;
  readonly emit: (name: string, body: Record<string, unknown>) => void;
  /** Its last audio was sent; tools are the session's matter. */
  readonly onDone: () => void;
  /** The script lets something happen in the middle. */
  readonly onAccident: (answer: ScriptedAnswer) => void;
}

/** What is planned, spoken and confirmed together. */
interface Piece {
  readonly text: string;
  readonly audio: Uint8Array;
  /** Within the answer. */
  readonly startByte: number;
}

/** Plans, speaks and confirms one piece after the other. */
export class AnswerRun {
  readonly #options: AnswerRunOptions;
  readonly #pieces: readonly Piece[];
  readonly #bytesPerMs: number;
  readonly #totalBytes: number;
  #timer: Timer | undefined;
  #pieceIndex = 0;
  #sentBytes = 0;
  #startUs = 0;
  #isPieceOpen = false;
  #over = false;
  #hadAccident = false;

  constructor(options: AnswerRunOptions) {
    this.#options = options;
    this.#bytesPerMs = (options.format.rateHz / 1000) * 2;
    this.#pieces = piecesOf(options);
    this.#totalBytes = this.#pieces.reduce((sum, { audio }) => sum + audio.length, 0);
  }

  /** Audio of this answer that went out. */
  get sentMs(): number {
    return this.#sentBytes / this.#bytesPerMs;
  }

  /** How much of it a listener has heard by now, if it is played as it comes. */
  get heardMs(): number {
    const elapsedMs = (this.#options.clock.nowUs() - this.#startUs) / 1000;
    return this.#startUs === 0 ? 0 : Math.min(this.sentMs, elapsedMs);
  }

  /** The numbered word that a listener who heard this much would expect next. */
  get nextWord(): number {
    return this.#options.firstWord + Math.floor(this.heardMs / WORD_MS);
  }

  /** Whether a listener still hears it. */
  get isHeard(): boolean {
    return !this.#over || this.heardMs < this.sentMs;
  }

  start(): void {
    const { clock, script } = this.#options;
    this.#arm(clock.nowUs() + (script.thinkMs ?? 300) * 1000, () => {
      this.#startUs = clock.nowUs();
      this.#sendDue();
    });
  }

  /** Stops without a word. */
  abandon(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  /** The caller spoke: what is under way ends, and both signals are given, the audio's own end being none of them. */
  interrupt(): void {
    const { script } = this.#options;
    const piece = this.#isPieceOpen ? this.#pieces[this.#pieceIndex] : undefined;
    if (this.#isPieceOpen) {
      this.#emit("contentEnd", { ...this.#audioContent, stopReason: "END_TURN" });
    }
    this.abandon();
    const content = { contentId: this.#id("final"), type: "TEXT", role: "ASSISTANT" };
    this.#emit("contentStart", { ...content, additionalModelFields: stage("FINAL") });
    const heard = piece === undefined ? "" : this.#heardTextOf(piece);
    if (heard !== "") {
      this.#emit("textOutput", { ...content, content: heard });
    }
    const signals = script.interruptionSignals ?? "both";
    if (signals !== "stopReason") {
      this.#emit("textOutput", { ...content, content: '{ "interrupted" : true }' });
    }
    const stopReason = signals === "text" ? "END_TURN" : "INTERRUPTED";
    this.#emit("contentEnd", { ...content, stopReason });
  }

  /** What a listener heard of a piece, in whole words. */
  #heardTextOf({ audio, startByte, text }: Piece): string {
    const share = (this.heardMs * this.#bytesPerMs - startByte) / audio.length;
    const words = text.split(" ");
    return words.slice(0, Math.max(0, Math.floor(share * words.length))).join(" ");
  }

  /** Sends what is due by now, then waits for the next chunk. */
  #sendDue(): void {
    const { answer, clock, random, script } = this.#options;
    const speed = script.speed ?? 4;
    while (!this.#over && this.#sentBytes < this.#totalBytes) {
      const dueUs = this.#startUs + (this.sentMs / speed) * 1000;
      if (dueUs > clock.nowUs()) {
        this.#arm(dueUs + random.fraction() * (script.jitterMs ?? 0) * 1000, () => this.#sendDue());
        return;
      }
      this.#sendChunk();
      const accidentMs = accidentAfterMs(answer);
      if (!this.#hadAccident && accidentMs !== undefined && this.sentMs >= accidentMs) {
        this.#hadAccident = true;
        this.#options.onAccident(answer);
      }
    }
    if (!this.#over) {
      this.abandon();
      this.#options.onDone();
    }
  }

  #sendChunk(): void {
    const { script } = this.#options;
    const piece = this.#pieces[this.#pieceIndex];
    if (piece === undefined) {
      return;
    }
    if (!this.#isPieceOpen) {
      this.#openPiece(piece);
    }
    const chunkBytes = Math.round((script.chunkMs ?? 100) * this.#bytesPerMs);
    const from = this.#sentBytes - piece.startByte;
    const chunk = piece.audio.subarray(from, from + chunkBytes);
    this.#sentBytes += chunk.length;
    const content = Buffer.from(chunk).toString("base64");
    this.#emit("audioOutput", { ...this.#audioContent, content });
    if (this.#sentBytes === piece.startByte + piece.audio.length) {
      this.#closePiece(piece);
    }
  }

  #openPiece(piece: Piece): void {
    const { format, script } = this.#options;
    const planned = { contentId: this.#id("plan"), type: "TEXT", role: "ASSISTANT" };
    this.#emit("contentStart", { ...planned, additionalModelFields: stage("SPECULATIVE") });
    this.#emit("textOutput", { ...planned, content: piece.text });
    this.#emit("contentEnd", { ...planned, stopReason: "PARTIAL_TURN" });
    this.#isPieceOpen = true;
    this.#emit("contentStart", {
      ...this.#audioContent,
      audioOutputConfiguration: {
        mediaType: "audio/lpcm",
        sampleRateHertz: script.claimsRateHz ?? format.rateHz,
        sampleSizeBits: 16,
        channelCount: 1,
        encoding: "base64",
      },
    });
  }

  #closePiece(piece: Piece): void {
    const isLast = this.#pieceIndex === this.#pieces.length - 1;
    const stopReason = isLast ? "END_TURN" : "PARTIAL_TURN";
    this.#emit("contentEnd", { ...this.#audioContent, stopReason });
    const spoken = { contentId: this.#id("final"), type: "TEXT", role: "ASSISTANT" };
    this.#emit("contentStart", { ...spoken, additionalModelFields: stage("FINAL") });
    this.#emit("textOutput", { ...spoken, content: piece.text });
    this.#emit("contentEnd", { ...spoken, stopReason });
    this.#isPieceOpen = false;
    this.#pieceIndex += 1;
  }

  get #audioContent() {
    return { contentId: this.#id("audio"), type: "AUDIO", role: "ASSISTANT" };
  }

  #id(kind: string): string {
    return `${kind}-${this.#options.serial}-${this.#pieceIndex}`;
  }

  #emit(name: string, body: Record<string, unknown>): void {
    this.#options.emit(name, body);
  }

  #arm(dueUs: number, callback: () => void): void {
    const { clock } = this.#options;
    this.#timer?.cancel();
    this.#timer = after(clock, Math.max(0, dueUs - clock.nowUs()) / 1000, callback);
  }
}

function stage(generationStage: "SPECULATIVE" | "FINAL"): string {
  return JSON.stringify({ generationStage });
}

function accidentAfterMs(answer: ScriptedAnswer): number | undefined {
  const { stallsAfterMs, cutsAfterMs, failsAfterMs, interruptsAfterMs } = answer;
  return stallsAfterMs ?? cutsAfterMs ?? failsAfterMs?.ms ?? interruptsAfterMs;
}

function piecesOf(options: AnswerRunOptions): readonly Piece[] {
  const { answer } = options;
  const spoken =
    answer.words === undefined ? sentencesOf(options) : numbersOf(options, answer.words);
  let startByte = 0;
  return spoken.map(({ text, audio }) => {
    const piece = { text, audio, startByte };
    startByte += audio.length;
    return piece;
  });
}

function sentencesOf({ answer, format, serial }: AnswerRunOptions): Omit<Piece, "startByte">[] {
  const text = answer.text ?? "";
  const sentences = text === "" ? [] : text.split(/(?<=[.?!])\s+/);
  const totalMs = answer.durationMs ?? text.length * MS_PER_CHARACTER;
  const characters = sentences.reduce((sum, sentence) => sum + sentence.length, 0);
  return sentences.map((sentence) => {
    const durationMs = Math.round((totalMs * sentence.length) / characters);
    return { text: sentence, audio: speakNotes(format, serial, durationMs) };
  });
}

function numbersOf({ firstWord, format }: AnswerRunOptions, count: number) {
  const pieces: Omit<Piece, "startByte">[] = [];
  for (let done = 0; done < count; done += WORDS_PER_PIECE) {
    const size = Math.min(WORDS_PER_PIECE, count - done);
    const samples = wordsFrom(firstWord + done, size, format.rateHz);
    const text = Array.from({ length: size }, (_, i) => `word ${firstWord + done + i}.`).join(" ");
    pieces.push({ text, audio: new Uint8Array(samples.buffer, 0, samples.byteLength) });
  }
  return pieces;
}
