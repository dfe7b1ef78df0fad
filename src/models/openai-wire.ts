/** What the gateway sends to the Realtime service, in the shapes of its generally available protocol. */
import type { AudioFormat, HistoryEntry, ToolDefinition } from "../ports/realtime-model.ts";

/** How the service finds the caller's turns. */
export type TurnDetection =
  | {
      readonly type: "server_vad";
      /** 0 … 1; higher needs louder speech. */
      readonly threshold?: number | undefined;
      readonly prefixPaddingMs?: number | undefined;
      readonly silenceDurationMs?: number | undefined;
    }
  | {
      readonly type: "semantic_vad";
      readonly eagerness?: "low" | "medium" | "high" | "auto" | undefined;
    };

/** Who writes down what the caller says. */
export interface Transcription {
  readonly model: string;
  /** ISO 639-1; `undefined`: the service finds out. */
  readonly language?: string | undefined;
  /** Words to expect, such as names. */
  readonly prompt?: string | undefined;
}

/** What `session.update` says. */
export interface SessionSettings {
  readonly instructions: string;
  readonly format: AudioFormat;
  readonly voice: string | undefined;
  /** `undefined`: what the caller says is not written down. */
  readonly transcription: Transcription | undefined;
  /** Where the caller's microphone is; `undefined`: noise is left as it is. */
  readonly noiseReduction: "near_field" | "far_field" | undefined;
  readonly turnDetection: TurnDetection;
  readonly tools: readonly ToolDefinition[];
}

/** Formats the service takes as they are, best for telephony first. */
export const OPENAI_FORMATS: readonly AudioFormat[] = [
  { encoding: "pcmu", rateHz: 8000 },
  { encoding: "pcma", rateHz: 8000 },
  { encoding: "pcm16", rateHz: 24_000 },
];

/** Bytes of one millisecond of audio. */
export function bytesPerMs(format: AudioFormat): number {
  return (format.rateHz / 1000) * (format.encoding === "pcm16" ? 2 : 1);
}

/** A format as the service names it. */
export function wireFormat(format: AudioFormat): Record<string, unknown> {
  return format.encoding === "pcm16"
    ? { type: "audio/pcm", rate: format.rateHz }
    : { type: `audio/${format.encoding}` };
}

/** How turns are found, as the service names it. */
export function wireDetection(detection: TurnDetection): Record<string, unknown> {
  const { type } = detection;
  return detection.type === "semantic_vad"
    ? { type, eagerness: detection.eagerness }
    : {
        type,
        threshold: detection.threshold,
        prefix_padding_ms: detection.prefixPaddingMs,
        silence_duration_ms: detection.silenceDurationMs,
      };
}

/** `session.update`: everything the session is, said once. */
export function sessionUpdate(eventId: string, settings: SessionSettings): string {
  const format = wireFormat(settings.format);
  const { noiseReduction, tools, transcription } = settings;
  return JSON.stringify({
    type: "session.update",
    event_id: eventId,
    session: {
      type: "realtime",
      instructions: settings.instructions,
      output_modalities: ["audio"],
      audio: {
        input: {
          format,
          noise_reduction: noiseReduction === undefined ? undefined : { type: noiseReduction },
          transcription,
          // The gateway itself says which turns are answered, and which of them interrupt.
          turn_detection: {
            ...wireDetection(settings.turnDetection),
            create_response: false,
            interrupt_response: false,
          },
        },
        output: { format, voice: settings.voice },
      },
      tools: tools.map((tool) => ({ type: "function", ...tool })),
      tool_choice: "auto",
    },
  });
}

/** `response.create`; with `text`, an answer that says this text and calls no tool. */
export function responseCreate(eventId: string, text: string | undefined): string {
  const response =
    text === undefined ? undefined : { instructions: sayExactly(text), tool_choice: "none" };
  return JSON.stringify({ type: "response.create", event_id: eventId, response });
}

/** The service has no verb for reading a text aloud: it is asked to. */
function sayExactly(text: string): string {
  return `Say exactly the following to the caller, word for word, in its language, and nothing else:\n${text}`;
}

/** `response.cancel`: stops the answer in progress. */
export function responseCancel(eventId: string): string {
  return JSON.stringify({ type: "response.cancel", event_id: eventId });
}

/** `conversation.item.truncate`: the model forgets what the caller did not hear. */
export function itemTruncate(eventId: string, itemId: string, audioEndMs: number): string {
  return JSON.stringify({
    type: "conversation.item.truncate",
    event_id: eventId,
    item_id: itemId,
    content_index: 0,
    audio_end_ms: audioEndMs,
  });
}

/** `conversation.item.create` with the output of a tool. */
export function toolOutput(eventId: string, callId: string, outputJson: string): string {
  return JSON.stringify({
    type: "conversation.item.create",
    event_id: eventId,
    item: { type: "function_call_output", call_id: callId, output: outputJson },
  });
}

/** `conversation.item.create` that tells the model of a key, as a message of the caller. */
export function digitPressed(eventId: string, digit: string): string {
  const text = `(The caller pressed ${digit})`;
  return JSON.stringify({
    type: "conversation.item.create",
    event_id: eventId,
    item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
  });
}

/** `conversation.item.create` with what was said before the session. */
export function historyItem(eventId: string, { speaker, text }: HistoryEntry): string {
  const [role, type] = speaker === "caller" ? ["user", "input_text"] : ["assistant", "output_text"];
  return JSON.stringify({
    type: "conversation.item.create",
    event_id: eventId,
    item: { type: "message", role, content: [{ type, text }] },
  });
}

/** `conversation.item.delete`: the model never heard it. */
export function itemDelete(eventId: string, itemId: string): string {
  return JSON.stringify({ type: "conversation.item.delete", event_id: eventId, item_id: itemId });
}
