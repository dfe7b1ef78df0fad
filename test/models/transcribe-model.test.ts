/** Transcriptions by Amazon Transcribe on virtual time: whole, in order, at the right time, whatever the service does. */
import { afterEach, describe, expect, it } from "vitest";
import { wordsIn } from "../support/numbered-words.ts";
import {
  type HeardLeg,
  silenceBytes,
  TranscribeBench,
  wordBytes,
} from "../support/transcribe/bench.ts";

let bench: TranscribeBench;

afterEach(async () => {
  await bench.close();
  expect(bench.clock.pending).toBe(0);
});

function numbersOn(channel: number, stream = 0): number[] {
  const brain = bench.service.streams[stream]?.brain;
  return wordsIn(brain?.heard(channel) ?? new Int16Array()).map(({ number }) => number);
}

function numbersTold({ sink }: HeardLeg): number[] {
  return sink.finals.flatMap((text) => [...text.matchAll(/word (\d+)/g)].map((m) => Number(m[1])));
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

describe("two streams of a call", () => {
  it("are the channels of one stream, the customer first, each whole and at the same time", async () => {
    bench = new TranscribeBench();
    const agent = bench.open({ role: "agent", streams: 2 });
    const customer = bench.open({ role: "customer", streams: 2 });
    await bench.run(1000);
    customer.audio = wordBytes(0, 10);
    agent.audio = wordBytes(20, 10);
    await bench.run(7000);
    expect(bench.service.streams).toHaveLength(1);
    expect([numbersOn(0), numbersOn(1)]).toEqual([range(0, 10), range(20, 10)]);
    const brain = bench.service.streams[0]?.brain;
    const starts = [0, 1].map((channel) =>
      wordsIn(brain?.heard(channel) ?? new Int16Array()).map(({ startMs }) => startMs),
    );
    const skews = starts[0]?.map((startMs, index) => Math.abs(startMs - (starts[1]?.[index] ?? 0)));
    expect(Math.max(...(skews ?? []))).toBeLessThanOrEqual(10);
    expect([numbersTold(customer), numbersTold(agent)]).toEqual([range(0, 10), range(20, 10)]);
  });

  it("stay at the same time when one of them begins with what waited, and comes in bursts", async () => {
    bench = new TranscribeBench();
    const [customer, agent] = bench.openBoth();
    // 600 ms of audio that the engine kept until the service listened: both say word 5 at its end.
    for (const leg of [customer, agent]) {
      const waited = Buffer.concat([silenceBytes(leg === agent ? 200 : 600), wordBytes(5, 1)]);
      leg.sink.onReadyPush = () => leg.session.pushAudio(waited);
    }
    await bench.run(3000);
    const found = [0, 1].map((channel) =>
      wordsIn(bench.service.streams[0]?.brain.heard(channel) ?? new Int16Array()),
    );
    expect(found.map((words) => words.map(({ number }) => number))).toEqual([[5], [5]]);
    const [first, second] = found.map((words) => words[0]?.startMs ?? 0);
    expect(Math.abs((first ?? 0) - (second ?? 0))).toBeLessThanOrEqual(40);
  });

  it("are told with times of the call, to 100 ms, and stable names", async () => {
    bench = new TranscribeBench();
    const [customer] = bench.openBoth();
    await bench.run(5000);
    const saidAtMs = bench.clock.wallMs();
    customer.audio = wordBytes(0, 5);
    await bench.run(3500);
    const { told } = customer.sink;
    expect(told.length).toBeGreaterThan(2);
    expect(new Set(told.map(({ itemId }) => itemId)).size).toBe(1);
    expect(told.map(({ final }) => final)).toEqual([...told.slice(1).map(() => false), true]);
    const { startedAtMs = 0, endedAtMs = 0 } = told.at(-1)?.details ?? {};
    expect(Math.abs(startedAtMs - saidAtMs)).toBeLessThan(100);
    expect(Math.abs(endedAtMs - saidAtMs - 2000)).toBeLessThan(100);
  });

  it("go on with silence in the place of one that falls quiet without a packet", async () => {
    bench = new TranscribeBench();
    const [customer, agent] = bench.openBoth();
    await bench.run(1000);
    agent.isDead = true;
    customer.audio = wordBytes(0, 10);
    await bench.run(20_000);
    expect(numbersTold(customer)).toEqual(range(0, 10));
    expect(bench.service.streams).toHaveLength(1);
    expect(bench.service.streams[0]?.brain.violations).toEqual([]);
    agent.isDead = false;
    agent.audio = wordBytes(30, 5);
    await bench.run(4000);
    expect(numbersTold(agent)).toEqual(range(30, 5));
  });

  it("keep the 15 seconds of the service while nobody sends anything", async () => {
    bench = new TranscribeBench();
    const legs = bench.openBoth();
    await bench.run(500);
    for (const leg of legs) {
      leg.isDead = true;
    }
    await bench.run(60_000);
    expect(bench.service.streams).toHaveLength(1);
    expect(bench.service.streams[0]?.brain.violations).toEqual([]);
    expect(legs[0].sink.service).toEqual([]);
  });

  it("have a stream each where channels are separate, and a third one always has its own", async () => {
    bench = new TranscribeBench({}, { channels: "separate" });
    bench.openBoth();
    await bench.run(500);
    expect(bench.service.streams.map(({ request }) => request.channels)).toEqual([1, 1]);
    await bench.close();
    bench = new TranscribeBench();
    for (const role of ["customer", "agent", "unknown"] as const) {
      bench.open({ role, streams: 3 });
    }
    const third = bench.legs[2] as HeardLeg;
    await bench.run(1200);
    expect(bench.service.streams.map(({ request }) => request.channels)).toEqual([2, 1]);
    third.audio = wordBytes(40, 3);
    await bench.run(3000);
    expect(numbersTold(third)).toEqual(range(40, 3));
  });

  it("never meet those of another call", async () => {
    bench = new TranscribeBench();
    const one = bench.open({ role: "customer", streams: 2 }, "call-1");
    const other = bench.open({ role: "customer", streams: 2 }, "call-2");
    await bench.run(1500);
    one.audio = wordBytes(1, 3);
    other.audio = wordBytes(11, 3);
    await bench.run(3000);
    expect([numbersTold(one), numbersTold(other)]).toEqual([range(1, 3), range(11, 3)]);
    expect(bench.service.streams).toHaveLength(2);
  });

  it("end the stream in order when the last of them ends, and say nothing more", async () => {
    bench = new TranscribeBench();
    const [customer, agent] = bench.openBoth();
    await bench.run(500);
    customer.audio = wordBytes(0, 2);
    await bench.run(800);
    customer.session.close();
    const told = customer.sink.entries.length;
    await bench.run(500);
    expect(bench.service.streams[0]?.endedByClient).toBe("no");
    agent.session.close();
    await bench.run(500);
    expect(bench.service.streams[0]?.brain.isClosedInOrder).toBe(true);
    expect(customer.sink.entries).toHaveLength(told);
  });
});

describe("a service that fails", () => {
  it.each([
    ["breaks off without a word", { cutsAfterMs: 3000 }, "MODEL_LOST"],
    [
      "fails",
      { failsAfterMs: { ms: 3000, exception: { name: "InternalFailureException" } } },
      "MODEL_LOST",
    ],
    [
      "has enough",
      { failsAfterMs: { ms: 3000, exception: { name: "LimitExceededException" } } },
      "MODEL_RATE_LIMITED",
    ],
  ])("and %s costs no word: it is tried again with what was kept", async (_how, script, code) => {
    bench = new TranscribeBench(script);
    const [customer, agent] = bench.openBoth();
    await bench.run(700);
    customer.audio = wordBytes(0, 20);
    agent.audio = wordBytes(30, 20);
    await bench.run(2000);
    bench.service.script = { refuse: { name: "ServiceUnavailableException", status: 503 } };
    await bench.run(4000);
    expect(customer.sink.service).toEqual([code]);
    bench.service.script = {};
    await bench.run(12_000);
    expect(customer.sink.service).toEqual([code, "recovered"]);
    expect(agent.sink.service).toEqual([]);
    for (const [leg, first] of [
      [customer, 0],
      [agent, 30],
    ] as const) {
      const numbers = numbersTold(leg);
      expect([...new Set(numbers)]).toEqual(range(first, 20));
      // At most the word that was being said is told twice.
      expect(numbers.length).toBeLessThanOrEqual(21);
      const starts = leg.sink.told
        .filter(({ final }) => final)
        .map(({ details }) => details?.startedAtMs ?? 0);
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
    }
  });

  it("for longer than audio is kept loses the oldest, and counts it", async () => {
    bench = new TranscribeBench({ cutsAfterMs: 1000 });
    const [customer] = bench.openBoth();
    await bench.run(1500);
    bench.service.script = { refuse: { name: "ServiceUnavailableException", status: 503 } };
    await bench.run(60_000);
    bench.service.script = {};
    customer.audio = wordBytes(0, 5);
    await bench.run(25_000);
    expect(numbersTold(customer)).toEqual(range(0, 5));
    const { transcription } = customer.session.toJSON() as {
      transcription: { audio: { droppedMs: number; waitingMs: number } };
    };
    expect(transcription.audio.droppedMs).toBeGreaterThan(25_000);
    expect(transcription.audio.waitingMs).toBeLessThan(200);
  });

  it("is asked ever more seldom, and for ever", async () => {
    bench = new TranscribeBench({ cutsAfterMs: 500 });
    bench.openBoth();
    await bench.run(1200);
    bench.service.script = { refuse: { name: "ThrottlingException", status: 429 } };
    await bench.run(10_000);
    const soon = bench.service.streams.length;
    expect(soon).toBeGreaterThan(3);
    await bench.run(60_000);
    expect(bench.service.streams.length - soon).toBeLessThan(9);
    expect(bench.service.streams.length - soon).toBeGreaterThan(3);
  });

  it("at the very beginning takes audio all the same, and is tried again", async () => {
    bench = new TranscribeBench({ refuse: { name: "LimitExceededException", status: 429 } });
    const [customer] = bench.openBoth();
    await bench.run(400);
    expect(customer.sink.service).toEqual(["MODEL_RATE_LIMITED"]);
    customer.audio = wordBytes(0, 8);
    await bench.run(1200);
    bench.service.script = {};
    await bench.run(12_000);
    expect(customer.sink.service).toEqual(["MODEL_RATE_LIMITED", "recovered"]);
    expect(numbersTold(customer)).toEqual(range(0, 8));
  });

  it("for good at the beginning fails both streams, with words for the operator", async () => {
    bench = new TranscribeBench({ refuse: { name: "AccessDeniedException", status: 403 } });
    const legs = bench.openBoth();
    await bench.run(400);
    for (const { sink } of legs) {
      expect(sink.all("failed")).toHaveLength(1);
      expect(sink.all("failed")[0]?.failure).toMatchObject({
        code: "MODEL_REJECTED",
        reason: expect.stringContaining("transcribe:StartStreamTranscription"),
      });
    }
  });

  it("sends what cannot be read, and is listened to all the same", async () => {
    const garbage = [{}, { Transcript: { Results: [{ ResultId: 5 }] } }, "no", null];
    bench = new TranscribeBench({ garbage });
    const [customer] = bench.openBoth();
    await bench.run(500);
    customer.audio = wordBytes(0, 3);
    await bench.run(3000);
    expect(numbersTold(customer)).toEqual(range(0, 3));
    expect(customer.sink.service).toEqual([]);
  });

  it("takes nothing any more, and is given up for a new stream", async () => {
    bench = new TranscribeBench();
    const [customer] = bench.openBoth();
    await bench.run(500);
    const stuck = bench.service.streams[0];
    if (stuck !== undefined) {
      stuck.bufferedBytes = 100_000;
    }
    customer.audio = wordBytes(0, 5);
    await bench.run(30_000);
    expect(bench.service.streams).toHaveLength(2);
    expect(customer.sink.service).toEqual(["MODEL_LOST", "recovered"]);
    expect(numbersTold(customer)).toEqual(range(0, 5));
  });
});

describe("the limit of a stream", () => {
  it("is not waited for: the next one takes over in a pause, without a word lost or told twice", async () => {
    bench = new TranscribeBench({ sessionLimitMs: 20_000 }, { maxSessionMs: 20_000 });
    const [customer, agent] = bench.openBoth();
    await bench.run(1000);
    const speech = (first: number): Buffer =>
      Buffer.concat(
        range(0, 8).map((turn) =>
          Buffer.concat([wordBytes(first + turn * 4, 4), silenceBytes(3000)]),
        ),
      );
    customer.audio = speech(0);
    agent.audio = Buffer.concat([silenceBytes(800), speech(32)]);
    await bench.run(42_000);
    expect(bench.service.streams.length).toBeGreaterThanOrEqual(3);
    expect(customer.sink.service).toEqual([]);
    expect([numbersTold(customer), numbersTold(agent)]).toEqual([range(0, 32), range(32, 32)]);
  });

  it("comes though nobody pauses: the stream is changed in the middle of a word, and time goes on", async () => {
    bench = new TranscribeBench({ sessionLimitMs: 16_000 }, { maxSessionMs: 16_000 });
    const [customer] = bench.openBoth();
    await bench.run(1000);
    const saidAtMs = bench.clock.wallMs();
    customer.audio = wordBytes(0, 60);
    await bench.run(28_000);
    expect(bench.service.streams.length).toBeGreaterThanOrEqual(2);
    expect(customer.sink.service).toEqual([]);
    const numbers = numbersTold(customer);
    // A word that is cut in two is told by both halves or by neither.
    expect(new Set(numbers).size).toBeGreaterThanOrEqual(58);
    const last = customer.sink.told.at(-1)?.details;
    expect(Math.abs((last?.endedAtMs ?? 0) - saidAtMs - 24_000)).toBeLessThan(150);
  });
});

describe("Call Analytics", () => {
  const LINE = "That is great, thank you.";

  it("is told the roles first, and tells sentiment, issues and categories", async () => {
    bench = new TranscribeBench(
      {
        lines: [[LINE]],
        sentiments: { [LINE]: "NEGATIVE" },
        issue: "great",
        category: "praise",
      },
      { analytics: true },
    );
    const agent = bench.open({ role: "agent", streams: 2 });
    const customer = bench.open({ role: "customer", streams: 2 });
    await bench.run(500);
    expect(bench.service.streams[0]?.brain.roles).toEqual(["CUSTOMER", "AGENT"]);
    customer.audio = wordBytes(0, 4);
    await bench.run(3500);
    const last = customer.sink.told.at(-1);
    expect(last).toMatchObject({ text: LINE, final: true, details: { sentiment: "negative" } });
    expect(customer.sink.findings).toEqual([
      { kind: "issue", text: "great", itemId: last?.itemId },
    ]);
    expect(agent.sink.findings).toEqual([{ kind: "category", text: "praise", itemId: undefined }]);
  });

  it("waits a moment for roles, which then hold", async () => {
    bench = new TranscribeBench({}, { analytics: true });
    const first = bench.open({ role: "unknown", streams: 2 });
    const second = bench.open({ role: "unknown", streams: 2 });
    await bench.run(800);
    expect(bench.service.streams).toHaveLength(0);
    first.session.tellRole?.("agent");
    second.session.tellRole?.("customer");
    await bench.run(500);
    first.audio = wordBytes(10, 3);
    await bench.run(3000);
    expect(numbersOn(1)).toEqual(range(10, 3));
    expect(numbersTold(first)).toEqual(range(10, 3));
    expect(first.sink.findings).toEqual([]);
  });

  it("takes the first stream for the customer when nobody says who is who, and says so", async () => {
    bench = new TranscribeBench({}, { analytics: true });
    const first = bench.open({ role: "unknown", streams: 2 });
    bench.open({ role: "unknown", streams: 2 });
    await bench.run(2000);
    first.audio = wordBytes(10, 3);
    await bench.run(3000);
    expect(numbersOn(0)).toEqual(range(10, 3));
    expect(first.sink.findings).toMatchObject([{ kind: "remark" }]);
  });

  it("hears a lone stream on the channel of its role, and silence on the other", async () => {
    bench = new TranscribeBench({}, { analytics: true });
    const agent = bench.open({ role: "agent", streams: 1 });
    await bench.run(500);
    agent.audio = wordBytes(3, 3);
    await bench.run(3000);
    expect([numbersOn(0), numbersOn(1)]).toEqual([[], range(3, 3)]);
    expect(numbersTold(agent)).toEqual(range(3, 3));
  });
});
