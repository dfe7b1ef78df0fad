/** Calls whose audio is PCM over a socket of somebody's own, from the door to the record, on virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import type { SampleRateHz } from "../../src/audio/frame.ts";
import { codeOf } from "../../src/core/errors.ts";
import { FakeModel } from "../support/fake-model.ts";
import { FakeVisitor, type FakeVisitorOptions, tonePcm } from "../support/fake-visitor.ts";
import { Scenario, type ScenarioOptions } from "../support/scenario.ts";

let scenario: Scenario;

async function visited(options: FakeVisitorOptions = {}, given: ScenarioOptions = {}) {
  scenario = new Scenario(given);
  await scenario.start();
  const visitor = new FakeVisitor(scenario, options);
  visitor.knock();
  await scenario.clock.advanceMs(200);
  return visitor;
}

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("a call whose audio is PCM", () => {
  it.each<SampleRateHz>([8000, 16_000, 24_000])(
    "carries the caller's tone to the model and the model's back at %i Hz",
    async (rateHz) => {
      const visitor = await visited({ rateHz });
      await visitor.speakTone(3, 600);
      scenario.model.session.speakTone(7, 800, "answer");
      await scenario.clock.advanceMs(1500);
      expect(scenario.model.session.tonesHeard()).toEqual([3]);
      expect(visitor.tonesHeard()).toEqual([7]);
      const spoken = visitor.speech.filter((isSpeech) => isSpeech).length * 20;
      expect(spoken).toBeGreaterThanOrEqual(780);
      expect(spoken).toBeLessThanOrEqual(840);
    },
  );

  it("is heard in one piece although its audio comes in bursts and is cut inside samples", async () => {
    const visitor = await visited();
    const bytes = tonePcm(4, 2000, 8000);
    for (let start = 0; start < bytes.length; start += 3333) {
      visitor.line.streams[0]?.push(bytes.subarray(start, start + 3333));
      await scenario.clock.advanceMs(3333 / 16);
    }
    await scenario.clock.advanceMs(600);
    const spans = scenario.model.session.spansHeard();
    const toneMs = spans.filter(({ sound }) => sound === 4).reduce((sum, { ms }) => sum + ms, 0);
    expect(scenario.model.session.tonesHeard()).toEqual([4]);
    expect(toneMs).toBeGreaterThan(1850);
  });

  it("forgets the oldest of what is more than may wait, and counts it", async () => {
    const visitor = await visited();
    visitor.line.streams[0]?.push(tonePcm(2, 3000, 8000));
    const before = visitor.line.toJSON()["caller"];
    expect(before).toMatchObject({ pushedMs: 3000, droppedMs: 2000, waitingMs: 1000 });
  });

  it("loses the delay that a burst left behind", async () => {
    const visitor = await visited();
    visitor.line.streams[0]?.push(tonePcm(1, 800, 8000));
    await visitor.speakTone(2, 3000);
    const after = visitor.line.toJSON()["caller"] as { waitingMs: number; trimmedMs: number };
    expect(after.waitingMs).toBeLessThan(150);
    expect(after.trimmedMs).toBeGreaterThan(600);
  });

  it("is told of the model's answer and of the caller who speaks over it", async () => {
    const visitor = await visited({}, { plan: { bargeIn: "immediate" } });
    scenario.model.session.speakTone(7, 5000, "answer");
    await scenario.clock.advanceMs(600);
    scenario.model.session.sink.onSpeechStarted();
    await scenario.clock.advanceMs(100);
    expect(visitor.facts.map(({ kind }) => kind)).toContain("bargedIn");
    const heardBefore = visitor.speech.filter((isSpeech) => isSpeech).length;
    await scenario.clock.advanceMs(500);
    expect(visitor.speech.filter((isSpeech) => isSpeech).length).toBe(heardBefore);
  });

  it("gives keys to the model, the same key twice as two", async () => {
    const visitor = await visited();
    for (const digit of ["1", "1", "#"]) {
      visitor.visit?.pressDigit(digit);
    }
    await scenario.clock.advanceMs(50);
    expect(scenario.model.session.digits).toEqual(["1", "1", "#"]);
  });

  it("ends with its peer, and leaves a record with the contact", async () => {
    const visitor = await visited();
    visitor.visit?.leave("peer", "hung up");
    visitor.visit?.leave("peer", "hung up");
    await scenario.clock.advanceMs(100);
    expect(visitor.verdict).toMatchObject({ endedBy: "caller", outcome: "completed" });
    expect(scenario.records).toHaveLength(1);
    expect(scenario.records[0]).toMatchObject({ contactId: "contact-1", mode: "agent" });
  });

  it("is cancelled when its peer leaves before it was accepted", async () => {
    const visitor = await visited({
      accept: (signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        ),
    });
    visitor.visit?.leave("peer", undefined);
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]?.verdict.outcome).toBe("cancelled");
    expect(visitor.verdict?.outcome).toBe("cancelled");
  });

  it("refuses in words when no model can be reached", async () => {
    let model: FakeModel | undefined;
    const visitor = await visited(
      {},
      {
        lastWords: { whenUnreachable: "refuse" },
        model: (clock) => {
          model = new FakeModel({ clock, readyAfterMs: undefined });
          return model;
        },
      },
    );
    model?.session.fail({ code: "MODEL_CONNECT_FAILED", reason: "no route" });
    await scenario.clock.advanceMs(50);
    expect(visitor.accepted).toBeUndefined();
    expect(visitor.refusals).toEqual([
      { status: 503, reason: expect.stringContaining("MODEL_CONNECT_FAILED") },
    ]);
    expect(visitor.verdict?.outcome).toBe("modelFailed");
  });

  it("does not come in when the gateway is full", async () => {
    scenario = new Scenario({ maxCalls: 0 });
    const visitor = new FakeVisitor(scenario);
    expect(() => visitor.knock()).toThrow(expect.objectContaining({ code: "CALL_CAP_REACHED" }));
    visitor.line.close();
  });

  it("hands over to a peer that takes it, in the flow's words", async () => {
    const transfers = {
      sales: { to: "sip:sales@pbx.example.com", description: "The sales team", waitSeconds: 45 },
    };
    const visitor = await visited(
      { takesOver: true },
      { plan: { tools: ["transfer"] }, lastWords: { transfers } },
    );
    scenario.model.session.sink.onToolCall("t1", "transfer", '{"to":"sales"}');
    await scenario.clock.advanceMs(300);
    expect(visitor.reasons).toEqual(["The sales team"]);
    expect(visitor.verdict).toMatchObject({ endedBy: "model", reason: 'transferred to "sales"' });
  });

  it("takes no encryption from the gateway's settings, for there is nothing to encrypt", async () => {
    const visitor = await visited({}, { srtp: "required" });
    expect(visitor.accepted).toBeDefined();
  });
});

describe("a line that is only listened to", () => {
  it("gives each stream to ears of its own with its role, stored audio at twice the speed until it is caught up", async () => {
    const plans = ["AUDIO_FROM_CUSTOMER", "AUDIO_TO_CUSTOMER"].map((label) => ({
      label,
      inputRateHz: 8000 as const,
      bufferMs: 4000,
      pace: "stored" as const,
      output: undefined,
    }));
    const roles = { AUDIO_FROM_CUSTOMER: "customer", AUDIO_TO_CUSTOMER: "agent" } as const;
    const visitor = await visited({
      plans,
      arrival: { door: "kinesisVideo", roles, streamArn: "arn:aws:kinesisvideo:stream/x/1" },
    });
    const [customer, agent] = visitor.line.streams;
    customer?.push(tonePcm(3, 4000, 8000));
    agent?.push(tonePcm(6, 4000, 8000));
    let room = false;
    void customer?.whenBelow(1000).then(() => {
      room = true;
    });
    await scenario.clock.advanceMs(1000);
    expect(room).toBe(false);
    await scenario.clock.advanceMs(1500);
    expect(room).toBe(true);
    await scenario.clock.advanceMs(1500);
    const [first, second] = scenario.model.sessions;
    expect([first?.tonesHeard(), second?.tonesHeard()]).toEqual([[3], [6]]);
    visitor.visit?.leave("peer", undefined);
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]).toMatchObject({
      mode: "assist",
      contactId: "contact-1",
      streamArn: "arn:aws:kinesisvideo:stream/x/1",
      participants: [
        { id: "AUDIO_FROM_CUSTOMER", role: "customer" },
        { id: "AUDIO_TO_CUSTOMER", role: "agent" },
      ],
    });
  });

  it("lets nobody in while the gateway drains", async () => {
    const visitor = await visited();
    const drained = scenario.registry.drain(10);
    const second = new FakeVisitor(scenario);
    let code: string | undefined;
    try {
      second.knock();
    } catch (error) {
      code = codeOf(error);
    }
    expect(code).toBe("CALL_DRAINING");
    second.line.close();
    await scenario.clock.advanceMs(100);
    await drained;
    expect(visitor.verdict?.outcome).toBe("drained");
  });
});
