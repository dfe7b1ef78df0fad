/** Calls to a gateway whose model is Gemini Live, or rather its stand-in: what the caller hears, and what nobody may read. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { goertzelPower, levelDbfs } from "../../src/audio/signal.ts";
import { readWav } from "../../src/audio/wav.ts";
import { GOOD_KEY } from "../support/gemini/brain.ts";
import type { GeminiScript } from "../support/gemini/script.ts";
import { type GeminiStandIn, startGeminiStandIn } from "../support/gemini-stand-in.ts";
import { answerNotesHz } from "../support/openai/voice.ts";
import type { CallLog } from "./support/call-log.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { eventually } from "./support/waiting.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HELLO = join(ROOT, "test", "fixtures", "audio", "hello.wav");
const WINDOW_SAMPLES = 480;
const MIN_WINDOWS = 4;
const ANSWERS = [0, 1, 2, 3];
const WRONG_KEY = "AIza-wrong-and-secret";

const folder = mkdtempSync(join(tmpdir(), "gemini-gateway-"));
const recording = join(folder, "call.wav");
let standIn: GeminiStandIn;
let gateway: GatewayProcess;

async function start(script: GeminiScript, apiKey: string): Promise<void> {
  standIn = await startGeminiStandIn({ port: 0, script });
  gateway = await GatewayProcess.start({
    MODELS__GEMINI__KIND: "gemini",
    MODELS__GEMINI__URL: standIn.url,
    MODELS__GEMINI__API_KEY: apiKey,
    LOG__LEVEL: "debug",
  });
}

interface Report {
  readonly answered: boolean;
  readonly turns: readonly { readonly answered: boolean }[];
}

function call(...options: readonly string[]): Promise<Report> {
  const main = join(ROOT, "dist", "main.js");
  const args = [main, "call", `sip:gemini@${gateway.target}`, "--record", recording, "--json"];
  return new Promise((resolve) => {
    execFile(process.execPath, [...args, ...options], (_error, stdout) =>
      resolve(JSON.parse(stdout) as Report),
    );
  });
}

/** The answers in what was heard, by their notes; a short run is an edge. */
async function answersHeard(): Promise<number[]> {
  const { samples } = readWav(await readFile(recording));
  const heard = samples[1] ?? new Int16Array(0);
  const runs: { answer: number; windows: number }[] = [];
  for (let start = 0; start + WINDOW_SAMPLES <= heard.length; start += WINDOW_SAMPLES) {
    const window = heard.subarray(start, start + WINDOW_SAMPLES);
    const answer = levelDbfs(window) > -40 ? loudest(window) : undefined;
    const last = runs.at(-1);
    if (last !== undefined && last.answer === answer) {
      last.windows += 1;
    } else if (answer !== undefined) {
      runs.push({ answer, windows: 1 });
    }
  }
  const long = runs.filter(({ windows }) => windows >= MIN_WINDOWS).map(({ answer }) => answer);
  return long.filter((answer, i) => answer !== long[i - 1]);
}

function loudest(window: Int16Array): number {
  const powers = ANSWERS.map((answer) =>
    Math.max(...answerNotesHz(answer).map((hz) => goertzelPower(window, 8000, hz))),
  );
  return powers.indexOf(Math.max(...powers));
}

async function record(): Promise<CallLog> {
  return eventually("the record of the call", async () => (await gateway.callLogs()).at(0));
}

/** Everything a person or a machine can read of the gateway. */
async function readable(): Promise<string> {
  const pages = ["/metrics", "/calls", "/call-logs", "/healthz"].map((path) => gateway.get(path));
  const texts = (await Promise.all(pages)).map(({ text }) => text);
  return [...texts, JSON.stringify(gateway.log), gateway.stderr].join("\n");
}

describe("a call that Gemini answers", () => {
  beforeAll(() => start({ answers: [{ text: "I heard you say something." }] }, GOOD_KEY));
  afterAll(async () => {
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
    await standIn.close();
  });

  it("hears the greeting and the answer to its words, at the right pitch and in order", async () => {
    const calling = call("--say", HELLO, "--seconds", "11");
    const live = await eventually("the call", async () => (await gateway.calls()).at(0), 20_000);
    const dump = await gateway.get(`/calls/${live.callId}/dump`);
    const report = await calling;
    expect(dump).toMatchObject({ status: 200, text: expect.stringContaining("gemini") });
    expect(dump.text).not.toContain(GOOD_KEY);
    expect(report).toMatchObject({ answered: true, turns: [{ answered: true }] });
    expect(await answersHeard()).toEqual([0, 1]);
    const [brain] = standIn.brains;
    expect(brain?.errors).toEqual([]);
    expect(brain?.audioMessages).toBeGreaterThan(100);
  });

  it("has its transcript in the record, and the key nowhere", async () => {
    const { model, transcript } = await record();
    expect(model).toBe("gemini");
    expect(transcript.map(({ speaker }) => speaker).slice(0, 3)).toEqual([
      "model",
      "caller",
      "model",
    ]);
    expect(await readable()).not.toContain(GOOD_KEY);
  });
});

describe("a call to Gemini with a wrong key", () => {
  beforeEach(() => start({}, WRONG_KEY));
  afterEach(async () => {
    await gateway.stop();
    await standIn.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says in the log in plain words what to change, and shows the key nowhere", async () => {
    await call("--seconds", "4");
    await eventually("the reason in the log", async () =>
      JSON.stringify(gateway.log).includes("the API key was refused: look at models.gemini.apiKey"),
    );
    expect(await readable()).not.toContain(WRONG_KEY);
  });
});
