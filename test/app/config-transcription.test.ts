/** Settings of the models that only listen: what is refused, where, and that a key is never shown. */
import { expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { memoryFiles } from "../support/memory-files.ts";

const KEY = "a-key-that-nobody-may-see";

const load = (kind: string, settings: string) =>
  loadConfig({
    file: "gateway.yaml",
    environment: {},
    files: memoryFiles({
      "gateway.yaml": `models:\n  ears:\n    { kind: ${kind}, ${settings} }\n`,
    }),
  }).config.models["ears"];

function problemsOf(kind: string, settings: string): string {
  try {
    load(kind, settings);
    return "";
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message;
  }
}

it("are few where nothing is said", () => {
  expect(load("transcribe", "region: us-east-1")).toEqual({
    kind: "transcribe",
    region: "us-east-1",
    language: "en-US",
    analytics: false,
    channels: "joined",
    partialStability: "off",
    redaction: "off",
    piiTypes: [],
    maxSessionSeconds: 14_400,
  });
  expect(load("openai-transcription", `apiKey: ${KEY}`)).toMatchObject({
    model: "gpt-4o-mini-transcribe",
    url: "wss://api.openai.com/v1/realtime",
  });
});

it.each([
  ["region: Frankfurt", "models.ears.region", "a region of AWS"],
  ["endpoint: http://transcribe.example.com", "models.ears.endpoint", "http:// to this machine"],
  ["language: english", "models.ears.language", "a language such as en-US"],
  ["language: auto", "models.ears.languages", "needs to know which there may be"],
  ["languages: [en-US, de-DE]", "models.ears.languages", "is for language auto"],
  ["language: auto, languages: [en-US]", "models.ears.languages", "2"],
  ["channels: both", "models.ears.channels", '"joined", "separate"'],
  ["partialStability: max", "models.ears.partialStability", '"off", "low", "medium", "high"'],
  ["vocabulary: my words", "models.ears.vocabulary", "a name of the service"],
  [
    "vocabularyFilterMethod: mask",
    "models.ears.vocabularyFilterMethod",
    "needs a vocabularyFilter",
  ],
  ["piiTypes: [EMAIL]", "models.ears.piiTypes", "is for redaction pii"],
  ["redaction: pii, piiTypes: [e-mail]", "models.ears.piiTypes[0]", "a kind of personal data"],
  [
    "analytics: true, resumeWindowMinutes: 5",
    "models.ears.resumeWindowMinutes",
    "is not known to Call Analytics",
  ],
  ["resumeWindowMinutes: 301", "models.ears.resumeWindowMinutes", "300"],
  ["maxSessionSeconds: 14401", "models.ears.maxSessionSeconds", "14400"],
  ["voice: joanna", "models.ears.voice", ""],
])("of Amazon Transcribe are refused with their line: %s", (settings, place, words) => {
  const problems = problemsOf("transcribe", settings);
  expect(problems).toMatch(/gateway\.yaml:[23]:\d+/);
  expect(problems).toContain(place);
  expect(problems).toContain(words);
});

it.each([
  ["model: gpt-4o-transcribe", "models.ears.apiKey", "is missing"],
  [`apiKey: ${KEY}, url: ftp://example.com`, "models.ears.url", ""],
  [`apiKey: ${KEY}, model: ""`, "models.ears.model", ""],
  [`apiKey: ${KEY}, maxSessionSeconds: 1`, "models.ears.maxSessionSeconds", ""],
  [`apiKey: ${KEY}, voice: alloy`, "models.ears.voice", ""],
])("of OpenAI's transcription are refused with their line: %s", (settings, place, words) => {
  const problems = problemsOf("openai-transcription", settings);
  expect(problems).toMatch(/gateway\.yaml:[23]:\d+/);
  expect(problems).toContain(place);
  expect(problems).toContain(words);
  expect(problems).not.toContain(KEY);
});
