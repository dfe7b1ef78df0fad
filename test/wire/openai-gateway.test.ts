/** Calls to a gateway whose models are stand-ins of OpenAI, Azure and GPT-Live: what the caller hears, and what nobody may read. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { levelDbfs } from "../../src/audio/signal.ts";
import { readWav } from "../../src/audio/wav.ts";
import {
  LIVE_STAND_IN_KEY,
  type LiveStandIn,
  startLiveStandIn,
} from "../support/gpt-live-stand-in.ts";
import { STAND_IN_KEY, type StandIn, startOpenAiStandIn } from "../support/openai-stand-in.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { eventually } from "./support/waiting.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HELLO = join(ROOT, "test", "fixtures", "audio", "hello.wav");
const FRAME_SAMPLES = 160;
const WRONG_KEY = "sk-wrong-and-secret-0123456789";
const SCRIPT = { speed: 1.5, thinkMs: 100, answers: [{ text: "I heard you say something." }] };

const folder = mkdtempSync(join(tmpdir(), "openai-gateway-"));
let openAi: StandIn;
let live: LiveStandIn;
let gateway: GatewayProcess;

function call(name: string, ...options: readonly string[]): Promise<string> {
  const main = join(ROOT, "dist", "main.js");
  const recording = join(folder, `${name}.wav`);
  const args = [main, "call", `sip:${name}@${gateway.target}`, "--record", recording, "--json"];
  return new Promise((resolve) => {
    execFile(process.execPath, [...args, ...options], (_error, stdout) => resolve(stdout));
  });
}

/** How long the caller heard something. */
async function voicedMs(name: string): Promise<number> {
  const { samples } = readWav(await readFile(join(folder, `${name}.wav`)));
  const heard = samples[1] ?? new Int16Array(0);
  let frames = 0;
  for (let start = 0; start + FRAME_SAMPLES <= heard.length; start += FRAME_SAMPLES) {
    frames += levelDbfs(heard.subarray(start, start + FRAME_SAMPLES)) > -40 ? 1 : 0;
  }
  return frames * 20;
}

/** Everything a person or a machine can read of the gateway. */
async function readable(): Promise<string> {
  const pages = ["/metrics", "/calls", "/call-logs", "/healthz"].map((path) => gateway.get(path));
  const texts = (await Promise.all(pages)).map(({ text }) => text);
  return [...texts, JSON.stringify(gateway.log), gateway.stderr].join("\n");
}

function refusalsLogged(): number {
  const lines = gateway.log.map((line) => JSON.stringify(line));
  return lines.filter((line) => line.includes("the API key or token was refused")).length;
}

beforeAll(async () => {
  openAi = await startOpenAiStandIn({ port: 0, script: SCRIPT });
  live = await startLiveStandIn({ port: 0, script: SCRIPT });
  const settings: Record<string, string> = { LOG__LEVEL: "debug" };
  const keys = { "": STAND_IN_KEY, WRONG: WRONG_KEY };
  for (const [prefix, key] of Object.entries(keys)) {
    settings[`MODELS__${prefix}OPENAI__KIND`] = "openai";
    settings[`MODELS__${prefix}OPENAI__URL`] = openAi.url;
    settings[`MODELS__${prefix}OPENAI__API_KEY`] = key;
    settings[`MODELS__${prefix}AZURE__KIND`] = "azure";
    settings[`MODELS__${prefix}AZURE__ENDPOINT`] = openAi.azureEndpoint;
    settings[`MODELS__${prefix}AZURE__DEPLOYMENT`] = "talk";
    settings[`MODELS__${prefix}AZURE__API_KEY`] = key;
    settings[`MODELS__${prefix}LIVE__KIND`] = "gpt-live";
    settings[`MODELS__${prefix}LIVE__URL`] = live.url;
    settings[`MODELS__${prefix}LIVE__API_KEY`] = key === STAND_IN_KEY ? LIVE_STAND_IN_KEY : key;
  }
  gateway = await GatewayProcess.start(settings);
});

afterAll(async () => {
  expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  await openAi.close();
  await live.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(["openai", "azure", "live"])("a call that %s answers", (name) => {
  it("hears the greeting and an answer, and the key is nowhere", async () => {
    const calling = call(name, "--say", HELLO, "--seconds", "9");
    const current = await eventually("the call", async () => (await gateway.calls()).at(0), 20_000);
    const dump = await gateway.get(`/calls/${current.callId}/dump`);
    expect(JSON.parse(await calling)).toMatchObject({ answered: true });
    expect(dump.text).toContain(name);
    expect(dump.text).not.toContain(STAND_IN_KEY);
    const brains = name === "live" ? live.brains : openAi.brains;
    expect(brains.at(-1)?.errors).toEqual([]);
    expect(brains.at(-1)?.appends).toBeGreaterThan(50);
    expect(await voicedMs(name)).toBeGreaterThan(1500);
    expect(await readable()).not.toContain(STAND_IN_KEY);
  });
});

describe.each(["wrongopenai", "wrongazure", "wronglive"])("a call to %s", (name) => {
  it("is not silent, says in the log in plain words that the key is wrong, and shows it nowhere", async () => {
    const before = refusalsLogged();
    await call(name, "--seconds", "4");
    await eventually("the reason in the log", async () => refusalsLogged() > before);
    expect(await voicedMs(name)).toBeGreaterThan(500);
    expect(await readable()).not.toContain(WRONG_KEY);
  });
});
