/** What is sent to Nova Sonic: one JSON event per chunk, and the settings of a session. */
import type { AudioFormat, Speaker, ToolDefinition } from "../ports/realtime-model.ts";

/** LPCM both ways; 8 kHz first, which is what a telephone gives and takes without resampling. */
export const NOVA_FORMATS: readonly AudioFormat[] = [
  { encoding: "pcm16", rateHz: 8000 },
  { encoding: "pcm16", rateHz: 16_000 },
  { encoding: "pcm16", rateHz: 24_000 },
];

/** The two protocols: v2 takes text while it listens, and settings of its endpointing. */
export type NovaGeneration = "v1" | "v2";

/** How soon a pause of the caller ends their turn; v2 only. */
export type EndpointingSensitivity = "high" | "medium" | "low";

/** What the service is told of a session. */
export interface NovaSettings {
  readonly voice: string;
  readonly endpointingSensitivity: EndpointingSensitivity | undefined;
  readonly maxTokens: number;
  readonly topP: number;
  readonly temperature: number;
}

/** One prompt a session: its name says nothing. */
const PROMPT = "call";
/** One open audio content a session. */
const AUDIO_CONTENT = "caller";
const SYSTEM_CONTENT = "system";

type Json = Readonly<Record<string, unknown>>;

function event(name: string, body: Json): Buffer {
  return Buffer.from(JSON.stringify({ event: { [name]: body } }));
}

function ofPrompt(name: string, body: Json = {}): Buffer {
  return event(name, { promptName: PROMPT, ...body });
}

/** `sessionStart`. */
export function sessionStart(generation: NovaGeneration, settings: NovaSettings): Buffer {
  const { maxTokens, topP, temperature, endpointingSensitivity } = settings;
  const turnDetection =
    generation === "v2" && endpointingSensitivity !== undefined
      ? { endpointingSensitivity: endpointingSensitivity.toUpperCase() }
      : undefined;
  return event("sessionStart", {
    inferenceConfiguration: { maxTokens, topP, temperature },
    turnDetectionConfiguration: turnDetection,
  });
}

function lpcm(format: AudioFormat): Json {
  return {
    mediaType: "audio/lpcm",
    sampleRateHertz: format.rateHz,
    sampleSizeBits: 16,
    channelCount: 1,
    encoding: "base64",
    audioType: "SPEECH",
  };
}

/** `promptStart`, with the tools; without any, nothing is said of tools. */
export function promptStart(
  format: AudioFormat,
  voiceId: string,
  tools: readonly ToolDefinition[],
): Buffer {
  const toolSettings = {
    toolUseOutputConfiguration: { mediaType: "application/json" },
    toolConfiguration: { tools: tools.map(toolSpec), toolChoice: { auto: {} } },
  };
  return ofPrompt("promptStart", {
    textOutputConfiguration: { mediaType: "text/plain" },
    audioOutputConfiguration: { ...lpcm(format), voiceId },
    ...(tools.length === 0 ? {} : toolSettings),
  });
}

/** The schema travels as text within the JSON, as in the samples of AWS; its guide shows an object. */
function toolSpec({ name, description, parameters }: ToolDefinition): Json {
  return { toolSpec: { name, description, inputSchema: { json: JSON.stringify(parameters) } } };
}

function textContent(role: string, contentName: string, text: string, interactive: boolean) {
  const textInputConfiguration = { mediaType: "text/plain" };
  const start = { contentName, type: "TEXT", interactive, role, textInputConfiguration };
  return [
    ofPrompt("contentStart", start),
    ofPrompt("textInput", { contentName, content: text }),
    ofPrompt("contentEnd", { contentName }),
  ];
}

/** The instructions; before everything else. */
export function systemText(text: string): readonly Buffer[] {
  return textContent("SYSTEM", SYSTEM_CONTENT, text, false);
}

/** Something that was said before; after the instructions, before any audio. */
export function historyText(serial: number, speaker: Speaker, text: string): readonly Buffer[] {
  return textContent(speaker === "caller" ? "USER" : "ASSISTANT", `said-${serial}`, text, false);
}

/** Text in place of speech while audio goes on, which the model answers; v2 only. */
export function interactiveText(serial: number, text: string): readonly Buffer[] {
  return textContent("USER", `text-${serial}`, text, true);
}

/** Opens the one audio content of the session. */
export function audioStart(format: AudioFormat): Buffer {
  return ofPrompt("contentStart", {
    contentName: AUDIO_CONTENT,
    type: "AUDIO",
    interactive: true,
    role: "USER",
    audioInputConfiguration: lpcm(format),
  });
}

const AUDIO_HEAD = `{"event":{"audioInput":{"promptName":"${PROMPT}","contentName":"${AUDIO_CONTENT}","content":"`;
const AUDIO_TAIL = '"}}}';

/** `audioInput`, put together as text: nearly all that is sent in a call. */
export function audioInput(bytes: Uint8Array): Buffer {
  const { buffer, byteOffset, byteLength } = bytes;
  const base64 = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
  return Buffer.from(AUDIO_HEAD + base64 + AUDIO_TAIL, "latin1");
}

/** The output of a tool. */
export function toolResult(serial: number, toolUseId: string, content: string): readonly Buffer[] {
  const contentName = `tool-${serial}`;
  const textInputConfiguration = { mediaType: "text/plain" };
  return [
    ofPrompt("contentStart", {
      contentName,
      type: "TOOL",
      interactive: false,
      role: "TOOL",
      toolResultInputConfiguration: { toolUseId, type: "TEXT", textInputConfiguration },
    }),
    ofPrompt("toolResult", { contentName, content }),
    ofPrompt("contentEnd", { contentName }),
  ];
}

/** The end of a session, in the order the service wants. */
export function closing(): readonly Buffer[] {
  const contentName = AUDIO_CONTENT;
  return [ofPrompt("contentEnd", { contentName }), ofPrompt("promptEnd"), event("sessionEnd", {})];
}
