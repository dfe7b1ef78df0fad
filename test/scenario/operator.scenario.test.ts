/** What an operator has a call do, from the registry to the phone, on virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import { fillSine } from "../../src/audio/signal.ts";
import { asCallId, type CallId } from "../../src/core/ids.ts";
import type { OperatorCommand } from "../../src/ports/call-directory.ts";
import type { FakeInvite } from "../support/fake-signaling.ts";
import { offerOf, Scenario } from "../support/scenario.ts";
import { toneHz } from "../support/tones.ts";

let scenario: Scenario;

async function call(invite: (offer: string) => Partial<FakeInvite> = () => ({})) {
  scenario = new Scenario();
  await scenario.start();
  const phone = await scenario.phone();
  const caller = scenario.call(phone, invite(offerOf(phone)));
  await scenario.clock.advanceMs(100);
  const [summary] = scenario.registry.list();
  return { phone, caller, callId: summary?.callId ?? asCallId("none") };
}

function tone(number: number, durationMs: number): Int16Array {
  const samples = new Int16Array(durationMs * 8);
  fillSine(samples, 8000, toneHz(number), 8000, 0);
  return samples;
}

/** `done`, or the code of the refusal. */
async function operate(callId: CallId, command: OperatorCommand): Promise<string> {
  try {
    await scenario.registry.operate(callId, command);
    return "done";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const counted = (command: string, outcome: string) =>
  scenario.metrics.counts.get(`trunkline_operator_commands_total ${command} ${outcome}`);

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("an operator", () => {
  it("has several pieces of audio played one after the other; the answer waits and loses nothing", async () => {
    const { phone, caller, callId } = await call();
    scenario.model.session.speakTone(7, 1000, "answer");
    await scenario.clock.advanceMs(410);
    for (const number of [2, 3, 4]) {
      expect(await operate(callId, { kind: "inject", samples: tone(number, 300) })).toBe("done");
    }
    await scenario.clock.advanceMs(2000);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(phone.tonesHeard()).toEqual([7, 2, 3, 4, 7]);
    expect(phone.toneMs(7)).toBe(1000);
    const sources = scenario.records[0]?.turns.map(({ source, playedMs }) => [source, playedMs]);
    expect(sources).toEqual([
      ["inject", 300],
      ["inject", 300],
      ["inject", 300],
      ["answer", 1000],
    ]);
    expect(counted("inject", "done")).toBe(3);
  });

  it("may be cut short by the caller who hangs up; what was not heard is in the record", async () => {
    const { caller, callId } = await call();
    await operate(callId, { kind: "inject", samples: tone(2, 5000) });
    await operate(callId, { kind: "inject", samples: tone(3, 5000) });
    await scenario.clock.advanceMs(1000);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    const [turn] = scenario.records[0]?.turns ?? [];
    expect((turn?.playedMs ?? 0) + (turn?.unheardMs ?? 0)).toBe(5000);
    expect(scenario.records[0]?.turns.length).toBe(1);
    expect(scenario.registry.operate(callId, { kind: "inject", samples: tone(2, 20) })).toBe(
      undefined,
    );
  });

  it("mutes the caller for the model and the model for the caller, and sees that", async () => {
    const { phone, callId, caller } = await call();
    const { session } = scenario.model;
    await operate(callId, { kind: "mute", who: "caller", on: true });
    phone.sendTone(3, 500);
    await scenario.clock.advanceMs(600);
    expect(session.tonesHeard()).toEqual([]);
    await operate(callId, { kind: "mute", who: "model", on: true });
    expect(scenario.registry.find(callId)?.muted).toEqual({ caller: true, model: true });
    session.speakTone(7, 500, "unheard");
    await scenario.clock.advanceMs(600);
    expect(phone.tonesHeard()).toEqual([]);
    expect(session.playedItems).toEqual(["unheard"]);
    for (const who of ["caller", "model"] as const) {
      await operate(callId, { kind: "mute", who, on: false });
    }
    expect(scenario.registry.find(callId)?.muted).toEqual({ caller: false, model: false });
    session.speakTone(5, 500, "heard");
    phone.sendTone(3, 500);
    await scenario.clock.advanceMs(700);
    expect(phone.tonesHeard()).toEqual([5]);
    expect(session.tonesHeard()).toEqual([3]);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
  });

  it("presses keys that the caller's phone hears, and has the model say a text", async () => {
    const { phone, callId, caller } = await call();
    expect(await operate(callId, { kind: "sendDigits", digits: "42#" })).toBe("done");
    expect(await operate(callId, { kind: "say", text: "Hello.", by: "model" })).toBe("done");
    await scenario.clock.advanceMs(1500);
    expect(phone.digitsHeard.join("")).toBe("42#");
    expect(scenario.model.session.said).toEqual(["Hello."]);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
  });

  it("is refused what the call cannot do, and the refusal is counted", async () => {
    const { callId, caller } = await call((offer) => ({
      offer: offer.replace(/^a=(rtpmap|fmtp):101.*\r\n/gm, "").replace(/(m=audio.*) 101/, "$1"),
    }));
    expect(await operate(callId, { kind: "sendDigits", digits: "1" })).toBe("MEDIA_NO_DIGITS");
    scenario.voice.unspeakable.add("Hi.");
    expect(await operate(callId, { kind: "say", text: "Hi.", by: "voice" })).toBe(
      "VOICE_CANNOT_SAY",
    );
    expect(await operate(callId, { kind: "inject", samples: new Int16Array(2_400_001) })).toBe(
      "MEDIA_CLIPS_FULL",
    );
    expect([
      counted("sendDigits", "noDigits"),
      counted("say", "voiceCannotSay"),
      counted("inject", "clipsFull"),
    ]).toEqual([1, 1, 1]);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
  });

  it("is refused while it rings", async () => {
    const { callId, caller } = await call(() => ({ to: "ring-2000" }));
    const command = { kind: "say", text: "Hi.", by: "model" } as const;
    expect(await operate(callId, command)).toBe("CALL_NOT_TALKING");
    await scenario.clock.advanceMs(2500);
    expect(await operate(callId, command)).toBe("MODEL_CANNOT_SAY");
    expect([counted("say", "notTalking"), counted("say", "modelCannotSay")]).toEqual([1, 1]);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
  });
});
