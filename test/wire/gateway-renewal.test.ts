/**
 * Calls longer than a session of their model may be, in real time. Nova Sonic's stand-in ends each connection after a minute and
 * speaks numbered words that go on where the history ends, so that the recording proves what was lost or repeated.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NovaStandIn, startNovaStandIn } from "../support/nova-stand-in.ts";
import { countingFaults, type HeardWord, wordsIn } from "../support/numbered-words.ts";
import { STAND_IN_KEY, type StandIn, startOpenAiStandIn } from "../support/openai-stand-in.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { HELLO } from "./support/recordings.ts";
import { percentile } from "./support/stream-report.ts";
import { type LoggedModels, TalkingCaller } from "./support/talking-caller.ts";
import { pause } from "./support/waiting.ts";

const SESSION_MS = 60_000;
const CALL_MS = 185_000;
const ANSWER_WORDS = 6;
/** More than the caller hears on top of what an answer usually takes would be a gap. */
const MAX_GAP_MS = 400;
const OPENAI_SESSION_MS = 30_000;
const OPENAI_CALL_MS = 75_000;
/** Longer than the greeting takes. */
const GREETING_MS = 7000;
const OPENAI_ANSWER = "This is what I have to say.";

let standIn: NovaStandIn;
let openai: StandIn;
let gateway: GatewayProcess;

beforeAll(async () => {
  const script = { answers: [{ words: ANSWER_WORDS }], sessionLimitMs: SESSION_MS };
  standIn = await startNovaStandIn({ port: 0, script });
  openai = await startOpenAiStandIn({ port: 0, script: { answers: [{ text: OPENAI_ANSWER }] } });
  gateway = await GatewayProcess.start({
    MODELS__OPENAI__KIND: "openai",
    MODELS__OPENAI__URL: openai.url,
    MODELS__OPENAI__API_KEY: STAND_IN_KEY,
    MODELS__OPENAI__MAX_SESSION_SECONDS: String(OPENAI_SESSION_MS / 1000),
    MODELS__NOVA__KIND: "nova-sonic",
    MODELS__NOVA__ENDPOINT: standIn.endpoint,
    MODELS__NOVA__MAX_SESSION_SECONDS: String(SESSION_MS / 1000),
  });
});

afterAll(async () => {
  const exit = await gateway.stop();
  await standIn.close();
  await openai.close();
  expect(exit).toMatchObject({ code: 0, leftBehind: [] });
});

/** Answers, each with its first word. */
function answersOf(words: readonly HeardWord[]): readonly (readonly HeardWord[])[] {
  return Array.from({ length: Math.floor(words.length / ANSWER_WORDS) }, (_, i) =>
    words.slice(i * ANSWER_WORDS, (i + 1) * ANSWER_WORDS),
  );
}

/** Says the same words again and again, each time when the answer to them was heard. */
async function talk(caller: TalkingCaller, forMs: number): Promise<number> {
  const endMs = performance.now() + forMs;
  let turns = 0;
  for (; performance.now() < endMs; turns += 1) {
    await caller.ear.say(HELLO);
    await pause(4500 + ((turns * 377) % 1500));
  }
  return turns;
}

/** How long the caller waited for answers. */
function waitsOf({ turns }: LoggedModels): {
  readonly usualMs: number;
  readonly longestMs: number;
} {
  const waits = turns.flatMap(({ responseMs }) => (responseMs === null ? [] : [responseMs]));
  return { usualMs: percentile(waits, 0.5), longestMs: Math.max(...waits) };
}

describe("a call of three minutes over sessions of one", () => {
  it("is renewed twice, and the caller hears no gap, no repeat and no loss", async () => {
    const caller = await TalkingCaller.call(gateway, "nova");
    await talk(caller, CALL_MS);
    const words = wordsIn(caller.heard);
    await caller.hangUp();
    const log = await caller.log(gateway);

    const answers = answersOf(words);
    const silence = { maxGapMs: Number.POSITIVE_INFINITY, maxLengthErrorMs: 60 };
    expect(countingFaults(words, silence)).toEqual([]);
    for (const answer of answers) {
      expect(countingFaults(answer, { maxGapMs: MAX_GAP_MS, maxLengthErrorMs: 60 })).toEqual([]);
    }
    expect(words[0]?.number).toBe(0);
    expect(answers.length).toBeGreaterThan(20);

    const renewals = log.models.filter(({ ended }) => ended === "renewed").length;
    const { usualMs, longestMs } = waitsOf(log);
    process.stdout.write(
      `renewals ${renewals}, answers ${answers.length}, response p50 ${usualMs} ms, longest ${longestMs} ms\n`,
    );
    expect(renewals).toBeGreaterThanOrEqual(2);
    expect(log.models.map(({ ended }) => ended)).not.toContain("replaced");
    expect(longestMs - usualMs).toBeLessThanOrEqual(MAX_GAP_MS);
    expect(standIn.brains.flatMap(({ violations }) => violations)).toEqual([]);
    expect(standIn.refusals).toEqual([]);
  }, 260_000);

  it("answers every question of a call with OpenAI, whose sessions know what was said before", async () => {
    const caller = await TalkingCaller.call(gateway, "openai");
    await pause(GREETING_MS);
    const questions = await talk(caller, OPENAI_CALL_MS);
    await caller.hangUp();
    const log = await caller.log(gateway);
    const renewals = log.models.filter(({ ended }) => ended === "renewed").length;
    const { usualMs, longestMs } = waitsOf(log);
    process.stdout.write(
      `OpenAI: renewals ${renewals}, answers ${log.turns.length - 1} of ${questions}, response p50 ${usualMs} ms, longest ${longestMs} ms\n`,
    );
    expect(renewals).toBeGreaterThanOrEqual(2);
    expect(log.turns).toHaveLength(1 + questions);
    expect(longestMs - usualMs).toBeLessThanOrEqual(MAX_GAP_MS);
    const last = openai.brains.at(-1)?.messages ?? [];
    expect(last).toContain(`assistant: ${OPENAI_ANSWER}`);
    expect(last.some((line) => line.startsWith("user: turn"))).toBe(true);
  }, 150_000);
});
