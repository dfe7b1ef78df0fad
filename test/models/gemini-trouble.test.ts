/** What goes wrong with the Gemini model: refusals and losses in plain words, bad input counted and survived. */
import { describe, expect, it } from "vitest";
import { GeminiBench } from "../support/gemini/model-bench.ts";
import type { GeminiScript } from "../support/gemini/script.ts";

const KEY = "look at models.gemini.apiKey";
const BAD_KEY = `the API key was refused: ${KEY}`;
const MODEL =
  "the service does not know the model, or not for live sessions: look at models.gemini.model";
const QUOTA = "the quota or rate limit of the key is reached";

function audio(data: string, mimeType = "audio/pcm;rate=24000"): unknown {
  return { serverContent: { modelTurn: { parts: [{ inlineData: { mimeType, data } }] } } };
}

describe("a session with Gemini that is refused", () => {
  it("names the setting when the key is wrong", async () => {
    const bench = new GeminiBench({}, { model: { apiKey: "AIza-wrong" } });
    await bench.clock.advanceMs(1000);
    expect(bench.sink.lines).toEqual(["failed MODEL_REJECTED"]);
    expect(bench.sink.failures[0]?.reason).toBe(`${BAD_KEY} (close code 1007)`);
    expect(bench.clock.pending).toBe(0);
  });

  it.each<[number, string, string, string, string]>([
    [400, "INVALID_ARGUMENT", "API key not valid. Pass a valid one.", "MODEL_REJECTED", BAD_KEY],
    [403, "PERMISSION_DENIED", "unregistered callers", "MODEL_REJECTED", BAD_KEY],
    [403, "PERMISSION_DENIED", "no", "MODEL_REJECTED", "the key may not use this service or model"],
    [429, "RESOURCE_EXHAUSTED", "slow down", "MODEL_RATE_LIMITED", QUOTA],
    [503, "UNAVAILABLE", "", "MODEL_RATE_LIMITED", "the service is overloaded"],
    [500, "INTERNAL", "", "MODEL_CONNECT_FAILED", "the service is failing"],
    [404, "", "", "MODEL_REJECTED", "there is no such service: look at models.gemini.url"],
  ])("with HTTP %i %s", async (status, error, message, code, reason) => {
    const bench = new GeminiBench({ refuse: { status, error, message } });
    await bench.clock.advanceMs(1000);
    expect(bench.sink.failures).toEqual([{ code, reason: `${reason} (HTTP ${status})` }]);
  });

  it.each<[number, string, string, string]>([
    [1007, "API Key not found. Please pass a valid API key.", "MODEL_REJECTED", BAD_KEY],
    [1008, "models/x is not found for API version v1beta, or is", "MODEL_REJECTED", MODEL],
    [1011, "You exceeded your current quota, see your plan", "MODEL_RATE_LIMITED", QUOTA],
    [1011, "Internal error encountered.", "MODEL_CONNECT_FAILED", "no session came about"],
    [
      1007,
      "Request contains an invalid argument.",
      "MODEL_REJECTED",
      "the settings of the session",
    ],
    [1013, "", "MODEL_RATE_LIMITED", "the service is overloaded"],
  ])("by closing with %i %s", async (closeCode, text, code, reason) => {
    const bench = new GeminiBench({ refuseSetup: { code: closeCode, reason: text } });
    await bench.clock.advanceMs(1000);
    expect(bench.sink.failures.map((failure) => failure.code)).toEqual([code]);
    expect(bench.sink.failures[0]?.reason).toContain(reason);
    expect(bench.sink.failures[0]?.reason).not.toContain(text === "" ? "API key:" : text);
  });

  it("by silence", async () => {
    const bench = new GeminiBench({ mute: true }, { model: { connectTimeoutMs: 2000 } });
    await bench.clock.advanceMs(2500);
    const reason = "no session within 2000 ms";
    expect(bench.sink.failures).toEqual([{ code: "MODEL_CONNECT_FAILED", reason }]);
    expect(bench.clock.pending).toBe(0);
  });
});

describe("a session with Gemini that is lost", () => {
  it.each<[number, string, string]>([
    [1000, "", "MODEL_LOST"],
    [1006, "", "MODEL_LOST"],
    [1007, "Request contains an invalid argument.", "MODEL_PROTOCOL"],
    [1008, "Operation is not implemented", "MODEL_LOST"],
    [1011, "Internal error encountered.", "MODEL_LOST"],
    [1011, "You exceeded your current quota", "MODEL_RATE_LIMITED"],
  ])("fails once when it is closed with %i %s in an answer", async (closeCode, reason, code) => {
    const closesAfterMs = { ms: 300, code: closeCode, reason };
    const bench = new GeminiBench({ answers: [{ text: "Cut off here.", closesAfterMs }] });
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(3000);
    expect(bench.sink.failures.map((failure) => failure.code)).toEqual([code]);
    expect(bench.sink.lines.at(-1)).toBe(`failed ${code}`);
    expect(bench.clock.pending).toBe(0);
  });

  it.each<[string, GeminiScript]>([
    ["stops in the middle of a word", { answers: [{ text: "It never ends", stallsAfterMs: 300 }] }],
    ["does not answer a text", { thinkMs: 1e9 }],
  ])("is given up when it %s", async (_what, script) => {
    const bench = new GeminiBench(script);
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(30_000);
    const reason = "the model does not answer: nothing came for 20 s";
    expect(bench.sink.failures).toEqual([{ code: "MODEL_LOST", reason }]);
  });

  it("is given up when the peer is dead, and not when it only has nothing to say", async () => {
    const bench = new GeminiBench({});
    await bench.ready();
    await bench.clock.advanceMs(120_000);
    expect(bench.sink.failures).toEqual([]);
    bench.connection.answersPings = false;
    await bench.clock.advanceMs(30_000);
    const reason = "the connection is dead: nothing came for 20 s";
    expect(bench.sink.failures).toEqual([{ code: "MODEL_LOST", reason }]);
  });

  it("is not given up while a function of ours takes its time", async () => {
    const bench = new GeminiBench({ answers: [{ text: "Wait.", toolCalls: [{ name: "f" }] }] });
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(60_000);
    expect(bench.sink.failures).toEqual([]);
    await bench.close();
  });
});

describe("bad input of the service", () => {
  it("is counted and survived", async () => {
    const garbage = [
      "not json",
      "[]",
      "null",
      "17",
      new Uint8Array([0xff, 0xfe, 0]),
      JSON.stringify({ somethingNew: {} }),
      JSON.stringify({ serverContent: { modelTurn: { parts: "none" } } }),
      JSON.stringify({ serverContent: { somethingNew: 1 } }),
      JSON.stringify({ usageMetadata: { promptTokenCount: "many" } }),
      JSON.stringify({ goAway: { timeLeft: 17 } }),
      JSON.stringify({ sessionResumptionUpdate: 1 }),
      JSON.stringify({ error: { status: "UNKNOWN" } }),
      JSON.stringify({ voiceActivity: {} }),
      "{}",
    ];
    const bench = new GeminiBench({ garbage });
    await bench.ready();
    expect(bench.json()).toMatchObject({ malformedEvents: 9, unknownEvents: 1, survivedErrors: 1 });
    bench.session.say("Still here.");
    await bench.clock.advanceMs(3000);
    expect(bench.sink.finals).toEqual([{ speaker: "model", text: "Still here." }]);
    await bench.close();
  });

  it("in audio costs that piece only", async () => {
    const bench = new GeminiBench({});
    await bench.ready();
    bench.push(audio("AAAA*AAA"));
    bench.push(audio("AAAA"));
    bench.push(audio("AAAAAAAA", "audio/pcm;rate=16000"));
    bench.push(audio("AAAAAAAA", "video/mp4"));
    bench.push(audio("AAAAAAAA", "audio/pcm"));
    bench.push(audio("AAAAAAAA", "audio/pcm; rate=24000"));
    expect(Buffer.concat(bench.sink.audio)).toHaveLength(12);
    expect(bench.json()).toMatchObject({ malformedEvents: 2, wrongRatePieces: 2 });
    await bench.close();
  });

  it("of 20 MB is not even read", async () => {
    const bench = new GeminiBench({});
    await bench.ready();
    bench.push({ serverContent: { inputTranscription: { text: "x".repeat(20e6) } } });
    expect(bench.json()).toMatchObject({ malformedEvents: 1 });
    expect(bench.sink.lines).toEqual(["ready"]);
    await bench.close();
  });

  it("is a failure where the service names one that ends the session", async () => {
    const bench = new GeminiBench({});
    await bench.ready();
    bench.push({ error: { status: "RESOURCE_EXHAUSTED", message: "secret of a caller" } });
    const reason = `${QUOTA} (error in the session)`;
    expect(bench.sink.failures).toEqual([{ code: "MODEL_RATE_LIMITED", reason }]);
  });

  it("in text that comes alone after an answer begins none, and is not owed an answer", async () => {
    const bench = new GeminiBench({}, { plan: { greeting: "Hello." } });
    await bench.clock.advanceMs(3000);
    bench.push({ serverContent: { outputTranscription: { text: "junk" } } });
    await bench.clock.advanceMs(60_000);
    bench.session.say("Next.");
    await bench.clock.advanceMs(3000);
    expect(bench.sink.finals.map(({ text }) => text)).toEqual(["Hello.", "Next."]);
    await bench.close();
  });

  it("in text that comes shortly before its audio is kept", async () => {
    const bench = new GeminiBench({});
    await bench.ready();
    bench.push({ serverContent: { outputTranscription: { text: "Early " } } });
    await bench.clock.advanceMs(300);
    bench.push(audio("AAAAAAAA"));
    bench.push({ serverContent: { outputTranscription: { text: "words." } } });
    bench.push({ serverContent: { turnComplete: true } });
    expect(bench.sink.finals).toEqual([{ speaker: "model", text: "Early words." }]);
    await bench.close();
  });
});

describe("what a Gemini session tells about itself", () => {
  it("holds neither the key nor anything that was said", async () => {
    const bench = new GeminiBench({}, { plan: { greeting: "The greeting." } });
    bench.session.pushDigit("7");
    await bench.clock.advanceMs(4000);
    const told = JSON.stringify([bench.json(), bench.model.describe(), bench.sink.failures]);
    for (const secret of ["AIza", "greeting", "pressed", "handle-"]) {
      expect(told).not.toContain(secret);
    }
    await bench.close();
  });
});
