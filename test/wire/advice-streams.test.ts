/** Answers that grow, over real HTTP, by Bedrock's own client and by chat completions: whole, cut in the middle, slow and garbled. */
import { afterEach, describe, expect, it } from "vitest";
import { SystemClock } from "../../src/core/clock.ts";
import { BedrockAdvisor } from "../../src/models/bedrock-advisor.ts";
import { OpenAiAdvisor } from "../../src/models/openai-advisor.ts";
import type { AdviceRequest } from "../../src/ports/advisor.ts";
import {
  answerInPieces,
  type StreamStep,
  startCompletionStream,
  startConverseStream,
} from "../support/advice-streams.ts";

const ANSWER = 'From nine to four, „wirklich“. 😀 "Yes".';
const JSON_TEXT = JSON.stringify({ answer: ANSWER, sources: [1, 9] });
const SOURCE = { title: "Hours", uri: "hours.md", excerpt: "9 to 4" };

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
});

async function bench(kind: "bedrock" | "openai") {
  const clock = new SystemClock();
  const service = await (kind === "bedrock" ? startConverseStream() : startCompletionStream());
  closers.push(() => service.close());
  const endpoint = `http://127.0.0.1:${service.port}`;
  const bedrock = new BedrockAdvisor({
    clock,
    address: { region: "eu-central-1", endpoint },
    model: "m",
  });
  closers.push(() => bedrock.close());
  const advisor =
    kind === "bedrock" ? bedrock : new OpenAiAdvisor({ clock, url: `${endpoint}/v1`, model: "m" });
  const ask = async (steps: readonly StreamStep[], changes: Partial<AdviceRequest> = {}) => {
    service.steps = steps;
    const partials: string[] = [];
    const outcome = await advisor.advise({
      question: "When?",
      history: [],
      knowledge: [SOURCE],
      timeoutMs: 3000,
      signal: new AbortController().signal,
      onPartial: (text) => partials.push(text),
      ...changes,
    });
    return { outcome, partials };
  };
  return { ask, service, clock };
}

const piece = (text: string): StreamStep => ({ kind: "piece", text });

describe.each(["bedrock", "openai"] as const)("an answer of %s that grows", (kind) => {
  it("is seen as its text only, and cites sources when it is whole", async () => {
    const { ask, service, clock } = await bench(kind);
    const { outcome, partials } = await ask(answerInPieces(JSON_TEXT, 8));
    expect(outcome).toEqual({ kind: "advised", text: ANSWER, sources: [SOURCE] });
    expect(partials.length).toBeGreaterThan(2);
    expect(partials.every((text) => ANSWER.startsWith(text))).toBe(true);
    expect(partials.at(-1)).toBe(ANSWER);
    const asked = service.asked[0];
    expect(kind === "bedrock" ? asked?.path : asked?.body["stream"]).toEqual(
      kind === "bedrock" ? "/model/m/converse-stream" : true,
    );
    expect(clock.pending).toBe(0);
  });

  it("fails when it is cut in the middle, and says nothing after it", async () => {
    const { ask } = await bench(kind);
    const { outcome, partials } = await ask([piece('{"answer":"From ni'), { kind: "cut" }]);
    expect(outcome).toEqual({ kind: "failed", failure: "unreachable" });
    expect(partials).toEqual(["From ni"]);
  });

  it("fails when it ends too early, or is no JSON, or has another shape", async () => {
    const { ask } = await bench(kind);
    for (const text of ['{"answer":"From ni', "Sure! From nine.", '{"text":"From nine"}']) {
      const { outcome } = await ask([piece(text), { kind: "end" }]);
      expect(outcome).toEqual({ kind: "failed", failure: "badAnswer" });
    }
  });

  it("fails on garbage and on errors in the stream, in one word", async () => {
    const { ask } = await bench(kind);
    const garbage = await ask([piece('{"answer":"Fr'), { kind: "garbage" }, { kind: "end" }]);
    expect(garbage.outcome.kind).toBe("failed");
    const error = await ask([
      piece('{"answer":"Fr'),
      { kind: "error", name: "throttlingException" },
      { kind: "end" },
    ]);
    expect(error.outcome).toEqual({
      kind: "failed",
      failure: kind === "bedrock" ? "rateLimited" : "status",
    });
  });

  it("gives up when it is too slow, and when nobody waits any more", async () => {
    const { ask, clock } = await bench(kind);
    const slow = [piece('{"answer":"From'), { kind: "pause", ms: 1500 }, piece(' nine"}')] as const;
    const startedUs = clock.nowUs();
    const late = await ask(slow, { timeoutMs: 200 });
    expect(late).toEqual({ outcome: { kind: "failed", failure: "timedOut" }, partials: ["From"] });
    expect((clock.nowUs() - startedUs) / 1000).toBeLessThan(1200);
    const leaving = new AbortController();
    const left = ask(slow, { signal: leaving.signal });
    leaving.abort();
    expect((await left).outcome).toEqual({ kind: "failed", failure: "timedOut" });
    expect(clock.pending).toBe(0);
  });

  it("is not read beyond what an answer can be", async () => {
    const { ask } = await bench(kind);
    const flood = Array.from({ length: 30 }, () => piece(" ".repeat(5000)));
    const { outcome } = await ask([...flood, { kind: "end" }]);
    expect(outcome).toEqual({ kind: "failed", failure: "tooBig" });
  });
});
