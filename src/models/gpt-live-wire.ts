/** What the gateway sends to a session of GPT-Live, in the shapes of the types of the `openai` package 7.57. */
import type { AudioFormat, HistoryEntry, ToolDefinition } from "../ports/realtime-model.ts";
import { historyTail } from "./history-tail.ts";
import type { AudioEnvelope } from "./masked-frame.ts";

/** What `session.start` says. */
export interface LiveSettings {
  readonly model: string;
  readonly instructions: string;
  readonly format: AudioFormat;
  readonly voice: string | undefined;
  /** Calls the tools on the speaking model's behalf; `undefined`: there are no tools. */
  readonly toolModel: string | undefined;
  readonly tools: readonly ToolDefinition[];
  readonly history: readonly HistoryEntry[];
}

/** Formats the service takes as they are, best for telephony first. */
export const GPT_LIVE_FORMATS: readonly AudioFormat[] = [
  { encoding: "pcmu", rateHz: 8000 },
  { encoding: "pcma", rateHz: 8000 },
  { encoding: "pcm16", rateHz: 24_000 },
  { encoding: "pcm16", rateHz: 16_000 },
];

/** `session.input_audio.append`, around the base64 text of the audio. */
export const LIVE_APPEND_ENVELOPE: AudioEnvelope = {
  head: '{"type":"session.input_audio.append","audio":"',
  tail: '"}',
};

/** The service takes 128 messages and 8,192 tokens; most languages have three characters or more to a token. */
const HISTORY_LIMITS = { entries: 128, characters: 20_000 };
/** The service takes 500 tokens. */
const MAX_APPEND_CHARACTERS = 1500;

/** `session.start`: everything the session is, said once and for all. */
export function liveSessionStart(eventId: string, settings: LiveSettings): string {
  const { format, model, voice } = settings;
  const type = format.encoding === "pcm16" ? "audio/pcm" : `audio/${format.encoding}`;
  const input = historyTail(settings.history, HISTORY_LIMITS).map(historyMessage);
  return JSON.stringify({
    type: "session.start",
    event_id: eventId,
    session: {
      model,
      instructions: settings.instructions,
      audio: {
        format: { type, rate: format.rateHz },
        output: voice === undefined ? undefined : { voice },
      },
      input: input.length === 0 ? undefined : input,
      delegation: delegation(settings),
    },
  });
}

function historyMessage({ speaker, text }: HistoryEntry): Record<string, unknown> {
  const [role, type] = speaker === "caller" ? ["user", "input_text"] : ["assistant", "output_text"];
  return { type: "message", role, content: [{ type, text }] };
}

/** The speaking model calls no function: it hands work to a model of the Responses API, which does. */
function delegation({ instructions, toolModel, tools }: LiveSettings): unknown {
  if (toolModel === undefined || tools.length === 0) {
    return null;
  }
  const functions = tools.map((tool) => ({ type: "function", ...tool }));
  return { type: "responses", responses: { model: toolModel, instructions, tools: functions } };
}

/** `session.commentary.append`: what the model should tell the caller; one message for each piece the service takes. */
export function liveCommentary(nextEventId: () => string, text: string): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += MAX_APPEND_CHARACTERS) {
    pieces.push(text.slice(start, start + MAX_APPEND_CHARACTERS));
  }
  return pieces.map((content) =>
    JSON.stringify({
      type: "session.commentary.append",
      event_id: nextEventId(),
      content,
      delegation_id: null,
    }),
  );
}

/** `session.instructions.append` that tells the model of keys: there is no event for them on a WebSocket. */
export function liveDigits(eventId: string, digits: string): string {
  return JSON.stringify({
    type: "session.instructions.append",
    event_id: eventId,
    content: `The caller pressed ${digits} on the telephone. Answer to it as if they had said so.`,
    delegation_id: null,
  });
}

/** `response.item.create` with the output of a tool. */
export function liveToolOutput(eventId: string, callId: string, outputJson: string): string {
  return JSON.stringify({
    type: "response.item.create",
    event_id: eventId,
    item: { type: "function_call_output", call_id: callId, output: outputJson },
  });
}

/** `response.create`: the delegated work goes on with the outputs of its tools. */
export function liveResponseCreate(eventId: string): string {
  return JSON.stringify({ type: "response.create", event_id: eventId });
}

/** `session.close`. */
export function liveSessionClose(eventId: string): string {
  return JSON.stringify({ type: "session.close", event_id: eventId });
}
