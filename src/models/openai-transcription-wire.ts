/** What the gateway sends to a transcription session of OpenAI. */
import type { AudioFormat } from "../ports/realtime-model.ts";
import {
  type Transcription,
  type TurnDetection,
  wireDetection,
  wireFormat,
} from "./openai-wire.ts";

/** What a session is told, once. */
export interface TranscriptionSettings {
  readonly format: AudioFormat;
  readonly transcription: Transcription;
  readonly turnDetection: TurnDetection;
  readonly noiseReduction: "near_field" | "far_field" | undefined;
}

/** `session.update` of type `transcription`; it has no fields for voices, tools and answers. */
export function transcriptionUpdate(eventId: string, settings: TranscriptionSettings): string {
  const { format, noiseReduction, transcription, turnDetection } = settings;
  return JSON.stringify({
    type: "session.update",
    event_id: eventId,
    session: {
      type: "transcription",
      audio: {
        input: {
          format: wireFormat(format),
          noise_reduction: noiseReduction === undefined ? undefined : { type: noiseReduction },
          transcription,
          turn_detection: wireDetection(turnDetection),
        },
      },
    },
  });
}

/** What was said so far is an utterance, though no pause was heard. */
export function audioCommit(eventId: string): string {
  return JSON.stringify({ type: "input_audio_buffer.commit", event_id: eventId });
}

/** The address of a session: what it is for stands in the query, and the model only in its settings. */
export function transcriptionUrl(base: string): string {
  const url = new URL(base);
  url.searchParams.delete("model");
  url.searchParams.set("intent", "transcription");
  return url.href;
}
