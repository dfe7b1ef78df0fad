/**
 * What is sent to Gemini Live: the messages of BidiGenerateContentClientMessage as JSON.
 *
 * Shapes are those of https://ai.google.dev/api/live as of 2026-11 and of `google/genai/live.py` of python-genai; none was
 * tried against the service itself.
 */
import type { AudioFormat, HistoryEntry, ToolDefinition } from "../ports/realtime-model.ts";
import type { AudioEnvelope } from "./masked-frame.ts";

/** What the service hears; it would resample other rates. */
export const GEMINI_HEARS: AudioFormat = { encoding: "pcm16", rateHz: 16_000 };
/** What the service speaks, always. */
export const GEMINI_SPEAKS: AudioFormat = { encoding: "pcm16", rateHz: 24_000 };

/** `realtimeInput.audio`, around the base64 text of the audio. */
export const AUDIO_ENVELOPE: AudioEnvelope = {
  head: '{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"',
  tail: '"}}}',
};

/** `realtimeInput.audioStreamEnd`: the caller's audio pauses; the next piece opens it again. */
export const AUDIO_STREAM_END = '{"realtimeInput":{"audioStreamEnd":true}}';

/** A history longer than this is sent without its beginning. */
const MAX_HISTORY_CHARS = 100_000;

/** How the service finds the caller's turns (AutomaticActivityDetection); what is absent is left to it. */
export interface ActivityDetection {
  /** `low`: begins a turn less readily. */
  readonly startSensitivity?: "low" | "high" | undefined;
  /** `low`: ends a turn less readily. */
  readonly endSensitivity?: "low" | "high" | undefined;
  /** Speech this long begins a turn. */
  readonly prefixPaddingMs?: number | undefined;
  /** Silence this long ends a turn. */
  readonly silenceDurationMs?: number | undefined;
}

/** What a session is from its beginning to its end. */
export interface SetupSettings {
  /** With or without `models/`. */
  readonly model: string;
  readonly instructions: string;
  readonly voice: string | undefined;
  readonly tools: readonly ToolDefinition[];
  readonly transcription: boolean;
  readonly activityDetection: ActivityDetection;
  /** Of a session before. */
  readonly handle: string | undefined;
  /** Whether {@link historyContent} follows. */
  readonly hasHistory: boolean;
}

/** `setup`: the first message, and the only one before `setupComplete`. */
export function setup(settings: SetupSettings): string {
  const { model, instructions, voice, tools, transcription, handle, hasHistory } = settings;
  const transcribe = transcription ? {} : undefined;
  return JSON.stringify({
    setup: {
      model: model.startsWith("models/") ? model : `models/${model}`,
      generationConfig: {
        responseModalities: ["AUDIO"],
        speechConfig:
          voice === undefined
            ? undefined
            : { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } },
      },
      systemInstruction: instructions === "" ? undefined : { parts: [{ text: instructions }] },
      tools: tools.length === 0 ? undefined : [{ functionDeclarations: tools.map(declaration) }],
      realtimeInputConfig: { automaticActivityDetection: detection(settings.activityDetection) },
      inputAudioTranscription: transcribe,
      outputAudioTranscription: transcribe,
      sessionResumption: { handle },
      contextWindowCompression: { slidingWindow: {} },
      historyConfig: hasHistory ? { initialHistoryInClientContent: true } : undefined,
    },
  });
}

function declaration({ name, description, parameters }: ToolDefinition): Record<string, unknown> {
  return { name, description, parametersJsonSchema: parameters };
}

function detection(wanted: ActivityDetection): Record<string, unknown> {
  const { startSensitivity, endSensitivity, prefixPaddingMs, silenceDurationMs } = wanted;
  return {
    startOfSpeechSensitivity: sensitivity("START", startSensitivity),
    endOfSpeechSensitivity: sensitivity("END", endSensitivity),
    prefixPaddingMs,
    silenceDurationMs,
  };
}

function sensitivity(what: "START" | "END", how: "low" | "high" | undefined): string | undefined {
  return how === undefined ? undefined : `${what}_SENSITIVITY_${how.toUpperCase()}`;
}

/** A text of the caller's side, which is answered at once; it interrupts what is being said. */
export function userTurn(text: string): string {
  return JSON.stringify({
    clientContent: { turns: [{ role: "user", parts: [{ text }] }], turnComplete: true },
  });
}

/** The service has no verb for reading a text aloud: it is asked to. */
export function sayExactly(text: string): string {
  return userTurn(
    `Say exactly the following to the caller, word for word, in its language, and nothing else:\n${text}`,
  );
}

/** Keys, as a message of the caller. */
export function digitsPressed(digits: string): string {
  return userTurn(`(The caller pressed ${[...digits].join(" ")})`);
}

interface Turn {
  readonly role: "user" | "model";
  readonly parts: { text: string }[];
}

/** What was said before; needs `historyConfig.initialHistoryInClientContent`, and then is not answered. */
export function historyContent(history: readonly HistoryEntry[]): string {
  const turns: Turn[] = [];
  for (const { speaker, text } of newest(history)) {
    const role = speaker === "caller" ? "user" : "model";
    const last = turns.at(-1);
    if (last?.role === role) {
      last.parts.push({ text });
    } else {
      turns.push({ role, parts: [{ text }] });
    }
  }
  return JSON.stringify({ clientContent: { turns, turnComplete: true } });
}

/** What there is to tell of a history. */
export function isWorthTelling(history: readonly HistoryEntry[] | undefined): boolean {
  return history?.some(({ text }) => text.trim() !== "") === true;
}

function newest(history: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const said = history.filter(({ text }) => text.trim() !== "");
  let chars = 0;
  let first = said.length;
  while (first > 0) {
    chars += said[first - 1]?.text.length ?? 0;
    if (chars > MAX_HISTORY_CHARS) {
      break;
    }
    first -= 1;
  }
  return said.slice(first);
}

/** `toolResponse`; what is no JSON object is wrapped into one. */
export function toolResponse(id: string, name: string, outputJson: string): string {
  const response = toObject(outputJson);
  return JSON.stringify({ toolResponse: { functionResponses: [{ id, name, response }] } });
}

function toObject(outputJson: string): unknown {
  let output: unknown;
  try {
    output = JSON.parse(outputJson);
  } catch {
    output = outputJson;
  }
  const isObject = typeof output === "object" && output !== null && !Array.isArray(output);
  return isObject ? output : { output };
}
