/** From the configuration of models that speak the protocols of OpenAI to what their adapters take. */
import type { LiveModelOptions } from "../models/gpt-live-model.ts";
import type { OpenAiModelOptions } from "../models/openai-model.ts";
import type { OpenAiTranscriptionOptions } from "../models/openai-transcription-model.ts";
import type { Config } from "./config.ts";

type ModelSettings = Config["models"][string];
type RealtimeSettings = Extract<ModelSettings, { kind: "openai" | "azure" }>;
type GptLiveSettings = Extract<ModelSettings, { kind: "gpt-live" }>;
type TranscriptionSettings = Extract<ModelSettings, { kind: "openai-transcription" }>;
type AzureSettings = Extract<ModelSettings, { kind: "azure" }>;

/** The generally available path; it takes no `api-version`. */
const AZURE_PATH = "openai/v1/realtime";

/** What every model gets besides its own settings. */
type Parts = "name" | "clock" | "random" | "logger";

/** What is common to every model of the Realtime protocol, and where this one is. */
export function openAiSettings(settings: RealtimeSettings): Omit<OpenAiModelOptions, Parts> {
  const { noiseReduction, maxSessionSeconds, transcriptionModel } = settings;
  const transcription = {
    model: transcriptionModel,
    language: settings.transcriptionLanguage,
    prompt: settings.transcriptionPrompt,
  };
  return {
    ...(settings.kind === "azure" ? azureAddress(settings) : openAiAddress(settings)),
    voice: settings.voice,
    prices: settings.prices,
    turnDetection: settings.turnDetection,
    maxSessionMs: maxSessionSeconds * 1000,
    noiseReduction: noiseReduction === "off" ? undefined : noiseReduction,
    transcription: transcriptionModel === "off" ? undefined : transcription,
  };
}

function openAiAddress({ url, model, apiKey }: Extract<ModelSettings, { kind: "openai" }>) {
  return { url, model, apiKey };
}

function azureAddress({ endpoint, deployment, apiKey, bearerToken }: AzureSettings) {
  const key: Pick<OpenAiModelOptions, "apiKey" | "keyHeader"> =
    apiKey === undefined ? { apiKey: bearerToken ?? "" } : { apiKey, keyHeader: "api-key" };
  return { url: azureUrl(endpoint), model: deployment, ...key };
}

/** The address of an Azure resource's realtime sessions: a WebSocket, whatever the resource is named by. */
export function azureUrl(endpoint: string): string {
  const url = new URL(endpoint);
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  const isPlain = url.protocol === "http:" || url.protocol === "ws:";
  return `${isPlain ? "ws:" : "wss:"}//${url.host}${path}${AZURE_PATH}`;
}

/** Of a model that hears while it speaks. */
export function gptLiveSettings(settings: GptLiveSettings): Omit<LiveModelOptions, Parts> {
  const { apiKey, maxSessionSeconds, model, toolModel, url, voice } = settings;
  const maxSessionMs = maxSessionSeconds === undefined ? undefined : maxSessionSeconds * 1000;
  return { apiKey, maxSessionMs, model, toolModel, url, voice };
}

/** Of a model that writes down what it hears. */
export function transcriptionSettings(
  settings: TranscriptionSettings,
): Omit<OpenAiTranscriptionOptions, Parts> {
  const { apiKey, language, maxSessionSeconds, model, noiseReduction, prompt } = settings;
  return {
    url: settings.url,
    apiKey,
    transcription: { model, language, prompt },
    turnDetection: settings.turnDetection,
    noiseReduction: noiseReduction === "off" ? undefined : noiseReduction,
    maxSessionMs: maxSessionSeconds * 1000,
    prices: settings.prices,
  };
}
