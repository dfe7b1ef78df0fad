/** The bench's four kinds of sound in small: recorded once from the bench's synthetic callers, through the whole media path. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readWav } from "../../src/audio/wav.ts";
import { atLevel, between, oneOf, synthesiseCough } from "../support/barge-in/sounds.ts";
import { runTrial, type Trial, type TrialResult } from "../support/barge-in/trial.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const CALLS = 14;
const MIN_STOPPED = 0.95;
const MAX_KILLED = 0.05;
const SILENT_WITHIN_MS = 300;
const PACKET_MS = 20;
const FIXTURES = new URL("../fixtures/audio/barge-in/", import.meta.url);
const PROMPTS = new URL("../../flows/prompts/", import.meta.url);

const wav = (url: URL): Int16Array => readWav(readFileSync(url)).samples[0] ?? new Int16Array(0);
const ANSWERS = ["hello-this-is-trunkline-speak-and-i", "press-2-for-opening-hours-3-to"].map(
  (name) => wav(new URL(`${name}.wav`, PROMPTS)),
);

function recordings(kind: string): readonly Int16Array[] {
  const names = readdirSync(FIXTURES).filter((name) => name.startsWith(kind));
  return names.sort().map((name) => wav(new URL(name, FIXTURES)));
}

function trialOf(random: SeededRandom, changes: Partial<Trial>): Trial {
  return {
    seed: random.uint32(),
    answer: oneOf(random, ANSWERS),
    atMs: 20 * Math.round(between(random, 500, 1500) / 20),
    sound: undefined,
    noiseDbfs: between(random, -75, -55),
    echo: undefined,
    ...changes,
  };
}

async function run(create: (call: number) => Trial): Promise<readonly TrialResult[]> {
  const results: TrialResult[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    const result = await runTrial(create(call));
    expect(Math.abs(result.toldMs - result.sentMs)).toBeLessThanOrEqual(PACKET_MS);
    expect(result.faithful).toBe(true);
    results.push(result);
  }
  return results;
}

const shareOf = (results: readonly TrialResult[], is: (result: TrialResult) => boolean): number =>
  results.filter(is).length / results.length;

describe("sounds over an answer", () => {
  test("of callers who want the floor get it within 300 ms and for good", async () => {
    const random = new SeededRandom(11);
    const sounds = recordings("interruption");
    const results = await run((call) => {
      const sound = atLevel(sounds[call] ?? new Int16Array(0), between(random, -35, -10));
      return trialOf(random, { sound });
    });
    const stopped = shareOf(
      results,
      ({ killed, staysSilent, silentAfterMs = Number.POSITIVE_INFINITY }) =>
        killed && staysSilent && silentAfterMs <= SILENT_WITHIN_MS,
    );
    expect(stopped).toBeGreaterThanOrEqual(MIN_STOPPED);
  });

  test("that are coughs, backchannels and echoes of our playout do not end it", async () => {
    const random = new SeededRandom(12);
    const sounds = recordings("backchannel");
    const level = (): number => between(random, -35, -10);
    const coughs = await run(() =>
      trialOf(random, { sound: atLevel(synthesiseCough(random), level()) }),
    );
    const backchannels = await run((call) =>
      trialOf(random, { sound: atLevel(sounds[call] ?? new Int16Array(0), level()) }),
    );
    const echoes = await run(() => {
      const delayMs = between(random, 20, 450);
      const echo = { delayMs, gainDb: -20, reflection: between(random, 0, 0.4) };
      return trialOf(random, { atMs: 0, echo });
    });
    const others = [...coughs, ...backchannels, ...echoes];
    expect(shareOf(others, ({ killed }) => killed)).toBeLessThanOrEqual(MAX_KILLED);
  });
});
