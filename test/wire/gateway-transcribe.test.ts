/** Recording sessions in a real gateway with Amazon Transcribe as ears: `siprec send`, a page on `WS /assist`, and a stand-in that dies. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { wordsIn } from "../support/numbered-words.ts";
import { TRANSCRIBE_SCRIPTS, type TranscribeScript } from "../support/transcribe/script.ts";
import { startTranscribeStandIn, type TranscribeStandIn } from "../support/transcribe-stand-in.ts";
import type { AssistPage } from "./support/assist-page.ts";
import { buildGateway, GatewayProcess } from "./support/gateway-process.ts";
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

const SECRET = "a-secret-that-nobody/may+see";
const KEYS = new Map([["AKIAWIRETEST", SECRET]]);
/** When each side says five words. */
const CUSTOMER_SAYS_MS = [1000, 7000];
const AGENT_SAYS_MS = [4000];

const closers: (() => Promise<unknown>)[] = [];
let folder: string;

async function startStandIn(script: TranscribeScript, port = 0): Promise<TranscribeStandIn> {
  const standIn = await startTranscribeStandIn({ port, script, keys: KEYS });
  closers.push(() => standIn.close());
  return standIn;
}

async function startGateway(endpoint: string, isAnalytics: boolean): Promise<GatewayProcess> {
  const gateway = await GatewayProcess.start({
    FLOWS: join(folder, "flows"),
    MODELS__EARS__KIND: "transcribe",
    MODELS__EARS__ANALYTICS: String(isAnalytics),
    AWS__ENDPOINT: endpoint,
    AWS__ACCESS_KEY_ID: "AKIAWIRETEST",
    AWS__SECRET_ACCESS_KEY: SECRET,
  });
  // One that the test stopped itself has nothing left to stop.
  closers.push(() => gateway.stop().catch(() => undefined));
  return gateway;
}

/** A page that follows the one call in progress. */
async function follow(gateway: GatewayProcess): Promise<AssistPage> {
  const { page } = await followSession(gateway);
  closers.push(async () => page.socket.close());
  return page;
}

async function expectNoSecret(gateway: GatewayProcess, sipCallId: string): Promise<void> {
  const record = JSON.stringify(await gateway.callLog(sipCallId));
  const metrics = (await gateway.get("/metrics")).text;
  for (const text of [JSON.stringify(gateway.log), gateway.stderr, record, metrics]) {
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain("AKIAWIRETEST");
  }
}

describe("a recording session with Amazon Transcribe as ears", () => {
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

  it("tells a page what both roles say, in order, with the sentiment of the service", async () => {
    const standIn = await startStandIn({
      ...TRANSCRIBE_SCRIPTS["lines"],
      sentiments: { "Thank you.": "NEGATIVE", "How long does a refund take?": "POSITIVE" },
    });
    const gateway = await startGateway(standIn.endpoint, true);
    const file = conversationFile(folder, "both", [
      side(0, CUSTOMER_SAYS_MS, 10),
      side(20, AGENT_SAYS_MS, 10),
    ]);
    const sending = sendSession(file, gateway);
    const page = await follow(gateway);
    await eventually("what was said last", () => finals(page).length === 3, 30_000);
    const sipCallId = await sending;
    expect(finals(page).map(({ role, text }) => [role, text])).toEqual([
      ["customer", "Hello, my order is broken and I am angry."],
      ["agent", "Good morning, what can I do for you?"],
      ["customer", "How long does a refund take?"],
    ]);
    expect(eventsOf(page, "transcript").length).toBeGreaterThan(6);
    const starts = finals(page).map(({ startMs = 0 }) => startMs);
    const gaps = [(starts[1] ?? 0) - (starts[0] ?? 0), (starts[2] ?? 0) - (starts[1] ?? 0)];
    expect(Math.max(...gaps.map((gapMs) => Math.abs(gapMs - 3000)))).toBeLessThan(100);
    // The local list of words would have found the question neutral, and the first one negative.
    const asked = finals(page)[2]?.utteranceId;
    const feelings = eventsOf(page, "sentiment");
    expect(feelings.find(({ utteranceId }) => utteranceId === asked)?.label).toBe("positive");
    expect(feelings[0]?.label).not.toBe("negative");
    expect(eventsOf(page, "finding").map(({ finding, text }) => [finding, text])).toEqual(
      expect.arrayContaining([
        ["issue", "my order is broken"],
        ["category", "damaged-goods"],
      ]),
    );
    const [brain] = standIn.brains;
    expect(standIn.brains).toHaveLength(1);
    expect(brain?.roles).toEqual(["CUSTOMER", "AGENT"]);
    expect([brain?.violations, standIn.refusals]).toEqual([[], []]);
    const heard = [0, 1].map((channel) => wordsIn(brain?.heard(channel) ?? new Int16Array()));
    expect(heard.map((words) => words.map(({ number }) => number))).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [20, 21, 22, 23, 24],
    ]);
    const skewMs = (heard[1]?.[0]?.startMs ?? 0) - (heard[0]?.[0]?.startMs ?? 0) - 3000;
    expect(Math.abs(skewMs)).toBeLessThanOrEqual(40);
    const log = await gateway.callLog(sipCallId);
    expect(log.transcript.map(({ role }) => role)).toEqual(["customer", "agent", "customer"]);
    await expectNoSecret(gateway, sipCallId);
    expect((await gateway.stop()).leftBehind).toEqual([]);
  });

  it("loses nothing of the call record when the service dies in the middle and comes back", async () => {
    const first = await startStandIn({});
    const gateway = await startGateway(first.endpoint, false);
    const times = [1000, 3500, 6000, 8500, 11_000];
    const file = conversationFile(folder, "long", [side(0, times, 19), side(30, times, 19)]);
    const sending = sendSession(file, gateway);
    const page = await follow(gateway);
    await eventually("the first words", () => finals(page).length >= 2, 20_000);
    await first.close();
    const notices = (): (boolean | undefined)[] =>
      eventsOf(page, "notice")
        .filter(({ part }) => part === "transcriber")
        .map(({ ok }) => ok);
    await eventually("the notice", () => notices().at(-1) === false);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await startStandIn({}, first.port);
    await eventually("the recovery", () => notices().at(-1) === true, 20_000);
    const sipCallId = await sending;
    expect(notices()).toEqual([false, true]);
    const log = await gateway.callLog(sipCallId);
    for (const [role, word] of [
      ["customer", 0],
      ["agent", 30],
    ] as const) {
      const lines = log.transcript.filter((line) => line.role === role);
      const numbers = numbersIn(lines);
      const all = Array.from({ length: 25 }, (_, index) => word + index);
      expect(all.filter((number) => !numbers.includes(number))).toEqual([]);
      expect(numbers.length).toBeLessThanOrEqual(27);
    }
    const metrics = (await gateway.get("/metrics")).text;
    expect(metrics).toMatch(/trunkline_model_outages_total\{[^}]*model="ears"[^}]*\} 1/);
    await expectNoSecret(gateway, sipCallId);
    expect((await gateway.stop()).leftBehind).toEqual([]);
  });
});
