/** The protocol of the Nova Sonic stand-in, apart from any connection: events in, events out, on an injected clock. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import type { AudioFormat } from "../../../src/ports/realtime-model.ts";
import { StandInEar } from "../openai/voice.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { AnswerRun } from "./answer-run.ts";
import { type ClientEvent, clientEvent } from "./client-events.ts";
import { NovaProtocol, ProtocolViolation, type StandInGeneration } from "./protocol.ts";
import type { NovaScript, ScriptedAnswer, ScriptedException } from "./script.ts";

const DEFAULT_SESSION_LIMIT_MS = 8 * 60_000;
/** Users report 55 to 59 s. */
const DEFAULT_IDLE_LIMIT_MS = 55_000;

/** What the brain speaks through. */
export interface BrainOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly script: NovaScript;
  readonly generation: StandInGeneration;
  /** One chunk of the answer: JSON as a rule. */
  readonly send: (payload: Uint8Array) => void;
  /** Ends the answer with an exception. */
  readonly fail: (exception: ScriptedException) => void;
  /** Ends the answer in order. */
  readonly end: () => void;
  /** Breaks the connection. */
  readonly cut: () => void;
}

/** One session. What it saw is public, for tests to look at. */
export class NovaBrain {
  readonly protocol: NovaProtocol;
  /** Names of the client's events, audio left out; runs of the same content once. */
  readonly received: string[] = [];
  /** Texts the client wrote in place of the caller. */
  readonly userTexts: string[] = [];
  /** Why the session ended otherwise than by the client. */
  readonly violations: string[] = [];
  audioEvents = 0;
  audioBytes = 0;
  /** The client said that it is over. */
  isClosedInOrder = false;
  readonly #options: BrainOptions;
  readonly #timers = new Set<Timer>();
  #idleTimer: Timer | undefined;
  #format: AudioFormat = { encoding: "pcm16", rateHz: 8000 };
  #ear: StandInEar | undefined;
  #run: AnswerRun | undefined;
  #nextAnswer = 0;
  #serial = 0;
  #turns = 0;
  #turnStartMs = 0;
  #nextWord = 0;
  #totalTokens = 0;
  #over = false;

  constructor(options: BrainOptions) {
    this.#options = options;
    this.protocol = new NovaProtocol(options.generation);
  }

  /** The request was accepted. */
  start(): void {
    const { script } = this.#options;
    this.#later(script.sessionLimitMs ?? DEFAULT_SESSION_LIMIT_MS, () => {
      this.#fail({ name: "ModelTimeoutException", message: "Model has timed out in processing" });
    });
    if (script.failAtOnce !== undefined) {
      this.#fail(script.failAtOnce);
    }
  }

  /** The connection is gone. */
  stop(): void {
    this.#over = true;
    this.#run?.abandon();
    this.#idleTimer?.cancel();
    for (const timer of this.#timers) {
      timer.cancel();
    }
  }

  receive(text: string): void {
    if (this.#over) {
      return;
    }
    const result = clientEvent.safeParse(parseJson(text));
    if (!result.success) {
      const { path, message } = result.error.issues[0] ?? { path: [], message: "" };
      this.#refuse(`${path.join(".")}: ${message}`);
      return;
    }
    try {
      this.#take(result.data.event);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) {
        throw error;
      }
      this.#refuse(error.message);
    }
  }

  /** The client ended its side of the stream. */
  onClientEnded(): void {
    if (!this.#over && !this.isClosedInOrder) {
      this.#refuse("the stream ended before sessionEnd");
    }
  }

  #take(event: ClientEvent): void {
    if (!("audioInput" in event)) {
      this.received.push(Object.keys(event)[0] ?? "");
    }
    const done = this.protocol.take(event);
    if ("audioInput" in event) {
      this.#hear(event.audioInput.content);
    } else if ("contentStart" in event && event.contentStart.type === "AUDIO") {
      this.#onAudioOpen(event.contentStart.audioInputConfiguration.sampleRateHertz);
    } else if ("sessionEnd" in event) {
      this.#onSessionEnd();
    } else if (done?.start.type === "TOOL") {
      this.#onToolAnswered();
    } else if (done?.start.type === "TEXT" && done.start.interactive) {
      this.#onText(done.text);
    }
  }

  #onAudioOpen(rateHz: 8000 | 16_000 | 24_000): void {
    const { script, generation } = this.#options;
    const outRateHz = this.protocol.prompt?.audioOutputConfiguration.sampleRateHertz ?? rateHz;
    this.#format = { encoding: "pcm16", rateHz: outRateHz };
    this.#ear = new StandInEar({ encoding: "pcm16", rateHz }, script.vad ?? {});
    this.#nextWord = this.#lastWordSaid() + 1;
    this.#emit("completionStart", {});
    this.#armIdle();
    for (const payload of script.garbage ?? []) {
      this.#options.send(Buffer.from(payload as string));
    }
    // Unverified of the service: that a last message of the caller is answered without audio.
    if (generation === "v1" && this.protocol.history.at(-1)?.role === "USER") {
      const text = this.protocol.instructions?.split("\n").at(-1);
      this.#respond({ text: text ?? "Hello." });
    }
  }

  #hear(base64: string): void {
    const bytes = Buffer.from(base64, "base64");
    this.audioEvents += 1;
    this.audioBytes += bytes.length;
    if (bytes.length > 1_000_000 || bytes.length % 2 !== 0) {
      throw new ProtocolViolation("audio chunk of a wrong length");
    }
    this.#armIdle();
    this.#ear?.push(bytes, (change) => this.#onTurn(change));
  }

  #onTurn(change: "started" | "stopped"): void {
    const heardMs = this.#ear?.heardMs ?? 0;
    if (change === "started") {
      this.#turnStartMs = heardMs;
      this.#interrupt();
      return;
    }
    this.#turns += 1;
    this.#tellCaller(`turn ${this.#turns} of ${heardMs - this.#turnStartMs} ms`);
    this.#respond(this.#scriptedAnswer());
  }

  /** Numbered words that were not heard are said in the next answer. */
  #interrupt(): void {
    const run = this.#run;
    if (run?.isHeard === true) {
      run.interrupt();
      this.#nextWord = Math.min(this.#nextWord, run.nextWord);
      this.#run = undefined;
    }
  }

  #tellCaller(text: string): void {
    const content = {
      contentId: `caller-${this.#turns}-${this.#serial}`,
      type: "TEXT",
      role: "USER",
    };
    const additionalModelFields = JSON.stringify({ generationStage: "FINAL" });
    this.#emit("contentStart", { ...content, additionalModelFields });
    this.#emit("textOutput", { ...content, content: text });
    this.#emit("contentEnd", { ...content, stopReason: "END_TURN" });
  }

  #onText(text: string): void {
    this.userTexts.push(text);
    if (this.#options.script.echoesText === true) {
      this.#tellCaller(text);
    }
    const said = text.split("\n").slice(1).join("\n");
    this.#respond(said === "" ? this.#scriptedAnswer() : { text: said });
  }

  #onToolAnswered(): void {
    if (this.protocol.openTools.size === 0) {
      this.#respond(this.#scriptedAnswer());
    }
  }

  #scriptedAnswer(): ScriptedAnswer {
    const answers = this.#options.script.answers ?? [{ text: "This is an answer." }];
    const answer = answers[Math.min(this.#nextAnswer, answers.length - 1)] ?? {};
    this.#nextAnswer += 1;
    return answer;
  }

  /** A session with an unanswered tool says nothing any more, as the service does. */
  #respond(answer: ScriptedAnswer): void {
    const { clock, random, script } = this.#options;
    if (this.protocol.openTools.size > 0) {
      return;
    }
    this.#run?.abandon();
    const firstWord = this.#nextWord;
    const serial = this.#serial;
    this.#nextWord += answer.words ?? 0;
    this.#serial += 1;
    this.#run = new AnswerRun({
      clock,
      random,
      script,
      answer,
      serial,
      firstWord,
      format: this.#format,
      emit: (name, body) => this.#emit(name, body),
      onDone: () => this.#onAnswerDone(answer, serial),
      onAccident: () => this.#onAccident(answer),
    });
    this.#run.start();
  }

  #onAnswerDone(answer: ScriptedAnswer, serial: number): void {
    for (const [index, call] of (answer.toolCalls ?? []).entries()) {
      const toolUseId = `tool-${serial}-${index}`;
      const content = { contentId: `use-${serial}-${index}`, type: "TOOL", role: "TOOL" };
      this.#emit("contentStart", content);
      const use = { toolName: call.name, toolUseId, content: call.arguments };
      this.#emit("toolUse", { ...content, ...use });
      const stopReason = answer.cancelsTools === true ? "INTERRUPTED" : "TOOL_USE";
      this.protocol.openTools.add(toolUseId);
      this.#emit("contentEnd", { ...content, stopReason });
    }
    this.#tellUsage();
    if (answer.toolCalls === undefined) {
      this.#emit("completionEnd", { stopReason: "END_TURN" });
    }
  }

  #tellUsage(): void {
    const delta = {
      input: { speechTokens: 30, textTokens: 20 },
      output: { speechTokens: 40, textTokens: 10 },
    };
    this.#totalTokens += 100;
    const totals = { totalInputTokens: this.#totalTokens / 2, totalTokens: this.#totalTokens };
    this.#emit("usageEvent", { details: { delta, total: delta }, ...totals });
  }

  #onAccident(answer: ScriptedAnswer): void {
    if (answer.interruptsAfterMs !== undefined) {
      this.#interrupt();
      return;
    }
    this.#run?.abandon();
    if (answer.cutsAfterMs !== undefined) {
      this.#options.cut();
    } else if (answer.failsAfterMs !== undefined) {
      this.#fail(answer.failsAfterMs.exception);
    }
  }

  #onSessionEnd(): void {
    this.isClosedInOrder = true;
    this.stop();
    this.#options.end();
  }

  /** The largest number of a word in what was said before, or -1. */
  #lastWordSaid(): number {
    const texts = this.protocol.history.filter(({ role }) => role === "ASSISTANT");
    const numbers = texts.flatMap(({ text }) => [...text.matchAll(/\bword (\d+)/g)]);
    return Math.max(-1, ...numbers.map((match) => Number(match[1])));
  }

  #armIdle(): void {
    const { clock, script } = this.#options;
    this.#idleTimer?.cancel();
    this.#idleTimer = after(clock, script.idleLimitMs ?? DEFAULT_IDLE_LIMIT_MS, () =>
      this.#refuse("Timed out waiting for audio bytes or interactive content"),
    );
  }

  #refuse(message: string): void {
    this.violations.push(message);
    this.#fail({ name: "ValidationException", message });
  }

  #fail(exception: ScriptedException): void {
    if (!this.#over) {
      this.stop();
      this.#options.fail(exception);
    }
  }

  #later(delayMs: number, callback: () => void): void {
    this.#timers.add(after(this.#options.clock, delayMs, callback));
  }

  #emit(name: string, body: Record<string, unknown>): void {
    if (!this.#over) {
      const ids = { sessionId: "s-1", promptName: "call", completionId: "c-1" };
      this.#options.send(Buffer.from(JSON.stringify({ event: { [name]: { ...ids, ...body } } })));
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
