/** From the configuration of OpenAI's models to requests: addresses, keys and settings. */
import { describe, expect, it } from "vitest";
import { azureUrl, openAiSettings } from "../../src/app/compose-openai.ts";
import { type Config, loadConfig } from "../../src/app/config.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { Bench } from "../support/openai/model-bench.ts";

type Kind = Config["models"][string]["kind"];

function settingsOf<K extends Kind>(kind: K, fields: string) {
  const yaml = `models: { m: { kind: ${kind}, ${fields} } }\n`;
  const { config } = loadConfig({ environment: {}, files: memoryFiles({ "gateway.yaml": yaml }) });
  return config.models["m"] as Extract<Config["models"][string], { kind: K }>;
}

const DEPLOYMENT = 'endpoint: "https://acme.openai.azure.com", deployment: talk';

function requestOf(fields: string) {
  const model = openAiSettings(settingsOf("azure", fields));
  return new Bench({}, { model }).connection.request;
}

describe("a model in Azure", () => {
  it("is asked for at the generally available path, with its key in a header", () => {
    expect(requestOf(`${DEPLOYMENT}, apiKey: k1`)).toMatchObject({
      url: "wss://acme.openai.azure.com/openai/v1/realtime?model=talk",
      headers: { "api-key": "k1" },
    });
  });

  it("takes a token of Entra ID in place of a key", () => {
    const { headers } = requestOf(`${DEPLOYMENT}, bearerToken: t1`);
    expect(headers).toEqual({ Authorization: "Bearer t1" });
  });

  it.each([
    ["https://a.openai.azure.com", "wss://a.openai.azure.com/openai/v1/realtime"],
    ["wss://a.openai.azure.com/", "wss://a.openai.azure.com/openai/v1/realtime"],
    ["https://gate.example:8443/models", "wss://gate.example:8443/models/openai/v1/realtime"],
    ["http://127.0.0.1:16000", "ws://127.0.0.1:16000/openai/v1/realtime"],
    ["ws://[::1]:7", "ws://[::1]:7/openai/v1/realtime"],
  ])("is found from %s", (endpoint, expected) => {
    expect(azureUrl(endpoint)).toBe(expected);
  });

  it.each([
    [DEPLOYMENT, "expected either apiKey or bearerToken"],
    [`${DEPLOYMENT}, apiKey: a, bearerToken: b`, "expected either apiKey or bearerToken"],
    ["endpoint: 'https://u:p@h/', deployment: d, apiKey: k", "models.m.endpoint"],
    ["endpoint: 'https://h/?api-version=1', deployment: d, apiKey: k", "models.m.endpoint"],
    ["endpoint: h, deployment: d, apiKey: k", "models.m.endpoint"],
  ])("is refused when it is set up wrongly: %s", (fields, expected) => {
    let told = "";
    try {
      settingsOf("azure", fields);
    } catch (error) {
      told = JSON.stringify(error) + String(error);
    }
    expect(told).toContain(expected);
  });
});

describe("settings of a session", () => {
  it("are those of the configuration", () => {
    const fields =
      "apiKey: k, noiseReduction: near_field, maxSessionSeconds: 90, transcriptionLanguage: de, transcriptionModel: t";
    expect(openAiSettings(settingsOf("openai", fields))).toMatchObject({
      noiseReduction: "near_field",
      maxSessionMs: 90_000,
      transcription: { model: "t", language: "de", prompt: undefined },
    });
  });

  it("leave out what is off", () => {
    const fields = "apiKey: k, transcriptionModel: off";
    const settings = openAiSettings(settingsOf("openai", fields));
    expect(settings).toMatchObject({ noiseReduction: undefined, transcription: undefined });
    expect(settings).not.toHaveProperty("keyHeader");
  });
});
