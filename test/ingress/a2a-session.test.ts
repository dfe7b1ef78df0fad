/** Voice sessions of Amazon Connect, from the first frame to the record, on virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import { A2aLab, type A2aLabOptions } from "../support/a2a/a2a-lab.ts";
import { FakeModel } from "../support/fake-model.ts";

let lab: A2aLab;

async function session(options: A2aLabOptions = {}): Promise<A2aLab> {
  lab = new A2aLab(options);
  await lab.open();
  return lab;
}

afterEach(async () => {
  expect(await lab.close()).toEqual([]);
});

describe("a voice session of Amazon Connect", () => {
  it.each([
    [8000, 8000],
    [16_000, 24_000],
    [24_000, 16_000],
  ])("carries tones both ways at %i Hz in and %i Hz out", async (inputRateHz, outputRateHz) => {
    const { connect, scenario } = await session({ connect: { inputRateHz, outputRateHz } });
    expect(connect.response).toEqual({ statusCode: "200" });
    await lab.speakTone(3, 600);
    scenario.model.session.speakTone(7, 900, "answer");
    await lab.pass(2000);
    expect(scenario.model.session.tonesHeard()).toEqual([3]);
    expect(connect.tonesPlayed()).toEqual([7]);
    expect(connect.played.length / outputRateHz).toBeGreaterThan(0.85);
    expect(connect.statuses).toEqual(["TASK_STATE_COMPLETED"]);
  });

  it("proposes other audio where Connect's is none that is taken", async () => {
    const { connect } = await session({ connect: { inputRateHz: 44_100, outputRateHz: 8000 } });
    expect(connect.response).toEqual({
      statusCode: "200",
      audioInputConfiguration: {
        encoding: "LINEAR_PCM",
        sampleRateHertz: 8000,
        sampleSizeBits: 16,
        channelCount: 1,
      },
    });
    expect(connect.inputRateHz).toBe(8000);
  });

  it("proposes the rates that the operator wants", async () => {
    const rates = { inputRateHz: 16_000, outputRateHz: 24_000 } as const;
    const { connect, scenario } = await session({ parts: { rates } });
    expect([connect.inputRateHz, connect.outputRateHz]).toEqual([16_000, 24_000]);
    await lab.speakTone(4, 600);
    await lab.pass(300);
    expect(scenario.model.session.tonesHeard()).toEqual([4]);
  });

  it("says nothing before the channel is ready, and then what it had to say", async () => {
    lab = new A2aLab();
    const { scenario, connect, session: a2a } = lab;
    await scenario.start();
    a2a.start();
    connect.init();
    await lab.pass(100);
    scenario.model.session.speakTone(5, 600, "greeting");
    await lab.pass(1000);
    expect(connect.chunks).toBe(0);
    connect.ready();
    await lab.pass(1600);
    expect(connect.tonesPlayed()).toEqual([5]);
  });

  it("gives a call up whose channel does not become ready, as a failure", async () => {
    lab = new A2aLab();
    await lab.scenario.start();
    lab.session.start();
    lab.connect.init();
    await lab.pass(31_000);
    expect(lab.connect.failure).toMatchObject({ errorCode: 500 });
    expect(lab.closed).toBe("finished");
    expect(lab.scenario.records).toHaveLength(1);
  });

  it("has Connect forget what it holds when the caller speaks over an answer, and begins anew afterwards", async () => {
    const plan = { bargeIn: "immediate" } as const;
    const { connect, scenario } = await session({ scenario: { plan } });
    const model = scenario.model.session;
    model.speakTone(7, 5000, "long");
    await lab.pass(1500);
    model.sink.onSpeechStarted();
    await lab.pass(100);
    expect(connect.interruptions).toEqual(["USER_AUDIO_INPUT"]);
    expect(connect.flushed / 8).toBeGreaterThan(400);
    const heard = connect.played.length;
    await lab.pass(1000);
    expect(connect.played.length).toBe(heard);
    model.sink.onSpeechStopped();
    model.speakTone(2, 600, "next");
    await lab.pass(1500);
    expect(connect.tonesPlayed()).toEqual([7, 2]);
  });

  it("gives keys to the model, and interrupts for them as keys", async () => {
    const { connect, scenario } = await session();
    scenario.model.session.speakTone(7, 5000, "long");
    await lab.pass(600);
    connect.press("12#");
    await lab.pass(100);
    expect(scenario.model.session.digits).toEqual(["1", "2", "#"]);
    expect(connect.interruptions).toEqual(["DTMF_INPUT"]);
  });

  it("escalates to a person with the flow's words, and the record says so", async () => {
    const sales = {
      to: "sip:sales@pbx.example.com",
      description: "A person of sales",
      waitSeconds: 45,
    };
    const { connect, scenario } = await session({
      scenario: { plan: { tools: ["transfer"] }, lastWords: { transfers: { sales } } },
    });
    scenario.model.session.sink.onToolCall("t1", "transfer", '{"to":"sales"}');
    await lab.pass(500);
    expect(connect.finish).toEqual({ type: "ESCALATE", reason: "A person of sales" });
    expect(lab.closed).toBe("finished");
    expect(scenario.records[0]).toMatchObject({
      verdict: { endedBy: "model", reason: 'transferred to "sales"' },
      contactId: "contact-1",
      attributes: { connectInstanceId: "0b1c2d3e" },
    });
  });

  it("tells the model that nobody takes over where Connect cannot route on an escalation", async () => {
    const sales = { to: "sip:sales@pbx.example.com", waitSeconds: 45 };
    const { connect, scenario } = await session({
      connect: { finishTypes: ["COMPLETE"] },
      scenario: { plan: { tools: ["transfer"] }, lastWords: { transfers: { sales } } },
    });
    scenario.model.session.sink.onToolCall("t1", "transfer", '{"to":"sales"}');
    await lab.pass(500);
    expect(connect.finish).toBeUndefined();
    expect(scenario.model.session.toolResults[0]).toContain("refused");
  });

  it("finishes when the model hangs up, after its last words", async () => {
    const { connect, scenario } = await session();
    scenario.model.session.speakTone(6, 600, "goodbye");
    scenario.model.session.sink.onToolCall("t1", "hang_up", "{}");
    await lab.pass(1500);
    expect(connect.tonesPlayed()).toEqual([6]);
    expect(connect.finish?.type).toBe("COMPLETE");
  });

  it("says that it ended with an error when the gateway is stopped", async () => {
    const { connect, scenario } = await session();
    const drained = scenario.registry.drain(40);
    await lab.pass(200);
    await drained;
    expect(connect.finish?.type).toBe("COMPLETE_WITH_ERROR");
  });

  it("sends spans of each turn, in Connect's trace at first, when they are wanted", async () => {
    const { connect, scenario } = await session({ connect: { wantsSpans: true } });
    const { sink } = scenario.model.session;
    sink.onTranscript("caller", "my bill", "u1", true);
    sink.onTranscript("model", "It is paid.", "a1", true);
    scenario.model.session.speakTone(6, 400, "a1");
    await lab.pass(1000);
    scenario.model.session.speakTone(7, 400, "a2");
    await lab.pass(1000);
    expect(connect.spans.map(({ name }) => name)).toEqual([
      "invoke_agent agent",
      "chat fake",
      "invoke_agent agent",
      "chat fake",
    ]);
    const [root, child, second] = connect.spans;
    expect(root).toMatchObject({
      traceId: "550e8400e29b41d4a716446655440000",
      parentSpanId: "6ba7b8109dad11d1",
    });
    expect(child?.traceId).toBe(root?.traceId);
    expect(second?.traceId).not.toBe(root?.traceId);
    expect(JSON.stringify(root?.events)).toContain("It is paid.");
    expect(BigInt(root?.endTimeUnixNano ?? 0)).toBeGreaterThan(
      BigInt(root?.startTimeUnixNano ?? 0),
    );
  });

  it("sends no words in spans where they are not to leave, and no spans unasked", async () => {
    const { connect, scenario } = await session({
      connect: { wantsSpans: true },
      parts: { spanText: false },
    });
    scenario.model.session.sink.onTranscript("caller", "my bill", "u1", true);
    scenario.model.session.speakTone(6, 400, "a1");
    await lab.pass(1000);
    expect(JSON.stringify(connect.spans)).not.toContain("my bill");
    expect(connect.spans).toHaveLength(2);
  });

  it("survives frames that make no sense, answers each, and gives up on a peer that sends nothing else", async () => {
    const { connect, scenario } = await session();
    const bad = ["", "[]", "null", '{"jsonrpc":"2.0","id":7,"method":"GetTask"}', "{".repeat(5000)];
    for (const text of bad) {
      connect.sendRaw(text);
    }
    expect(connect.errors).toHaveLength(bad.length);
    expect(connect.errors[3]).toContain("-32601");
    await lab.speakTone(3, 400);
    await lab.pass(200);
    expect(scenario.model.session.tonesHeard()).toEqual([3]);
    for (let i = 0; i < 100; i += 1) {
      connect.sendRaw("nonsense");
    }
    await lab.pass(100);
    expect(lab.closed).toBe("protocol");
    expect(scenario.records).toHaveLength(1);
  });

  it("puts a frame together that came in pieces", async () => {
    lab = new A2aLab();
    const { scenario, connect, session: a2a } = lab;
    await scenario.start();
    a2a.start();
    connect.init();
    await lab.pass(100);
    connect.fragmented(connect.readyFrame(), 3);
    await lab.pass(100);
    scenario.model.session.speakTone(5, 600, "greeting");
    await lab.pass(1500);
    expect(connect.tonesPlayed()).toEqual([5]);
  });

  it("refuses a session without audio in words", async () => {
    lab = new A2aLab();
    await lab.scenario.start();
    lab.session.start();
    lab.connect.init({ audioInputConfiguration: undefined });
    await lab.pass(50);
    expect(lab.connect.errors[0]).toContain("only voice is taken");
    expect(lab.closed).toBe("refused");
  });

  it("refuses a session in words when the gateway is full", async () => {
    lab = new A2aLab({ scenario: { maxCalls: 0 } });
    await lab.scenario.start();
    lab.session.start();
    lab.connect.init();
    await lab.pass(50);
    expect(lab.connect.errors[0]).toContain("at its limit of calls");
    expect(lab.closed).toBe("refused");
  });

  it("refuses in words when the model cannot be reached", async () => {
    let model: FakeModel | undefined;
    lab = new A2aLab({
      scenario: {
        lastWords: { whenUnreachable: "refuse" },
        model: (clock) => {
          model = new FakeModel({ clock, readyAfterMs: undefined });
          return model;
        },
      },
    });
    await lab.scenario.start();
    lab.session.start();
    lab.connect.init();
    await lab.pass(50);
    model?.session.fail({ code: "MODEL_CONNECT_FAILED", reason: "no route" });
    await lab.pass(50);
    expect(lab.connect.errors[0]).toContain("MODEL_CONNECT_FAILED");
    expect(lab.closed).toBe("refused");
  });

  it("ends a connection that begins no session", async () => {
    lab = new A2aLab();
    lab.session.start();
    await lab.pass(10_100);
    expect(lab.closed).toBe("protocol");
  });

  it("ends a session whose peer is silent, and asks it before", async () => {
    await session({ scenario: { mediaTimeoutMs: 600_000 } });
    await lab.pass(60_000);
    expect(lab.pings).toBeGreaterThanOrEqual(2);
    expect(lab.closed).toBe("silent");
    expect(lab.scenario.records[0]?.verdict.outcome).toBe("serverLost");
  });

  it("keeps audio back from a peer that takes none, and counts it", async () => {
    const { scenario, connect } = await session();
    lab.bufferedBytes = 1024 * 1024;
    scenario.model.session.speakTone(6, 600, "answer");
    await lab.pass(900);
    expect(connect.played).toEqual([]);
    expect(lab.dropped.out).toBeGreaterThan(500);
  });

  it("ends with the socket, and leaves a record with the contact", async () => {
    await session();
    lab.session.gone(true);
    await lab.pass(100);
    expect(lab.scenario.records[0]).toMatchObject({
      contactId: "contact-1",
      verdict: { endedBy: "caller", outcome: "completed" },
    });
  });
});
