import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { goertzelPower } from "../../src/audio/signal.ts";
import { LocalModel, type LocalModelOptions } from "../../src/models/local-model.ts";
import type { LocalSpeech } from "../../src/models/local-speech.ts";
import { decodeSpeech } from "../../src/models/speech-coding.ts";
import type { SpeechRecogniser, Utterance } from "../../src/models/speech-recogniser.ts";
import type { ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { agentPlan, flow, NO_SPEECH, PCMU, prompts } from "../support/agent-flow.ts";
import { ModelCall } from "../support/model-call.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const GREETING = flow.greeting;

const READING_US = 100_000;

/** Answers with the phrases it was given, one per turn, after 100 ms. */
class ScriptedRecogniser implements SpeechRecogniser {
  readonly program = "script";
  readonly utterances: Utterance[] = [];
  readonly #clock: VirtualClock;
  readonly #answers: (string | undefined)[];

  constructor(clock: VirtualClock, answers: (string | undefined)[]) {
    this.#clock = clock;
    this.#answers = answers;
  }

  recognise(utterance: Utterance): Promise<string | undefined> {
    this.utterances.push(utterance);
    const answer = this.#answers.shift();
    return new Promise((resolve) => {
      this.#clock.at(this.#clock.nowUs() + READING_US, () => resolve(answer));
    });
  }
}

/** Power of 400 Hz, the caller's tone, in µ-law bytes. */
function tonePower(bytes: Uint8Array): number {
  const samples = new Int16Array(bytes.length);
  decodeSpeech("pcmu", bytes, samples);
  return goertzelPower(samples, 8000, 400);
}

describe("the local model", () => {
  let clock: VirtualClock;
  let call: ModelCall;

  beforeEach(() => {
    clock = new VirtualClock();
    call = new ModelCall(clock);
  });

  afterEach(async () => {
    call.session.close();
    await clock.advanceMs(20_000);
    expect(clock.pending).toBe(0);
  });

  function createModel(speech: Partial<LocalSpeech> = {}): LocalModel {
    const options: LocalModelOptions = {
      name: "local",
      clock,
      prompts,
      speech: { ...NO_SPEECH, ...speech },
    };
    return new LocalModel(options);
  }

  function connect(model = createModel(), changes: Partial<ModelSessionPlan> = {}): void {
    call.connect(model.open({ ...agentPlan(changes), format: PCMU }, call.sink));
  }

  test("greets nobody who has talked with another model before, and answers them", async () => {
    const history = [{ speaker: "model", text: "Good morning." }] as const;
    connect(createModel(), { history });
    await call.quiet(1000);
    expect(call.sink.entries.filter(({ kind }) => kind === "audio")).toEqual([]);
    await call.speak(1000);
    await call.quiet(1500);
    expect(call.sink.entries.some(({ kind }) => kind === "audio")).toBe(true);
  });

  test("greets in the same turn of the loop in which it is ready", async () => {
    connect();
    await clock.advanceMs(0);
    expect(call.sink.entries.slice(0, 3).map(({ kind }) => kind)).toEqual([
      "ready",
      "transcript",
      "audio",
    ]);
    expect(call.sink.transcript).toEqual([`model: ${GREETING}`]);
  });

  test("hands audio over at most half a second ahead, in pieces of at most 200 ms", async () => {
    connect();
    for (let nowMs = 0; nowMs < 6000; nowMs += 100) {
      const handedMs = call.sink.audioOf("model-1").length / 8;
      expect(handedMs).toBeLessThanOrEqual(nowMs + 500);
      await clock.advanceMs(100);
    }
    expect(Math.max(...call.sink.all("audio").map(({ bytes }) => bytes.length))).toBeLessThan(1601);
    expect(call.sink.all("audioDone")).toHaveLength(1);
  });

  test("gives the caller's own words back, the 200 ms before them included", async () => {
    connect();
    await call.quiet(6000);
    await call.speak(1000);
    await call.quiet(3000);
    expect(call.sink.transcript.slice(1)).toEqual([
      "caller: (speech, 1.0 s)",
      "model: You said: (echo, 1.0 s)",
    ]);
    const itemId = call.sink.itemIds[1] ?? "";
    const promptBytes = prompts.find("You said:")?.length ?? 0;
    const echo = call.sink.audioOf(itemId).subarray(promptBytes);
    expect(echo.length / 8).toBe(200 + 1000 + 100);
    expect(tonePower(echo.subarray(1600, 9600)) / (10_000 ** 2 / 2)).toBeCloseTo(1, 1);
    expect(tonePower(echo.subarray(0, 1600))).toBeLessThan(10);
  });

  test("keeps no more than 15 s of a turn", async () => {
    connect();
    await call.quiet(6000);
    await call.speak(17_000);
    await call.quiet(600);
    const promptBytes = prompts.find("You said:")?.length ?? 0;
    await clock.advanceMs(20_000);
    const echoMs = (call.sink.audioOf(call.sink.itemIds[1] ?? "").length - promptBytes) / 8;
    expect(echoMs).toBeGreaterThan(14_900);
    expect(echoMs).toBeLessThanOrEqual(15_000);
  });

  test("reports a turn 60 ms after it began and 500 ms after it ended", async () => {
    connect();
    await call.quiet(6000);
    await call.speak(60);
    expect(call.sink.all("speechStarted")).toHaveLength(1);
    await call.quiet(480);
    expect(call.sink.all("speechStopped")).toHaveLength(0);
    await call.quiet(20);
    expect(call.sink.all("speechStopped")).toHaveLength(1);
  });

  test("stops its greeting when the caller speaks, and takes that as the answer", async () => {
    connect();
    await call.quiet(1000);
    await call.speak(800);
    const heard = call.sink.audioOf("model-1").length;
    await call.quiet(1000);
    expect(call.sink.audioOf("model-1")).toHaveLength(heard);
    expect(heard / 8).toBeLessThan(1600);
    expect(call.sink.transcript.at(-1)).toBe("model: You said: (echo, 0.8 s)");
  });

  test("takes keys at any time, and leaves off what it was saying", async () => {
    connect();
    await call.quiet(1000);
    call.session.pushDigit("1");
    expect(call.sink.transcript.slice(1)).toEqual([
      "caller: (pressed 1)",
      expect.stringMatching(/^model: Press 2/),
    ]);
    expect(call.sink.all("audioDone").map(({ itemId }) => itemId)).toEqual(["model-1"]);
  });

  test("asks to hang up once the farewell was played", async () => {
    connect();
    await call.quiet(500);
    call.session.pushDigit("9");
    const lengthMs = (prompts.find("Thank you for calling. Goodbye.")?.length ?? 0) / 8;
    await clock.advanceMs(lengthMs);
    expect(call.sink.all("toolCall")).toEqual([]);
    await clock.advanceMs(1000);
    const [toolCall, ...others] = call.sink.all("toolCall");
    expect(toolCall).toMatchObject({ name: "hang_up", argumentsJson: "{}" });
    expect(others).toEqual([]);
    call.session.toolResult(toolCall?.toolCallId ?? "", "{}");
  });

  test("counts silence from the moment its words were played, asks, then takes leave", async () => {
    connect();
    const greetingMs = (prompts.find(GREETING)?.length ?? 0) / 8;
    await call.quiet(greetingMs + 6900);
    expect(call.sink.transcript).toHaveLength(1);
    await call.quiet(200);
    expect(call.sink.transcript[1]).toMatch(/^model: I am still here/);
    await call.quiet(19_000);
    expect(call.sink.transcript[2]).toMatch(/^model: I cannot hear you/);
    expect(call.sink.all("toolCall")).toHaveLength(1);
  });

  test("does not count silence while the caller speaks", async () => {
    connect();
    await call.quiet(6000);
    await call.speak(9000);
    expect(call.sink.transcript).toHaveLength(1);
  });

  test("goes where a recognised phrase leads", async () => {
    const recogniser = new ScriptedRecogniser(clock, ["hours", undefined, "bye"]);
    connect(createModel({ recogniser }));
    await call.quiet(6000);
    for (let turns = 0; turns < 3; turns += 1) {
      await call.speak(500);
      await call.quiet(6000);
    }
    expect(call.sink.transcript.slice(1)).toEqual([
      "caller: hours",
      "model: This is only a demonstration, so we are always open.",
      "caller: (speech, 0.5 s)",
      "model: You said: (echo, 0.5 s)",
      "caller: bye",
      "model: Thank you for calling. Goodbye.",
    ]);
    expect(recogniser.utterances[0]?.speechMs).toBe(500);
    expect(call.sink.all("toolCall")).toHaveLength(1);
  });

  test("answers once when the caller goes on after words that were not understood", async () => {
    const recogniser = new ScriptedRecogniser(clock, [undefined, "yes"]);
    connect(createModel({ recogniser }));
    await call.quiet(6000);
    await call.speak(500);
    await call.quiet(500);
    await call.speak(500);
    await call.quiet(2000);
    expect(call.sink.transcript.filter((line) => line.startsWith("model"))).toEqual([
      `model: ${GREETING}`,
      "model: I heard yes.",
    ]);
  });

  test("lets a key overtake words that are still being read", async () => {
    const recogniser = new ScriptedRecogniser(clock, ["hours"]);
    connect(createModel({ recogniser }));
    await call.quiet(6000);
    await call.speak(500);
    await call.quiet(500);
    call.session.pushDigit("9");
    await call.quiet(1000);
    expect(call.sink.transcript.slice(1)).toEqual([
      "caller: (pressed 9)",
      "model: Thank you for calling. Goodbye.",
      "caller: hours",
    ]);
  });

  test("apologises for a text it cannot say, and counts it; the transcript has the text", async () => {
    const model = createModel();
    connect(model);
    await call.quiet(6000);
    call.session.say("Your parcel is here.");
    await call.quiet(2000);
    const itemId = call.sink.itemIds.at(-1) ?? "";
    expect(call.sink.transcript.at(-1)).toBe("model: Your parcel is here.");
    expect(call.sink.audioOf(itemId)).toHaveLength(
      prompts.find("I cannot say that here")?.length ?? 0,
    );
    expect(model.toJSON()).toMatchObject({ unspokenTexts: 1 });
    expect(model.capabilities.speaksText).toBe(false);
  });

  test("begins with the script's own words when the greeting cannot be said here", async () => {
    connect(createModel(), { greeting: "Welcome to Example Limited." });
    await clock.advanceMs(0);
    expect(call.sink.transcript).toEqual([`model: ${GREETING}`]);
  });

  test("greets before a script that begins by listening, and then listens", async () => {
    const dialogue = { start: "ears", steps: { ears: { otherwise: "ears" } } };
    connect(createModel(), { greeting: GREETING, dialogue });
    await clock.advanceMs(0);
    expect(call.sink.transcript).toEqual([`model: ${GREETING}`]);
    await call.quiet(8000);
    await call.speak(400);
    await call.quiet(3000);
    expect(call.sink.transcript).toEqual([`model: ${GREETING}`, "caller: (speech, 0.4 s)"]);
  });

  test("speaks any text with a synthesiser, and remembers it", async () => {
    const texts: string[] = [];
    const speak = (text: string): Promise<Int16Array> => {
      texts.push(text);
      return Promise.resolve(new Int16Array(800).fill(1000));
    };
    const model = createModel({ synthesiser: { program: "fake", speak } });
    connect(model, { greeting: "Welcome to Example Limited." });
    await call.quiet(1000);
    call.session.say("Welcome to Example Limited.");
    await call.quiet(1000);
    expect(texts).toEqual(["Welcome to Example Limited."]);
    expect(call.sink.itemIds.map((itemId) => call.sink.audioOf(itemId).length)).toEqual([800, 800]);
    expect(model.capabilities.speaksText).toBe(true);
  });

  test("drops synthesised words that the caller overtook with a key", async () => {
    const speak = (): Promise<Int16Array> =>
      new Promise((resolve) => {
        clock.at(clock.nowUs() + 100_000, () => resolve(new Int16Array(800)));
      });
    connect(createModel({ synthesiser: { program: "fake", speak } }), { greeting: "Welcome." });
    await clock.advanceMs(20);
    call.session.pushDigit("9");
    await call.quiet(500);
    expect(call.sink.transcript).toEqual([
      "caller: (pressed 9)",
      "model: Thank you for calling. Goodbye.",
    ]);
  });

  test("gives words back without any script", async () => {
    connect(createModel(), { greeting: undefined, dialogue: undefined });
    await call.quiet(4000);
    for (let turns = 0; turns < 2; turns += 1) {
      await call.speak(400);
      await call.quiet(3000);
    }
    expect(call.sink.transcript).toEqual([
      "model: Hello, this is Trunkline. Say something.",
      "caller: (speech, 0.4 s)",
      "model: You said: (echo, 0.4 s)",
      "caller: (speech, 0.4 s)",
      "model: You said: (echo, 0.4 s)",
    ]);
  });

  test("says in one line what it can do here, and why not more", () => {
    connect();
    expect(createModel().describe()).toBe(
      `local model: prompts only (speech is off), hears turns but no words, speaks ${prompts.size} shipped prompts`,
    );
    const recogniser = new ScriptedRecogniser(clock, []);
    const synthesiser = { program: "flite", speak: () => Promise.resolve(undefined) };
    expect(createModel({ recogniser, synthesiser, missing: [] }).describe()).toBe(
      `local model: speech, reads the script's words with script, speaks ${prompts.size} shipped prompts and any text with flite`,
    );
  });
});
