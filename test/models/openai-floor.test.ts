/** The OpenAI model on virtual time: which of the caller's turns are answered, and which of them interrupt. */
import { describe, expect, it } from "vitest";
import { Bench } from "../support/openai/model-bench.ts";
import type { OpenAiScript } from "../support/openai/script.ts";

const LONG = "A long answer that goes on for quite a while, whatever the caller does.";
const SCRIPT: OpenAiScript = { speed: 1, answers: [{ text: LONG }, { text: "Another one." }] };

/** A bench whose first answer is being heard. */
async function answering(script: OpenAiScript = SCRIPT): Promise<Bench> {
  const bench = new Bench(script);
  await bench.ready();
  bench.session.pushDigit("#");
  await bench.clock.advanceMs(1000);
  expect(bench.sink.answers).toHaveLength(1);
  return bench;
}

function textsOf(bench: Bench): string[] {
  return bench.sink.finals.filter(({ speaker }) => speaker === "model").map(({ text }) => text);
}

describe("the caller's turn", () => {
  it("is left to the gateway by the service", async () => {
    const bench = new Bench({});
    await bench.ready();
    expect(bench.brain.session?.audio?.input?.turn_detection).toEqual({
      type: "server_vad",
      create_response: false,
      interrupt_response: false,
    });
  });

  it("is answered in the very moment it is committed", async () => {
    const bench = new Bench({});
    await bench.ready();
    const before = bench.connection.sent.length;
    bench.connection.push('{"type":"input_audio_buffer.committed","item_id":"i"}');
    expect(bench.connection.sent.slice(before)).toEqual([
      expect.stringContaining('"response.create"'),
    ]);
  });

  it("is answered at once when the answer before was heard to its end", async () => {
    const bench = new Bench({ answers: [{ text: "Yes." }] });
    await bench.ready();
    for (const turn of [1, 2]) {
      await bench.speak(400, 800);
      expect(bench.sink.answers).toHaveLength(turn);
      bench.session.played(`item_answer_${turn - 1}`);
    }
    expect(bench.json()["undecidedTurns"]).toBe(0);
  });

  it("takes the place of an answer that was not heard yet", async () => {
    const bench = new Bench({ thinkMs: 4000, answers: [{ text: "Late." }, { text: "For both." }] });
    await bench.ready();
    await bench.speak(400, 700);
    await bench.speak(400, 700);
    await bench.clock.advanceMs(8000);
    expect(textsOf(bench)).toEqual(["For both."]);
    expect(bench.brain.received.filter((type) => type === "response.cancel")).toHaveLength(1);
    expect(bench.brain.errors).toEqual([]);
  });

  it("cancels an answer that was asked for and not begun, as soon as it is", async () => {
    const bench = new Bench({ answers: [{ text: "Late." }, { text: "For both." }] });
    await bench.ready();
    bench.connection.push('{"type":"input_audio_buffer.committed","item_id":"i"}');
    bench.connection.push('{"type":"input_audio_buffer.committed","item_id":"j"}');
    await bench.clock.advanceMs(4000);
    expect(textsOf(bench)).toEqual(["For both."]);
    expect(bench.brain.errors).toEqual([]);
  });

  it("waits for a text that the gateway has the model say", async () => {
    const bench = new Bench({ thinkMs: 3000, answers: [{ text: "An answer." }] });
    await bench.ready();
    bench.session.say("One moment.");
    await bench.speak(400, 700);
    await bench.clock.advanceMs(9000);
    expect(textsOf(bench)).toEqual(["One moment.", "An answer."]);
  });

  it("is answered while tools are open", async () => {
    const bench = new Bench({
      answers: [
        { toolCalls: [{ name: "look_up", arguments: "{}" }] },
        { text: "Still looking." },
        { text: "Found." },
      ],
    });
    await bench.ready();
    await bench.speak(400, 800);
    expect(bench.sink.lines).toContain("tool call_0_0 look_up {}");
    await bench.speak(400, 3000);
    expect(textsOf(bench)).toEqual(["Still looking."]);
    bench.session.toolResult("call_0_0", "{}");
    await bench.clock.advanceMs(3000);
    expect(textsOf(bench)).toEqual(["Still looking.", "Found."]);
    expect(bench.brain.errors).toEqual([]);
  });
});

describe("a turn over an answer", () => {
  it("that the engine dismissed leaves no trace, and the answer goes on", async () => {
    const bench = await answering();
    bench.sink.onFact = (line) => {
      if (line === "speechStarted") {
        bench.session.dismissSpeech();
      }
    };
    await bench.speak(300, 700);
    await bench.clock.advanceMs(8000);
    expect(bench.brain.deletedTurns).toEqual(["item_turn_0"]);
    expect(bench.brain.received).not.toContain("response.cancel");
    expect(textsOf(bench)).toEqual([LONG]);
    expect(bench.json()).toMatchObject({ dismissedTurns: 1, undecidedTurns: 0 });
    expect(bench.brain.errors).toEqual([]);
  });

  it("may be dismissed after it ended", async () => {
    const bench = await answering();
    await bench.speak(300, 700);
    expect(bench.json()["waitingTurns"]).toBe(1);
    bench.session.dismissSpeech();
    await bench.clock.advanceMs(8000);
    expect(bench.brain.deletedTurns).toEqual(["item_turn_0"]);
    expect(textsOf(bench)).toEqual([LONG]);
  });

  it("that interrupts is answered, and the answer before is cut where it was heard", async () => {
    const bench = await answering();
    bench.sink.onFact = (line) => {
      if (line === "speechStarted") {
        bench.session.interrupt("item_answer_0", 320);
      }
    };
    await bench.speak(400, 700);
    await bench.clock.advanceMs(3000);
    expect(bench.brain.truncations).toMatchObject([{ audioEndMs: 320 }]);
    expect(textsOf(bench).at(-1)).toBe("Another one.");
    expect(bench.json()["undecidedTurns"]).toBe(0);
    expect(bench.brain.errors).toEqual([]);
  });

  it("may interrupt after it ended", async () => {
    const bench = await answering();
    await bench.speak(300, 700);
    bench.session.interrupt("item_answer_0", 900);
    await bench.clock.advanceMs(3000);
    expect(textsOf(bench).at(-1)).toBe("Another one.");
    expect(bench.brain.received.filter((type) => type === "response.cancel")).toHaveLength(1);
    expect(bench.brain.errors).toEqual([]);
  });

  it("that nobody judges is an interruption after a second", async () => {
    const bench = await answering();
    bench.sink.onFact = (line) => {
      if (line === "interrupted") {
        bench.session.interrupt("item_answer_0", 500);
      }
    };
    await bench.speak(300, 700);
    expect(bench.sink.lines).not.toContain("interrupted");
    await bench.clock.advanceMs(1000);
    expect(bench.sink.lines.filter((line) => line === "interrupted")).toHaveLength(1);
    await bench.clock.advanceMs(3000);
    expect(textsOf(bench).at(-1)).toBe("Another one.");
    expect(bench.brain.truncations).toMatchObject([{ audioEndMs: 500 }]);
    expect(bench.json()["undecidedTurns"]).toBe(1);
  });

  it("that nobody judges leaves an answer whole that the engine does not cut", async () => {
    const bench = await answering();
    await bench.speak(300, 700);
    await bench.clock.advanceMs(9000);
    expect(textsOf(bench)).toEqual([LONG, "Another one."]);
    expect(bench.brain.received).not.toContain("response.cancel");
    expect(bench.brain.errors).toEqual([]);
  });

  it("is answered as soon as the answer before was heard to its end", async () => {
    const bench = await answering({ answers: [{ text: "Shall I book it?" }, { text: "Booked." }] });
    await bench.speak(300, 700);
    expect(bench.json()["waitingTurns"]).toBe(1);
    bench.session.played("item_answer_0");
    await bench.clock.advanceMs(700);
    expect(bench.sink.answers).toHaveLength(2);
    expect(bench.json()).toMatchObject({ waitingTurns: 0, undecidedTurns: 0 });
  });

  it("is judged together with the one after it", async () => {
    const bench = await answering({ ...SCRIPT, vad: { silenceMs: 200 } });
    await bench.speak(200, 300);
    await bench.speak(200, 300);
    bench.session.dismissSpeech();
    await bench.clock.advanceMs(8000);
    expect(bench.brain.deletedTurns).toEqual(["item_turn_0", "item_turn_1"]);
    expect(textsOf(bench)).toEqual([LONG]);
  });

  it("leaves no timer behind", async () => {
    const bench = await answering();
    await bench.speak(300, 700);
    bench.session.close();
    expect(bench.clock.pending).toBe(0);
  });
});
