/** Calls to a model, from the invitation to the record, on virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import type { FakeModelSession } from "../support/fake-model.ts";
import { offerOf, Scenario, type ScenarioOptions } from "../support/scenario.ts";
import { expectGolden } from "../support/timeline.ts";

let scenario: Scenario;

/** A call that was answered, with the greeting (tone 7, 1 s) on its way. */
async function answeredCall(options: ScenarioOptions = {}) {
  scenario = new Scenario(options);
  await scenario.start();
  const phone = await scenario.phone();
  const caller = scenario.call(phone);
  await scenario.clock.advanceMs(100);
  const { session } = scenario.model;
  session.speakTone(7, 1000, "greeting");
  return { phone, caller, session };
}

/** The model hears the caller for a second and answers with tone 5. */
async function oneTurn(session: FakeModelSession, say: () => void) {
  say();
  await scenario.clock.advanceMs(200);
  session.sink.onSpeechStarted();
  await scenario.clock.advanceMs(1300);
  session.sink.onSpeechStopped();
  session.sink.onTranscript("caller", "What time is it?", "u1", true);
  await scenario.clock.advanceMs(100);
  session.sink.onTranscript("model", "Five.", "a1", true);
  session.speakTone(5, 800, "a1");
  await scenario.clock.advanceMs(1000);
}

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("a call to a model", () => {
  it("is greeted", async () => {
    const { phone, caller } = await answeredCall();
    await scenario.clock.advanceMs(1500);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(caller.statuses).toEqual([200]);
    expect(phone.tonesHeard()).toEqual([7]);
    expectGolden(scenario.timeline, "greeting");
  });

  it("has one turn, and the caller is heard by the model", async () => {
    const { phone, caller, session } = await answeredCall();
    await scenario.clock.advanceMs(1500);
    await oneTurn(session, () => phone.sendTone(3, 1000));
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(session.tonesHeard()).toEqual([3]);
    expect(phone.tonesHeard()).toEqual([7, 5]);
    expectGolden(scenario.timeline, "one-turn");
  });

  it("is interrupted: silence on the wire within 120 ms of the voice, and the model is told what was heard", async () => {
    const { phone, caller, session } = await answeredCall();
    await scenario.clock.advanceMs(400);
    const spokenUs = scenario.clock.nowUs();
    phone.sendTone(3, 800);
    await scenario.clock.advanceMs(100);
    session.sink.onSpeechStarted();
    await scenario.clock.advanceMs(1000);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    const spoken = phone.heard.filter(({ payload }) => payload.some((code) => code !== 0xff));
    const lastSpokenUs = spoken[spoken.length - 1]?.atUs ?? 0;
    expect(lastSpokenUs - spokenUs).toBeLessThanOrEqual(120_000);
    const [interrupt] = session.interrupts;
    expect(interrupt?.playedMs).toBe(spoken.length * 20);
    expectGolden(scenario.timeline, "barge-in");
  });

  it("takes keys by telephone-event and by INFO", async () => {
    const { phone, caller, session } = await answeredCall();
    await scenario.clock.advanceMs(1200);
    phone.sendDigits("1#");
    await scenario.clock.advanceMs(800);
    caller.sendInfo("application/dtmf-relay", "Signal=9\r\nDuration=160\r\n");
    await scenario.clock.advanceMs(100);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(session.digits).toEqual(["1", "#", "9"]);
    expectGolden(scenario.timeline, "dtmf");
  });

  it("falls silent for a caller who presses a key, and tells the model what was heard", async () => {
    const { phone, caller, session } = await answeredCall();
    await scenario.clock.advanceMs(400);
    phone.sendDigits("9");
    await scenario.clock.advanceMs(1000);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(session.digits).toEqual(["9"]);
    expect(session.interrupts.map(({ itemId }) => itemId)).toEqual(["greeting"]);
    expectGolden(scenario.timeline, "key-barge-in");
  });

  it("ends when the caller hangs up in the middle of a word", async () => {
    const { caller, session } = await answeredCall();
    await scenario.clock.advanceMs(300);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(session.closed).toBe(true);
    expectGolden(scenario.timeline, "caller-hangs-up");
  });

  it("ends when the model hangs up, after its last words were played", async () => {
    const { phone, caller, session } = await answeredCall();
    await scenario.clock.advanceMs(1200);
    session.speakTone(2, 600, "bye");
    session.sink.onToolCall("t1", "hang_up", "{}");
    await scenario.clock.advanceMs(1000);
    expect(caller.byesReceived).toBe(1);
    expect(phone.tonesHeard()).toEqual([7, 2]);
    const last = phone.spansHeard().findLast(({ sound }) => sound === 2);
    expect(last?.ms).toBe(600);
    expectGolden(scenario.timeline, "model-hangs-up");
  });

  it("apologises and ends when the model dies", async () => {
    const { phone, caller, session } = await answeredCall();
    await scenario.clock.advanceMs(1200);
    session.fail({ code: "MODEL_LOST", reason: "the connection was closed (1006)" });
    await scenario.clock.advanceMs(60);
    scenario.model.session.speakTone(9, 500, "sorry");
    await scenario.clock.advanceMs(1500);
    expect(phone.tonesHeard()).toEqual([7, 9]);
    expect(caller.byesReceived).toBe(1);
    expectGolden(scenario.timeline, "model-dies");
  });

  it("ends when the caller's audio stops", async () => {
    const { phone, caller } = await answeredCall({ mediaTimeoutMs: 5000 });
    await scenario.clock.advanceMs(1000);
    phone.hush();
    await scenario.clock.advanceMs(6000);
    expect(caller.byesReceived).toBe(1);
    expectGolden(scenario.timeline, "media-stops");
  });

  it("presses keys for the model", async () => {
    const { phone, caller, session } = await answeredCall();
    await scenario.clock.advanceMs(1200);
    session.sink.onToolCall("t1", "send_dtmf", '{"digits":"42"}');
    session.sink.onToolCall("t2", "send_dtmf", '{"digits":"x"}');
    session.sink.onToolCall("t3", "format_disk", "{}");
    await scenario.clock.advanceMs(1500);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(phone.digitsHeard).toEqual(["4", "2"]);
    const results = session.toolResults.map((line) => line.replace(/"error":.*/, "…"));
    expect(results.toSorted()).toEqual(['t1 {"ok":true}', 't2 {"ok":false,…', 't3 {"ok":false,…']);
  });

  it("gives the same timeline for the same seed, over a bad network", async () => {
    const network = { delayMs: 30, jitterMs: 25, lossFraction: 0.05, duplicateFraction: 0.02 };
    const texts: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      const { phone, caller, session } = await answeredCall({ seed: 99, network });
      await oneTurn(session, () => phone.sendTone(3, 1000));
      caller.hangUp();
      await scenario.clock.advanceMs(200);
      texts.push(scenario.timeline.text);
      if (run === 0) {
        await scenario.close();
      }
    }
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).toMatch(/lost [1-9]/);
  });
});

describe("the answer", () => {
  it("waits for the model, while the phone rings not at all", async () => {
    scenario = new Scenario();
    await scenario.start();
    const caller = scenario.call(await scenario.phone());
    await scenario.clock.advanceMs(40);
    expect(caller.statuses).toEqual([]);
    await scenario.clock.advanceMs(20);
    expect(caller.statuses).toEqual([200]);
  });

  it("is 503 with Retry-After when the model cannot be reached and the flow has such calls refused", async () => {
    scenario = new Scenario({ lastWords: { whenUnreachable: "refuse" } });
    await scenario.start();
    const caller = scenario.call(await scenario.phone());
    await scenario.clock.advanceMs(10);
    scenario.model.session.fail({ code: "MODEL_CONNECT_FAILED", reason: "refused" });
    await scenario.clock.advanceMs(10);
    expect(caller.statuses).toEqual([503]);
    expect(caller.refusalHeaders).toEqual({ "Retry-After": "5" });
    expect(scenario.records[0]?.verdict.outcome).toBe("modelFailed");
  });

  it("never comes for a caller who gave up", async () => {
    scenario = new Scenario();
    await scenario.start();
    const caller = scenario.call(await scenario.phone());
    await scenario.clock.advanceMs(10);
    caller.cancel();
    await scenario.clock.advanceMs(100);
    expect(caller.statuses).toEqual([487]);
    expect(scenario.records[0]?.verdict).toMatchObject({ endedBy: "caller", outcome: "cancelled" });
  });

  it("is an offer of ours when the invitation had none", async () => {
    scenario = new Scenario();
    await scenario.start();
    const phone = await scenario.phone();
    const caller = scenario.call(phone, {
      offer: undefined,
      lateAnswer: lateAnswerOf(offerOf(phone)),
    });
    await scenario.clock.advanceMs(100);
    expect(caller.answerSdp).toContain("RTP/AVP 0 8 101");
    scenario.model.session.speakTone(7, 200, "greeting");
    await scenario.clock.advanceMs(400);
    expect(phone.tonesHeard()).toEqual([7]);
  });
});

/** The phone takes the first codec and telephone-event. */
function lateAnswerOf(offer: string): string {
  return offer.replace("RTP/AVP 0 8 101", "RTP/AVP 0 101");
}
