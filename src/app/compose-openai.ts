/** From the configuration of models that speak the protocols of OpenAI to what their adapters take. */
import type { OpenAiModelOptions } from "../models/openai-model.ts";
import type { Config } from "./config.ts";

type ModelSettings = Config["models"][string];
type RealtimeSettings = Extract<ModelSettings, { kind: "openai" | "azure" }>;
type AzureSettings = Extract<ModelSettings, { kind: "azure" }>;

/** The generally available path; it takes no `api-version`. */
const AZURE_PATH = "openai/v1/realtime";

/** What is common to every model of the Realtime protocol, and where this one is. */
export function openAiSettings(
  settings: RealtimeSettings,
): Omit<OpenAiModelOptions, "name" | "clock" | "random" | "logger"> {
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
