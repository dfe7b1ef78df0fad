/** The local model with real flite and pocketsphinx: what flite says into the call is read as the script's words. */
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeG711 } from "../../src/audio/g711.ts";
import { SystemClock, sleep } from "../../src/core/clock.ts";
import { createLocalModel, type LocalModel } from "../../src/models/local-model.ts";
import { detectSpeech, type LocalSpeech } from "../../src/models/local-speech.ts";
import { SystemPrograms } from "../../src/models/program-runner.ts";
import { agentPlan, PCMU } from "../support/agent-flow.ts";
import { RecordingSink } from "../support/recording-sink.ts";

const clock = new SystemClock();
const programs = new SystemPrograms({ clock });
const speech: LocalSpeech = await detectSpeech(programs, "auto");
if (speech.missing.length > 0) {
  console.warn(`SKIPPED test/wire/local-speech.test.ts: ${speech.missing.join("; ")}`);
}

async function until(predicate: () => boolean): Promise<void> {
  const endUs = clock.nowUs() + 10_000_000;
  while (!predicate() && clock.nowUs() < endUs) {
    await sleep(clock, 5);
  }
  expect(predicate()).toBe(true);
}

async function directories(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith("trunkline-speech-"));
}

describe.skipIf(speech.missing.length > 0)("the local model with flite and pocketsphinx", () => {
  let model: LocalModel;
  let before: string[];

  beforeAll(async () => {
    before = await directories();
    model = await createLocalModel({
      name: "local",
      clock,
      promptsDirectory: "flows/prompts",
      speech: "auto",
      programs,
    });
  });

  afterAll(async () => {
    await programs.close();
    expect(clock.pending).toBe(0);
    expect(await directories()).toEqual(before);
  });

  /** The caller's next words, faster than real time, between silences that end the turn. */
  async function spoken(text: string): Promise<Uint8Array> {
    const samples = await speech.synthesiser?.speak(text, new AbortController().signal);
    const padded = new Int16Array(4000 + (samples?.length ?? 0) + 8000);
    padded.set(samples ?? [], 4000);
    const bytes = new Uint8Array(padded.length);
    encodeG711("pcmu", padded, 0, padded.length, bytes, 0);
    return bytes;
  }

  async function transcriptOf(text: string): Promise<{ line: string; tookMs: number }> {
    const sink = new RecordingSink();
    const session = model.open({ ...agentPlan(), format: PCMU }, sink);
    await until(() => sink.all("audio").length > 0);
    const bytes = await spoken(text);
    for (let start = 0; start < bytes.length; start += 160) {
      session.pushAudio(bytes.subarray(start, start + 160));
    }
    const endedUs = clock.nowUs();
    await until(() => sink.transcript.some((line) => line.startsWith("caller: ")));
    const tookMs = (clock.nowUs() - endedUs) / 1000;
    session.close();
    return { line: sink.transcript.find((line) => line.startsWith("caller: ")) ?? "", tookMs };
  }

  test.each(["opening hours", "goodbye", "operator", "speak to a person"])(
    "reads %j",
    async (phrase) => {
      const { line, tookMs } = await transcriptOf(phrase);
      console.info(`"${phrase}" was read in ${tookMs.toFixed(0)} ms`);
      expect(line).toBe(`caller: ${phrase}`);
    },
  );

  test.each([
    "what is the weather like today",
    "I would like to order a large pizza",
    "testing one two three four",
  ])("does not take %j for one of its phrases", async (text) => {
    expect((await transcriptOf(text)).line).toMatch(/^caller: \(speech, \d\.\d s\)$/);
  });

  test("speaks a text that was never recorded", async () => {
    const sink = new RecordingSink();
    const session = model.open({ ...agentPlan({ greeting: "Good evening." }), format: PCMU }, sink);
    await until(() => sink.all("audioDone").length > 0);
    expect(sink.audioOf("model-1").length / 8).toBeGreaterThan(400);
    session.close();
  });

  test("answers busy when too many wait, and kills what runs when it closes", async () => {
    const own = new SystemPrograms({ clock, maxRunning: 1, maxWaiting: 1 });
    const program = own.locate("sleep") ?? "";
    const { signal } = new AbortController();
    const request = { program, args: ["60"], files: {}, outputFile: "none", signal };
    const first = own.run({ ...request, timeoutMs: 100 });
    const second = own.run({ ...request, timeoutMs: 60_000 });
    expect(await own.run({ ...request, timeoutMs: 1 })).toEqual({ kind: "failed", reason: "busy" });
    expect(await first).toEqual({ kind: "failed", reason: "timeout" });
    await sleep(clock, 50);
    await own.close();
    expect(await second).toEqual({ kind: "failed", reason: "aborted" });
  });

  test("prefers nothing when speech is off", async () => {
    const options = { name: "local", clock, promptsDirectory: "flows/prompts", programs };
    const off = await createLocalModel({ ...options, speech: "off" });
    expect(off.describe()).toMatch(/^local model: prompts only \(speech is off\)/);
    console.info(model.describe());
  });
});
