/** One response of the OpenAI stand-in, from `response.created` to `response.done`, paced by a clock. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import type { AudioFormat } from "../../../src/ports/realtime-model.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { OpenAiScript, ScriptedAnswer } from "./script.ts";
import { speakNotes, speakWav } from "./voice.ts";

const MS_PER_CHARACTER = 60;

/** What a response needs of its session. */
export interface ResponseRunOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly script: OpenAiScript;
  readonly format: AudioFormat;
  readonly answer: ScriptedAnswer;
  readonly answerIndex: number;
  readonly serial: number;
  readonly emit: (event: Record<string, unknown>) => void;
  /** The script has the service hear the caller in the middle of the answer. */
  readonly onCallerHeard: () => void;
  readonly onDone: (run: ResponseRun) => void;
  readonly closeSocket: (code: number) => void;
}

/** How a response ends. */
export interface ResponseEnd {
  readonly status: "completed" | "cancelled" | "failed" | "incomplete";
  readonly details?: Record<string, unknown>;
}

/** Audio, transcript and calls of one answer. */
export class ResponseRun {
  readonly responseId: string;
  readonly itemId: string;
  readonly callIds: string[] = [];
  readonly #options: ResponseRunOptions;
  readonly #audio: Uint8Array;
  readonly #bytesPerMs: number;
  #timer: Timer | undefined;
  #sentBytes = 0;
  #sentText = 0;
  #startUs = 0;
  #begun = false;
  #heardCaller = false;
  #over = false;

  constructor(options: ResponseRunOptions) {
    this.#options = options;
    this.responseId = `resp_${options.serial}`;
    this.itemId = `item_answer_${options.serial}`;
    const { format, answer, answerIndex } = options;
    this.#bytesPerMs = (format.rateHz / 1000) * (format.encoding === "pcm16" ? 2 : 1);
    const text = answer.text ?? "";
    const durationMs = answer.durationMs ?? text.length * MS_PER_CHARACTER;
    this.#audio =
      answer.wavPath === undefined
        ? speakNotes(format, answerIndex, durationMs)
        : speakWav(format, answer.wavPath);
  }

  /** Audio of this answer that went out. */
  get sentMs(): number {
    return this.#sentBytes / this.#bytesPerMs;
  }

  get text(): string {
    return this.#options.answer.text ?? "";
  }

  start(): void {
    const { answer, clock, emit, script } = this.#options;
    emit({
      type: "response.created",
      response: { id: this.responseId, object: "realtime.response", status: "in_progress" },
    });
    const { ends } = answer;
    this.#arm(clock.nowUs() + (script.thinkMs ?? 300) * 1000, () => {
      if (ends?.status === "failed") {
        const error = { type: ends.type, code: ends.code ?? null };
        this.end({ status: "failed", details: { type: "failed", error } });
      } else if (ends?.status === "incomplete") {
        this.end({ status: "incomplete", details: { type: "incomplete", reason: ends.reason } });
      } else {
        this.#speak();
      }
    });
  }

  /** Stops it here, as `interrupt_response` and `response.cancel` do. */
  cancel(reason: "turn_detected" | "client_cancelled"): void {
    if (!this.#over) {
      this.end({ status: "cancelled", details: { type: "cancelled", reason } });
    }
  }

  /** Stops without a word: the session is over. */
  abandon(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  end(end: ResponseEnd): void {
    const { emit, onDone } = this.#options;
    this.abandon();
    const whole = end.status === "completed";
    if (this.#begun) {
      const part = { response_id: this.responseId, item_id: this.itemId, output_index: 0 };
      const transcript = this.text.slice(0, this.#sentText);
      emit({ type: "response.output_audio.done", ...part, content_index: 0 });
      emit({
        type: "response.output_audio_transcript.done",
        ...part,
        content_index: 0,
        transcript,
      });
      emit({ type: "response.output_item.done", ...part, item: this.#messageItem(whole) });
    }
    const calls = whole ? this.#callFunctions() : [];
    const output = [...(this.#begun ? [this.#messageItem(whole)] : []), ...calls];
    emit({
      type: "response.done",
      response: {
        id: this.responseId,
        object: "realtime.response",
        status: end.status,
        status_details: end.details ?? null,
        output,
        usage: this.#usage(),
      },
    });
    emit({ type: "rate_limits.updated", rate_limits: [] });
    onDone(this);
  }

  #speak(): void {
    const { clock, emit } = this.#options;
    if (this.#audio.length === 0) {
      this.end({ status: "completed" });
      return;
    }
    const part = { response_id: this.responseId, output_index: 0 };
    emit({ type: "response.output_item.added", ...part, item: this.#messageItem(false) });
    emit({ type: "conversation.item.added", item: this.#messageItem(false) });
    this.#begun = true;
    this.#startUs = clock.nowUs();
    this.#sendDue();
  }

  /** Sends what is due by now, then waits for the next piece. */
  #sendDue(): void {
    const { answer, clock, closeSocket, random, script } = this.#options;
    const chunkMs = script.chunkMs ?? 100;
    const speed = script.speed ?? 4;
    while (!this.#over && this.#sentBytes < this.#audio.length) {
      const dueUs = this.#startUs + (this.sentMs / speed) * 1000;
      if (dueUs > clock.nowUs()) {
        this.#arm(dueUs + random.fraction() * (script.jitterMs ?? 0) * 1000, () => this.#sendDue());
        return;
      }
      this.#sendChunk(Math.round(chunkMs * this.#bytesPerMs));
      if (!this.#heardCaller && this.sentMs >= (answer.hearsCallerAfterMs ?? Infinity)) {
        this.#heardCaller = true;
        this.#options.onCallerHeard();
      }
      if (answer.stallsAfterMs !== undefined && this.sentMs >= answer.stallsAfterMs) {
        this.abandon();
      }
      if (answer.closesAfterMs !== undefined && this.sentMs >= answer.closesAfterMs.ms) {
        this.abandon();
        closeSocket(answer.closesAfterMs.code);
      }
    }
    if (!this.#over) {
      this.end({ status: "completed" });
    }
  }

  #sendChunk(chunkBytes: number): void {
    const { emit } = this.#options;
    const end = Math.min(this.#sentBytes + chunkBytes, this.#audio.length);
    const part = {
      response_id: this.responseId,
      item_id: this.itemId,
      output_index: 0,
      content_index: 0,
    };
    const textEnd = Math.round((this.text.length * end) / this.#audio.length);
    if (textEnd > this.#sentText) {
      const delta = this.text.slice(this.#sentText, textEnd);
      emit({ type: "response.output_audio_transcript.delta", ...part, delta });
      this.#sentText = textEnd;
    }
    const delta = Buffer.from(this.#audio.subarray(this.#sentBytes, end)).toString("base64");
    emit({ type: "response.output_audio.delta", ...part, delta });
    this.#sentBytes = end;
  }

  #callFunctions(): Record<string, unknown>[] {
    const { answer, emit, serial } = this.#options;
    return (answer.toolCalls ?? []).map((call, index) => {
      const callId = `call_${serial}_${index}`;
      const item = {
        id: `item_call_${serial}_${index}`,
        object: "realtime.item",
        type: "function_call",
        status: "completed",
        call_id: callId,
        ...call,
      };
      this.callIds.push(callId);
      const part = { response_id: this.responseId, output_index: index + 1 };
      emit({
        type: "response.function_call_arguments.done",
        ...part,
        item_id: item.id,
        call_id: callId,
        ...call,
      });
      emit({ type: "response.output_item.done", ...part, item });
      return item;
    });
  }

  /** A token per character of text and per 100 ms of audio; half of the input's text comes from the cache. */
  #usage(): Record<string, unknown> {
    const audioTokens = Math.round(this.sentMs / 100);
    const cached = { text_tokens: 50, audio_tokens: 0 };
    return {
      total_tokens: 120 + this.#sentText + audioTokens,
      input_tokens: 120,
      output_tokens: this.#sentText + audioTokens,
      input_token_details: {
        text_tokens: 100,
        audio_tokens: 20,
        cached_tokens: 50,
        cached_tokens_details: cached,
      },
      output_token_details: { text_tokens: this.#sentText, audio_tokens: audioTokens },
    };
  }

  #messageItem(whole: boolean): Record<string, unknown> {
    return {
      id: this.itemId,
      object: "realtime.item",
      type: "message",
      role: "assistant",
      status: whole ? "completed" : "incomplete",
      content: [{ type: "output_audio", transcript: this.text.slice(0, this.#sentText) }],
    };
  }

  #arm(dueUs: number, callback: () => void): void {
    this.#timer?.cancel();
    this.#timer = after(
      this.#options.clock,
      Math.max(0, dueUs - this.#options.clock.nowUs()) / 1000,
      callback,
    );
  }
}
