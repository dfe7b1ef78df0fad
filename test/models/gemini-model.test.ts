/** A conversation with the Gemini model: setup, turns, interruption, texts, keys, tools, usage. */
import { describe, expect, it } from "vitest";
import { GEMINI_SPEAKS } from "../../src/models/gemini-wire.ts";
import { GeminiBench } from "../support/gemini/model-bench.ts";
import { speakNotes } from "../support/openai/voice.ts";

describe("a session with Gemini", () => {
  it("says once what it is, with the key in a header and never in the URL", async () => {
    const bench = new GeminiBench(
      {},
      { model: { activityDetection: { endSensitivity: "low", silenceDurationMs: 600 } } },
    );
    await bench.ready();
    const { request, sent } = bench.connection;
    expect(request.headers).toEqual({ "x-goog-api-key": "AIza-stand-in" });
    expect(request.url).not.toContain("AIza");
    expect(JSON.parse(sent[0] ?? "")).toEqual({
      setup: {
        model: "models/gemini-3.8-live",
        generationConfig: {
          responseModalities: ["AUDIO"],
          speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
        },
        systemInstruction: { parts: [{ text: "Be kind." }] },
        tools: [
          {
            functionDeclarations: [
              {
                name: "hang_up",
                description: "Ends the call.",
                parametersJsonSchema: {
                  type: "object",
                  properties: {},
                  additionalProperties: false,
                },
              },
            ],
          },
        ],
        realtimeInputConfig: {
          automaticActivityDetection: {
            endOfSpeechSensitivity: "END_SENSITIVITY_LOW",
            silenceDurationMs: 600,
          },
        },
        inputAudioTranscription: {},
        outputAudioTranscription: {},
        sessionResumption: {},
        contextWindowCompression: { slidingWindow: {} },
      },
    });
    expect(bench.brain.errors).toEqual([]);
    await bench.close();
  });

  it("is heard at 24 kHz byte by byte, and ends the answer when all audio came", async () => {
    const bench = new GeminiBench({ speed: 4 }, { plan: { greeting: "A greeting." } });
    await bench.clock.advanceMs(2000);
    expect(bench.sink.lines).toEqual([
      "ready",
      "audio answer-1",
      "audioDone answer-1",
      "model: A greeting.",
      expect.stringMatching(/^usage/),
    ]);
    const spoken = speakNotes(GEMINI_SPEAKS, 0, "A greeting.".length * 60);
    expect(Buffer.concat(bench.sink.audio).equals(spoken)).toBe(true);
    await bench.close();
  });

  it("hears the caller's turn and answers it, with both texts final", async () => {
    const bench = new GeminiBench({ answers: [{ text: "I heard you." }] });
    await bench.ready();
    await bench.speak(400, 2500);
    expect(bench.sink.finals).toEqual([
      { speaker: "caller", text: "This is turn 1." },
      { speaker: "model", text: "I heard you." },
    ]);
    expect(bench.sink.lines).not.toContain("speechStarted");
    expect(bench.brain.errors).toEqual([]);
    await bench.close();
  });

  it("reports one interruption when the caller speaks over an answer, and the next answer", async () => {
    const long = { text: "A long answer that nobody wants to hear to its end, so they speak." };
    const bench = new GeminiBench({ speed: 1, answers: [long, { text: "Yes?" }] });
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(1500);
    await bench.speak(400, 2000);
    const told = bench.sink.lines.filter((line) => !line.startsWith("usage"));
    expect(told.filter((line) => line === "interrupted")).toHaveLength(1);
    expect(told.slice(0, 3)).toEqual(["ready", "audio answer-1", "interrupted"]);
    expect(told).toContain("audioDone answer-2");
    expect(told).not.toContain("audioDone answer-1");
    const [heard] = bench.sink.finals.filter(({ speaker }) => speaker === "model");
    expect(long.text.startsWith(heard?.text ?? "-")).toBe(true);
    await bench.close();
  });

  it("says that it was interrupted while the answer is still being played", async () => {
    const bench = new GeminiBench({ speed: Number.POSITIVE_INFINITY });
    await bench.ready();
    bench.session.say("An answer that is sent at once and takes three seconds to be heard.");
    await bench.clock.advanceMs(800);
    expect(bench.sink.lines.at(-1)).toBe("audioDone answer-1");
    await bench.speak(200, 100);
    expect(bench.sink.lines).toContain("interrupted");
    await bench.close();
  });

  it("tells an interruption once, however often and whenever the service does", async () => {
    const bench = new GeminiBench(
      { speed: 1 },
      { plan: { greeting: "A greeting of some length." } },
    );
    await bench.clock.advanceMs(600);
    for (let i = 0; i < 3; i += 1) {
      bench.push({ serverContent: { interrupted: true } });
    }
    bench.push({ serverContent: { turnComplete: true } });
    bench.push({ serverContent: { interrupted: true } });
    expect(bench.sink.lines.filter((line) => line === "interrupted")).toHaveLength(1);
    await bench.close();
  });

  it("drops what still comes of an answer that the engine cut off, and plays the next one", async () => {
    const bench = new GeminiBench(
      { speed: 1 },
      { plan: { greeting: "A greeting of some length." } },
    );
    await bench.clock.advanceMs(700);
    bench.session.interrupt("answer-1", 100);
    const heardBytes = bench.sink.answers[0]?.bytes;
    await bench.clock.advanceMs(3000);
    expect(bench.sink.answers).toEqual([{ itemId: "answer-1", bytes: heardBytes, done: false }]);
    expect(bench.json()["lateDroppedBytes"]).toBeGreaterThan(0);
    bench.session.say("Once more.");
    await bench.clock.advanceMs(2000);
    expect(bench.sink.lines).toContain("audioDone answer-2");
    await bench.close();
  });

  it("waits with a text until the answer under way was heard", async () => {
    const bench = new GeminiBench(
      { speed: 8 },
      { plan: { greeting: "A greeting of two seconds and more." } },
    );
    await bench.ready();
    bench.session.say("First.");
    bench.session.say("Second.");
    await bench.clock.advanceMs(6000);
    expect(bench.sink.finals.map(({ text }) => text)).toEqual([
      "A greeting of two seconds and more.",
      "First.",
      "Second.",
    ]);
    expect(bench.sink.lines).not.toContain("interrupted");
    await bench.close();
  });

  it("tells keys together, and at once after #, also those pressed before it was ready", async () => {
    const bench = new GeminiBench({ answers: [{ text: "Thanks." }], speed: 50 });
    for (const digit of "12") {
      bench.session.pushDigit(digit);
    }
    await bench.clock.advanceMs(2000);
    expect(bench.brain.userTexts).toEqual(["(The caller pressed 1 2)"]);
    for (const digit of "34#") {
      bench.session.pushDigit(digit);
    }
    await bench.clock.advanceMs(20);
    expect(bench.brain.userTexts.at(-1)).toBe("(The caller pressed 3 4 #)");
    await bench.clock.advanceMs(2000);
    expect(bench.sink.finals).toHaveLength(2);
    await bench.close();
  });

  it("says when the caller's audio pauses, once, and goes on with the next piece", async () => {
    const bench = new GeminiBench({});
    await bench.ready();
    await bench.speak(200, 200);
    await bench.clock.advanceMs(5000);
    expect(bench.brain.streamEnds).toBe(1);
    await bench.speak(0, 400);
    expect(bench.brain.audioMessages).toBe(40);
    await bench.clock.advanceMs(5000);
    expect(bench.brain.streamEnds).toBe(2);
    await bench.close();
  });

  it("reports what was used, by kind of token", async () => {
    const bench = new GeminiBench({}, { plan: { greeting: "Hello there." } });
    await bench.clock.advanceMs(3000);
    const outputAudioTokens = Math.round(("Hello there.".length * 60) / 40);
    expect(bench.sink.lines.at(-1)).toBe(
      `usage ${JSON.stringify({
        inputTextTokens: 45,
        inputAudioTokens: 35,
        cachedTokens: 20,
        outputTextTokens: 5,
        outputAudioTokens,
      })}`,
    );
    await bench.close();
  });

  it("asks for no transcripts where none are wanted", async () => {
    const bench = new GeminiBench(
      {},
      { model: { transcription: false }, plan: { greeting: "Hi." } },
    );
    await bench.clock.advanceMs(2000);
    expect(bench.model.capabilities.transcripts).toBe(false);
    expect(bench.brain.setup).not.toHaveProperty("outputAudioTranscription");
    expect(bench.sink.finals).toEqual([]);
    await bench.close();
  });
});
