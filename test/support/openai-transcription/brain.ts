/** The protocol of a transcription session of OpenAI, apart from any socket: audio in, texts out, on an injected clock. */
import { z } from "zod";
import { decodeG711 } from "../../../src/audio/g711.ts";
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import { ChannelEar, type EarUtterance } from "../transcribe/channel-ear.ts";
import type { SentText } from "../transcribe/script.ts";

/** What the stand-in does. */
export interface OpenAiTranscriptionScript {
  /** Answers the upgrade with this HTTP status. */
  readonly refuse?: { readonly status: number; readonly code: string };
  readonly refuseSettings?: string;
  /** Breaks the connection after so much audio. */
  readonly cutsAfterMs?: number;
  /** The session ends after this time, and says so before. */
  readonly sessionMs?: number;
  /** The text of every second utterance comes so much later than it could. */
  readonly slowMs?: number;
  /** A sample as loud as this is the last one of its utterance, whose text follows at once. */
  readonly endsAtSample?: number;
  /** Hears of each final text when it was sent. */
  readonly onSent?: (sent: SentText) => void;
}

/** What a client may send, strictly. */
const clientEvent = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("session.update"),
    event_id: z.string(),
    session: z.strictObject({
      type: z.literal("transcription"),
      audio: z.strictObject({
        input: z.strictObject({
          format: z.strictObject({ type: z.enum(["audio/pcmu", "audio/pcma"]) }),
          noise_reduction: z.strictObject({ type: z.enum(["near_field", "far_field"]) }).optional(),
          transcription: z.strictObject({
            model: z.string(),
            language: z.string().optional(),
            prompt: z.string().optional(),
          }),
          turn_detection: z.strictObject({
            type: z.literal("server_vad"),
            threshold: z.number().optional(),
            prefix_padding_ms: z.number().optional(),
            silence_duration_ms: z.number().optional(),
          }),
        }),
      }),
    }),
  }),
  z.strictObject({ type: z.literal("input_audio_buffer.append"), audio: z.base64() }),
  z.strictObject({ type: z.literal("input_audio_buffer.commit"), event_id: z.string() }),
]);

/** What the brain speaks through. */
export interface BrainOptions {
  readonly clock: Clock;
  readonly script: OpenAiTranscriptionScript;
  readonly send: (message: string) => void;
  readonly close: (code: number) => void;
}

/** One session. What it saw is public, for tests to look at. */
export class OpenAiTranscriptionBrain {
  readonly received: string[] = [];
  readonly errors: string[] = [];
  readonly #options: BrainOptions;
  readonly #timers = new Set<Timer>();
  readonly #ear: ChannelEar;
  #law: "pcmu" | "pcma" = "pcmu";
  #expiresAtS: number | undefined;
  #audioMs = 0;
  #told = "";
  #started = -1;
  #over = false;
  #messageUs = 0;

  constructor(options: BrainOptions) {
    this.#options = options;
    this.#ear = new ChannelEar((heard) => this.#onHeard(heard), options.script.endsAtSample);
  }

  /** All that was heard. */
  get heard(): Int16Array {
    return this.#ear.samples;
  }

  start(): void {
    const { clock, script } = this.#options;
    if (script.sessionMs !== undefined) {
      this.#expiresAtS = (clock.wallMs() + script.sessionMs) / 1000;
      this.#later(script.sessionMs, () => this.#options.close(1001));
    }
    this.#emit({ type: "session.created", session: this.#session() });
  }

  stop(): void {
    this.#over = true;
    for (const timer of this.#timers) {
      timer.cancel();
    }
  }

  receive(text: string): void {
    const { clock, script } = this.#options;
    this.#messageUs = clock.nowUs();
    const result = clientEvent.safeParse(JSON.parse(text));
    if (this.#over) {
      return;
    }
    if (!result.success) {
      this.errors.push(result.error.issues[0]?.message ?? "");
      this.#emit({ type: "error", error: { type: "invalid_request_error", code: "invalid" } });
      return;
    }
    const event = result.data;
    if (event.type === "input_audio_buffer.append") {
      this.#hear(Buffer.from(event.audio, "base64"));
      return;
    }
    this.received.push(event.type);
    if (event.type === "input_audio_buffer.commit") {
      this.#ear.finish();
    } else if (script.refuseSettings !== undefined) {
      const error = { type: "invalid_request_error", code: script.refuseSettings };
      this.#emit({ type: "error", error });
    } else {
      this.#law = event.session.audio.input.format.type === "audio/pcmu" ? "pcmu" : "pcma";
      this.#emit({ type: "session.updated", session: this.#session() });
    }
  }

  #hear(bytes: Buffer): void {
    const samples = new Int16Array(bytes.length);
    decodeG711(this.#law, bytes, 0, bytes.length, samples, 0);
    for (const sample of samples) {
      this.#ear.push(sample);
    }
    this.#audioMs += bytes.length / 8;
    const { cutsAfterMs } = this.#options.script;
    if (cutsAfterMs !== undefined && this.#audioMs >= cutsAfterMs) {
      this.#options.close(1006);
    }
  }

  #onHeard({ ordinal, text, final, startMs, endMs }: EarUtterance): void {
    const item_id = `item_${ordinal}`;
    const kind = "conversation.item.input_audio_transcription";
    const part = { item_id, content_index: 0 };
    if (this.#started < ordinal) {
      this.#started = ordinal;
      this.#told = "";
      this.#emit({
        type: "input_audio_buffer.speech_started",
        audio_start_ms: startMs,
        item_id,
      });
    }
    const delayMs = ordinal % 2 === 0 ? (this.#options.script.slowMs ?? 0) : 0;
    if (!final) {
      const delta = text.startsWith(this.#told) ? text.slice(this.#told.length) : "";
      this.#told += delta;
      this.#later(delayMs, () => this.#emit({ type: `${kind}.delta`, ...part, delta }));
      return;
    }
    this.#emit({ type: "input_audio_buffer.speech_stopped", audio_end_ms: endMs, item_id });
    this.#emit({ type: "input_audio_buffer.committed", item_id, previous_item_id: null });
    const heardUs = this.#messageUs;
    this.#later(delayMs, () => {
      this.#emit({
        type: `${kind}.completed`,
        ...part,
        transcript: text,
        usage: {
          type: "tokens",
          total_tokens: 30,
          input_tokens: 20,
          input_token_details: { text_tokens: 5, audio_tokens: 15 },
          output_tokens: 10,
        },
      });
      const { clock, script } = this.#options;
      script.onSent?.({ text, final, heardUs, sentUs: clock.nowUs() });
    });
  }

  #session(): Record<string, unknown> {
    return { type: "transcription", object: "realtime.session", expires_at: this.#expiresAtS };
  }

  #emit(event: Record<string, unknown>): void {
    if (!this.#over) {
      this.#options.send(JSON.stringify(event));
    }
  }

  #later(delayMs: number, callback: () => void): void {
    const timer = after(this.#options.clock, delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
  }
}
