/** Nova Sonic against the stand-in's brain, on virtual time: how a session begins, speaks, is interrupted and ends. */
import { describe, expect, it } from "vitest";
import { NovaBench } from "../support/nova/nova-bench.ts";
import { wordsIn } from "../support/numbered-words.ts";

function numbersIn(audio: readonly Buffer[]): readonly number[] {
  const bytes = Uint8Array.from(Buffer.concat(audio));
  return wordsIn(new Int16Array(bytes.buffer)).map(({ number }) => number);
}

describe("a session", () => {
  it("opens in the order the service wants, and greets by a text of ours", async () => {
    const bench = new NovaBench({}, { greeting: "Welcome to the shop." });
    await bench.clock.advanceMs(3000);
    expect(bench.brain.received).toEqual([
      "sessionStart",
      "promptStart",
      ...["contentStart", "textInput", "contentEnd"],
      "contentStart",
      ...["contentStart", "textInput", "contentEnd"],
    ]);
    expect(bench.brain.protocol.instructions).toBe("Be kind.");
    expect(bench.brain.protocol.session?.turnDetectionConfiguration).toEqual({
      endpointingSensitivity: "HIGH",
    });
    expect(bench.brain.protocol.prompt?.audioOutputConfiguration.voiceId).toBe("tiffany");
    expect(bench.sink.lines).toEqual([
      "ready",
      "audio answer-1",
      "audioDone answer-1",
      "model: Welcome to the shop.",
      expect.stringMatching(/^usage/),
    ]);
    expect(bench.brain.violations).toEqual([]);
  });

  it("greets with v1 by its instructions, and tells it nothing it does not know", async () => {
    const bench = new NovaBench({}, { generation: "v1", greeting: "Welcome." });
    await bench.clock.advanceMs(2000);
    expect(bench.sink.finals).toEqual([{ speaker: "model", text: "Welcome." }]);
    expect(bench.brain.protocol.history).toEqual([
      { role: "USER", text: "(The call is connected.)" },
    ]);
    expect(bench.brain.protocol.session?.turnDetectionConfiguration).toBeUndefined();
    bench.session.say("Please hold.");
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(1000);
    expect(bench.json()).toMatchObject({ state: "ready", unsaidTexts: 2 });
    expect(bench.brain.violations).toEqual([]);
  });

  it("is asked, answers, and joins the pieces of an answer", async () => {
    const bench = new NovaBench({ answers: [{ text: "One piece. And another piece." }] });
    await bench.ready();
    await bench.speak(600, 2400);
    expect(bench.sink.lines.slice(1)).toEqual([
      "speechStopped",
      expect.stringMatching(/^caller: turn 1 of \d+ ms$/),
      "audio answer-1",
      "model: One piece.",
      "audioDone answer-1",
      "model: And another piece.",
      expect.stringMatching(/^usage/),
    ]);
    expect(bench.sink.answers).toEqual([{ itemId: "answer-1", bytes: 29 * 60 * 16, done: true }]);
    expect(bench.json()).toMatchObject({ answers: 1, unknownEvents: 0, malformedEvents: 0 });
  });

  it("tells usage since it was told last", async () => {
    const bench = new NovaBench({}, { greeting: "Hello." });
    await bench.clock.advanceMs(2000);
    const usage = bench.sink.lines.filter((line) => line.startsWith("usage"));
    expect(usage).toEqual([
      `usage ${JSON.stringify({
        inputTextTokens: 20,
        inputAudioTokens: 30,
        cachedTokens: 0,
        outputTextTokens: 10,
        outputAudioTokens: 40,
      })}`,
    ]);
  });

  it("says text and keys as text in the caller's place, which is no transcript of theirs", async () => {
    const bench = new NovaBench({ echoesText: true, answers: [{ text: "You pressed keys." }] });
    await bench.ready();
    bench.session.say("Please hold the line.");
    await bench.clock.advanceMs(3000);
    bench.session.pushDigit("1");
    bench.session.pushDigit("2");
    await bench.clock.advanceMs(400);
    expect(bench.brain.userTexts).toHaveLength(1);
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(3000);
    expect(bench.brain.userTexts[1]).toBe("(The caller pressed 1 2 #)");
    expect(bench.sink.finals).toEqual([
      { speaker: "model", text: "Please hold the line." },
      { speaker: "model", text: "You pressed keys." },
    ]);
    expect(bench.sink.lines).not.toContain("speechStopped");
  });

  it("closes in the order the service wants, and lets it end its side", async () => {
    const bench = new NovaBench({});
    await bench.ready();
    bench.session.close();
    await bench.clock.advanceMs(10);
    expect(bench.brain.received.slice(-3)).toEqual(["contentEnd", "promptEnd", "sessionEnd"]);
    expect(bench.brain.isClosedInOrder).toBe(true);
    expect(bench.stream.endedByClient).toBe("ended");
    expect(bench.clock.pending).toBe(0);
  });

  it("cuts a connection that does not end after the close", async () => {
    const bench = new NovaBench({ mute: true });
    bench.session.close();
    await bench.clock.advanceMs(2000);
    expect(bench.stream.endedByClient).toBe("aborted");
    expect(bench.clock.pending).toBe(0);
  });

  it("lives on silence, and not without", async () => {
    const bench = new NovaBench({});
    await bench.ready();
    await bench.speak(0, 120_000);
    expect(bench.json()).toMatchObject({ state: "ready" });
    await bench.clock.advanceMs(60_000);
    expect(bench.sink.failures).toEqual([
      {
        code: "MODEL_LOST",
        reason: "the service ended the session because it heard nothing (ValidationException)",
      },
    ]);
  });
});

describe("an interruption", () => {
  const long = { text: "This is a long answer. It goes on for quite some time. And on." };

  it.each(["both", "text", "stopReason"] as const)(
    "is told once, whichever signals come: %s",
    async (interruptionSignals) => {
      const bench = new NovaBench({ answers: [long], interruptionSignals, speed: 8 });
      await bench.ready();
      await bench.speak(400, 1600);
      await bench.speak(400, 400);
      const count = bench.sink.lines.filter((line) => line === "interrupted").length;
      expect(count).toBe(1);
      expect(bench.json()).toMatchObject({ interruptions: 1 });
    },
  );

  it("ends the audio, keeps what was spoken, and lets the next answer be heard", async () => {
    const bench = new NovaBench({ answers: [long, { text: "Second." }], speed: 1 });
    await bench.ready();
    await bench.speak(400, 2000);
    await bench.speak(400, 2000);
    const lines = bench.sink.lines.filter((line) => !line.startsWith("usage"));
    expect(lines.slice(3)).toEqual([
      "audio answer-1",
      "audioDone answer-1",
      expect.stringMatching(/^model: This is a( long)?$/),
      "interrupted",
      "speechStopped",
      expect.stringMatching(/^caller: turn 2/),
      "audio answer-2",
      "audioDone answer-2",
      "model: Second.",
    ]);
    expect(bench.json()).toMatchObject({ state: "ready", interruptions: 1 });
  });

  it("drops what still comes of the old answer, whatever it is called", async () => {
    const bench = new NovaBench({ answers: [{ words: 10, interruptsAfterMs: 1000 }] });
    await bench.ready();
    await bench.speak(400, 1500);
    expect(bench.sink.lines).toContain("interrupted");
    const heard = bench.sink.answers[0]?.bytes;
    const content = Buffer.alloc(320).toString("base64");
    bench.push("audioOutput", { contentId: "audio-0-0", content });
    bench.push("contentStart", { contentId: "late", type: "AUDIO", role: "ASSISTANT" });
    bench.push("audioOutput", { contentId: "late", content });
    bench.push("contentEnd", { contentId: "late", stopReason: "INTERRUPTED" });
    expect(bench.sink.answers).toEqual([{ itemId: "answer-1", bytes: heard, done: true }]);
    expect(bench.json()).toMatchObject({ lateAudioBytes: 640, interruptions: 1 });
  });

  it("makes the stand-in go on with the first word that was not heard whole", async () => {
    const bench = new NovaBench({ answers: [{ words: 10 }] });
    await bench.ready();
    await bench.speak(400, 2600);
    const before = bench.sink.audio.length;
    await bench.speak(400, 1500);
    const [first, second] = [bench.sink.audio.slice(0, before), bench.sink.audio.slice(before)];
    expect(numbersIn(first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(bench.sink.lines).toContain("interrupted");
    expect(numbersIn(second)[0]).toBe(4);
    expect(bench.brain.violations).toEqual([]);
  });

  it("by the engine is not told to the service, and silences this answer only", async () => {
    const bench = new NovaBench({ answers: [long, { text: "Second." }], speed: 1 });
    await bench.ready();
    await bench.speak(400, 1200);
    bench.session.interrupt("answer-1", 300);
    const heard = bench.sink.answers[0]?.bytes;
    await bench.clock.advanceMs(4000);
    expect(bench.sink.answers).toEqual([{ itemId: "answer-1", bytes: heard, done: true }]);
    bench.session.dismissSpeech();
    await bench.speak(400, 2000);
    expect(bench.sink.answers[1]).toMatchObject({ itemId: "answer-2", done: true });
    expect(bench.stream.sent.filter((text) => text.includes("interrupt"))).toEqual([]);
  });
});

describe("what was said before", () => {
  it("is told before audio, the caller first, and there is no greeting then", async () => {
    const bench = new NovaBench(
      { answers: [{ words: 2 }] },
      {
        greeting: "Hello.",
        history: [
          { speaker: "model", text: "word 0. word 1." },
          { speaker: "caller", text: "Go" },
          { speaker: "caller", text: "on." },
        ],
      },
    );
    await bench.ready();
    await bench.speak(400, 2500);
    expect(bench.brain.protocol.history).toEqual([
      { role: "USER", text: "(The call is connected.)" },
      { role: "ASSISTANT", text: "word 0. word 1." },
      { role: "USER", text: "Go on." },
    ]);
    expect(bench.sink.finals.at(-1)).toEqual({ speaker: "model", text: "word 2. word 3." });
    expect(bench.brain.userTexts).toEqual([]);
    expect(bench.brain.violations).toEqual([]);
  });

  it.each(["v1", "v2"] as const)(
    "fits into the limits of %s, counted in bytes",
    async (generation) => {
      const history = Array.from({ length: 300 }, (_, index) => ({
        speaker: index % 2 === 0 ? ("model" as const) : ("caller" as const),
        text: `${"\u{1F600}ä".repeat(generation === "v1" ? 300 : 9000)} ${index}`,
      }));
      const bench = new NovaBench({}, { generation, history });
      await bench.clock.advanceMs(100);
      expect(bench.brain.violations).toEqual([]);
      const told = bench.brain.protocol.history;
      expect(told[0]?.role).toBe("USER");
      expect(told.at(-1)?.text).toMatch(/ä 299$/);
      expect(told.length).toBeLessThanOrEqual(generation === "v1" ? 40 : 5);
      expect(told.map(({ text }) => text).join("")).not.toContain("\u{FFFD}");
    },
  );
});
