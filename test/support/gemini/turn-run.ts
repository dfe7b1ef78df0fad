/** One turn of the Gemini stand-in, from its first audio to `turnComplete`, paced by a clock. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import { GEMINI_SPEAKS } from "../../../src/models/gemini-wire.ts";
import { speakNotes } from "../openai/voice.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { GeminiAnswer, GeminiScript } from "./script.ts";

const MS_PER_CHARACTER = 60;
const BYTES_PER_MS = 48;
const MIME_TYPE = "audio/pcm;rate=24000";

/** What a turn needs of its session. */
export interface TurnRunOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly script: GeminiScript;
  readonly answer: GeminiAnswer;
  readonly answerIndex: number;
  readonly serial: number;
  readonly transcribes: boolean;
  readonly emit: (message: Record<string, unknown>) => void;
  /** All was said that there is to say; calls may wait for their results. */
  readonly onSaid: (run: TurnRun) => void;
  readonly onInterrupts: (run: TurnRun) => void;
  readonly close: (code: number, reason: string) => void;
}

/** Audio, transcript and calls of one turn. */
export class TurnRun {
  readonly openCalls = new Map<string, string>();
  readonly #options: TurnRunOptions;
  readonly #audio: Uint8Array;
  #timer: Timer | undefined;
  #sentBytes = 0;
  #sentText = 0;
  #startUs = 0;
  #over = false;

  constructor(options: TurnRunOptions) {
    this.#options = options;
    const { answer, answerIndex } = options;
    const durationMs = answer.durationMs ?? this.text.length * MS_PER_CHARACTER;
    this.#audio = speakNotes(GEMINI_SPEAKS, answerIndex, durationMs);
  }

  get sentMs(): number {
    return this.#sentBytes / BYTES_PER_MS;
  }

  get text(): string {
    return this.#options.answer.text ?? "";
  }

  /** What was said by now. */
  get saidText(): string {
    return this.text.slice(0, this.#sentText);
  }

  start(): void {
    const { clock, script } = this.#options;
    this.#arm(clock.nowUs() + (script.thinkMs ?? 300) * 1000, () => {
      this.#startUs = clock.nowUs();
      this.#sendDue();
    });
  }

  /** Nothing more comes of it. */
  abandon(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  /** Waits until a listener has heard all of it, then is over. */
  playOut(onPlayed: () => void): void {
    const endUs = this.#startUs + this.sentMs * 1000;
    this.#arm(endUs, onPlayed);
  }

  /** Sends what is due by now, then waits for the next piece. */
  #sendDue(): void {
    const { clock, random, script } = this.#options;
    while (!this.#over && this.#sentBytes < this.#audio.length) {
      const dueUs = this.#startUs + (this.sentMs / (script.speed ?? 4)) * 1000;
      if (dueUs > clock.nowUs()) {
        this.#arm(dueUs + random.fraction() * (script.jitterMs ?? 0) * 1000, () => this.#sendDue());
        return;
      }
      this.#sendChunk(Math.round((script.chunkMs ?? 100) * BYTES_PER_MS));
      this.#goWrong();
    }
    if (!this.#over) {
      this.#callFunctions();
      this.#options.onSaid(this);
    }
  }

  #goWrong(): void {
    const { answer, close, onInterrupts } = this.#options;
    const { stallsAfterMs, closesAfterMs, interruptsItselfAfterMs } = answer;
    if (stallsAfterMs !== undefined && this.sentMs >= stallsAfterMs) {
      this.abandon();
    }
    if (closesAfterMs !== undefined && this.sentMs >= closesAfterMs.ms) {
      this.abandon();
      close(closesAfterMs.code, closesAfterMs.reason ?? "");
    }
    if (interruptsItselfAfterMs !== undefined && this.sentMs >= interruptsItselfAfterMs) {
      onInterrupts(this);
    }
  }

  /** As the service does since 3.1: audio and its words may share a message. */
  #sendChunk(chunkBytes: number): void {
    const { emit, transcribes } = this.#options;
    const end = Math.min(this.#sentBytes + chunkBytes, this.#audio.length);
    const data = Buffer.from(this.#audio.subarray(this.#sentBytes, end)).toString("base64");
    const textEnd = Math.round((this.text.length * end) / this.#audio.length);
    const text = this.text.slice(this.#sentText, textEnd);
    const modelTurn = { role: "model", parts: [{ inlineData: { mimeType: MIME_TYPE, data } }] };
    const words = transcribes && text !== "" ? { outputTranscription: { text } } : {};
    emit({ serverContent: { modelTurn, ...words } });
    this.#sentText = textEnd;
    this.#sentBytes = end;
  }

  #callFunctions(): void {
    const { answer, emit, serial } = this.#options;
    const functionCalls = (answer.toolCalls ?? []).map(({ name, args }, index) => {
      const id = `function-call-${serial}-${index}`;
      this.openCalls.set(id, name);
      return { id, name, args };
    });
    if (functionCalls.length > 0) {
      emit({ toolCall: { functionCalls } });
    }
  }

  #arm(dueUs: number, callback: () => void): void {
    const { clock } = this.#options;
    this.#timer?.cancel();
    this.#timer = after(clock, Math.max(0, dueUs - clock.nowUs()) / 1000, callback);
  }
}
