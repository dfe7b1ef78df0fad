/** Ears of a real gateway beside the usual: OpenAI's transcription, streams apart, a secret that is wrong, a model that is dialled. */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { wordsIn } from "../support/numbered-words.ts";
import { STAND_IN_KEY } from "../support/openai-stand-in.ts";
import { startOpenAiTranscriptionStandIn } from "../support/openai-transcription-stand-in.ts";
import { startTranscribeStandIn } from "../support/transcribe-stand-in.ts";
import { buildGateway, GatewayProcess, type GatewaySettings } from "./support/gateway-process.ts";
import {
  conversationFile,
  eventsOf,
  finals,
  flowsWithEars,
  followSession,
  numbersIn,
  sendSession,
  side,
} from "./support/transcribed-session.ts";
import { eventually } from "./support/waiting.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const ACCESS_KEY = "AKIAWIRETEST";
const SECRET = "a-secret-that-nobody/may+see";

const closers: (() => Promise<unknown>)[] = [];
let folder: string;

beforeAll(async () => {
  ({ folder } = flowsWithEars());
  await buildGateway();
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(settings: GatewaySettings): Promise<GatewayProcess> {
  const gateway = await GatewayProcess.start({ FLOWS: join(folder, "flows"), ...settings });
  closers.push(() => gateway.stop().catch(() => undefined));
  return gateway;
}

function transcribe(endpoint: string, secret = SECRET): GatewaySettings {
  return {
    MODELS__EARS__KIND: "transcribe",
    AWS__ENDPOINT: endpoint,
    AWS__ACCESS_KEY_ID: ACCESS_KEY,
    AWS__SECRET_ACCESS_KEY: secret,
  };
}

/** The customer says words 0 … 9, the agent 20 … 24 between them. */
function conversation(): string {
  return conversationFile(folder, "both", [side(0, [1000, 7000], 10), side(20, [4000], 10)]);
}

/** Sends the conversation; the page, what the call's dump said in the middle, and the record. */
async function record(gateway: GatewayProcess) {
  const sending = sendSession(conversation(), gateway);
  const { page, callId } = await followSession(gateway);
  closers.push(async () => page.socket.close());
  await eventually("the first words", () => finals(page).length >= 1, 30_000);
  const dump = JSON.stringify(await gateway.dump(callId));
  const sipCallId = await sending;
  const log = await gateway.callLog(sipCallId);
  return { page, dump, log };
}

function expectHidden(texts: readonly string[], secrets: readonly string[]): void {
  for (const text of texts) {
    for (const secret of secrets) {
      expect(text).not.toContain(secret);
    }
  }
}

function expectAttributed(log: Awaited<ReturnType<typeof record>>["log"]): void {
  const said = (role: string) => numbersIn(log.transcript.filter((line) => line.role === role));
  expect(said("customer")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(said("agent")).toEqual([20, 21, 22, 23, 24]);
  expect(log.transcript.map(({ role }) => role)).toEqual(["customer", "agent", "customer"]);
}

describe("a recording session", () => {
  it("is written down by OpenAI, a session for each stream, G.711 as it comes", async () => {
    const standIn = await startOpenAiTranscriptionStandIn({ port: 0, script: {} });
    closers.push(() => standIn.close());
    const gateway = await start({
      MODELS__EARS__KIND: "openai-transcription",
      MODELS__EARS__URL: standIn.url,
      MODELS__EARS__API_KEY: STAND_IN_KEY,
    });
    const { page, dump, log } = await record(gateway);
    expectAttributed(log);
    expect(finals(page).map(({ role }) => role)).toEqual(["customer", "agent", "customer"]);
    expect(standIn.brains.map(({ errors }) => errors)).toEqual([[], []]);
    const heard = standIn.brains.map((brain) => wordsIn(brain.heard).map(({ number }) => number));
    expect(heard.sort(([one = 0], [other = 0]) => one - other)).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [20, 21, 22, 23, 24],
    ]);
    const metrics = (await gateway.get("/metrics")).text;
    const texts = [dump, JSON.stringify(log), JSON.stringify(gateway.log), metrics];
    expectHidden([...texts, gateway.stderr], [STAND_IN_KEY]);
    expect((await gateway.stop()).leftBehind).toEqual([]);
  });

  it("is written down by Amazon Transcribe with a stream for each side, where the model says separate", async () => {
    const standIn = await startTranscribeStandIn({
      port: 0,
      script: {},
      keys: new Map([[ACCESS_KEY, SECRET]]),
    });
    closers.push(() => standIn.close());
    const gateway = await start({
      ...transcribe(standIn.endpoint),
      MODELS__EARS__CHANNELS: "separate",
    });
    const { dump, log } = await record(gateway);
    expectAttributed(log);
    expect(standIn.refusals).toEqual([]);
    const heard = standIn.brains.map((brain) =>
      wordsIn(brain.heard(0)).map(({ number }) => number),
    );
    expect(heard.sort(([one = 0], [other = 0]) => one - other)).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [20, 21, 22, 23, 24],
    ]);
    expectHidden([dump, JSON.stringify(log)], [SECRET, ACCESS_KEY]);
    expect((await gateway.stop()).leftBehind).toEqual([]);
  });
});

describe("a secret that the service does not know", () => {
  const WRONG = "another-secret-that-is/wrong+";

  it("is told in plain words by the page, the log and the doctor, and never shown", async () => {
    const standIn = await startTranscribeStandIn({
      port: 0,
      script: {},
      keys: new Map([[ACCESS_KEY, SECRET]]),
    });
    closers.push(() => standIn.close());
    const settings = transcribe(standIn.endpoint, WRONG);
    const gateway = await start(settings);
    const sending = sendSession(conversation(), gateway);
    const { page } = await followSession(gateway);
    closers.push(async () => page.socket.close());
    await eventually("the notice", () =>
      eventsOf(page, "notice").find(({ part, ok }) => part === "transcriber" && ok === false),
    );
    const log = await gateway.callLog(await sending);
    expect(log.transcript).toEqual([]);
    const told = JSON.stringify(gateway.log);
    expect(told).toMatch(/secretAccessKey|secret key|credentials/i);
    expect(told).toContain("MODEL_REJECTED");
    const found = await doctor({ FLOWS: join(folder, "flows"), ...settings });
    expect(found).toMatch(/model ears session.*(?:secretAccessKey|secret key|credentials)/i);
    expectHidden([told, found, JSON.stringify(log), gateway.stderr], [WRONG, SECRET]);
  });
});

describe("a model that only listens", () => {
  it("takes no call: who dials it gets 404, and the log says why", async () => {
    const gateway = await start(transcribe("http://127.0.0.1:9"));
    const { stdout } = await run(["call", `sip:ears@${gateway.target}`, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ status: 404 });
    expect(JSON.stringify(gateway.log)).toContain("only listens, and answers no calls");
  });
});

async function doctor(settings: GatewaySettings): Promise<string> {
  const named = Object.entries(settings).map(([name, value]) => [`TRUNKLINE_${name}`, value]);
  const { stdout, stderr } = await run(["doctor"], Object.fromEntries(named));
  return `${stdout}${stderr}`;
}

function run(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const env = { ...process.env, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (_error, stdout, stderr) => {
      resolve({ stdout, stderr });
    });
  });
}
