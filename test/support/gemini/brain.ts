/** The protocol of the Gemini stand-in, apart from any socket: messages in, messages out, on an injected clock. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import { GEMINI_HEARS } from "../../../src/models/gemini-wire.ts";
import { StandInEar } from "../openai/voice.ts";
import type { SeededRandom } from "../seeded-random.ts";
import {
  type ClientMessage,
  type Content,
  clientMessage,
  type SetupRequest,
} from "./client-messages.ts";
import type { GeminiAnswer, GeminiScript } from "./script.ts";
import { TurnRun } from "./turn-run.ts";

/** What the stand-in takes for a good key. */
export const GOOD_KEY = "AIza-stand-in";

/** What the service keeps beyond one connection: by handle, all that was said. */
export type GeminiMemory = Map<string, readonly Content[]>;

/** What the brain speaks through. */
export interface BrainOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly script: GeminiScript;
  readonly key: string | undefined;
  readonly memory: GeminiMemory;
  readonly send: (message: Uint8Array) => void;
  readonly close: (code: number, reason: string) => void;
}

/** One session. What it saw is public, for tests to look at. */
export class GeminiBrain {
  /** Kinds of the client's messages, audio left out. */
  readonly received: string[] = [];
  /** Misuse of the protocol by the client. */
  readonly errors: string[] = [];
  readonly toolOutputs = new Map<string, unknown>();
  /** All that was said, also before this connection when it was resumed. */
  readonly said: Content[] = [];
  setup: SetupRequest | undefined;
  audioMessages = 0;
  streamEnds = 0;
  readonly #options: BrainOptions;
  readonly #ear: StandInEar;
  readonly #timers = new Set<Timer>();
  #state: "waiting" | "history" | "ready" | "over" = "waiting";
  #run: TurnRun | undefined;
  #nextAnswer = 0;
  #serial = 0;
  #turns = 0;

  constructor(options: BrainOptions) {
    this.#options = options;
    this.#ear = new StandInEar(GEMINI_HEARS, options.script.vad ?? {});
  }

  /** Texts of the caller's side, told or transcribed. */
  get userTexts(): readonly string[] {
    const turns = this.said.filter(({ role }) => role === "user");
    return turns.flatMap(({ parts }) => parts.map(({ text }) => text));
  }

  /** The socket is gone. */
  stop(): void {
    this.#state = "over";
    this.#run?.abandon();
    for (const timer of this.#timers) {
      timer.cancel();
    }
  }

  receive(text: string): void {
    if (this.#state === "over") {
      return;
    }
    const result = clientMessage.safeParse(parseJson(text));
    if (result.success) {
      this.#handle(result.data);
    } else {
      const { path, message } = result.error.issues[0] ?? { path: [], message: "" };
      this.#refuse(`Request contains an invalid argument. ${path.join(".")}: ${message}`);
    }
  }

  #handle(message: ClientMessage): void {
    if ("realtimeInput" in message) {
      this.#hear(message.realtimeInput);
      return;
    }
    this.received.push(...Object.keys(message));
    if ("setup" in message) {
      this.#onSetup(message.setup);
    } else if (this.#state === "waiting") {
      this.#refuse("setup must be the first message");
    } else if ("clientContent" in message) {
      this.#onContent(message.clientContent);
    } else {
      for (const { id, response } of message.toolResponse.functionResponses) {
        this.#onToolResponse(id, response);
      }
    }
  }

  #onSetup(setup: SetupRequest): void {
    const { key, memory, script } = this.#options;
    const { handle } = setup.sessionResumption;
    const known = handle === undefined || script.forgets === true ? undefined : memory.get(handle);
    if (this.setup !== undefined) {
      this.#refuse("setup must be the first message");
    } else if (key !== GOOD_KEY) {
      this.#close(1007, "API key not valid. Please pass a valid API key.");
    } else if (script.refuseSetup !== undefined) {
      this.#close(script.refuseSetup.code, script.refuseSetup.reason);
    } else if (handle !== undefined && known === undefined) {
      this.#close(1008, "BidiGenerateContent session expired");
    } else {
      this.setup = setup;
      this.said.push(...(known ?? []));
      this.#later(script.readyDelayMs ?? 0, () => this.#onReady());
    }
  }

  #onReady(): void {
    const { script, send } = this.#options;
    if (script.mute === true) {
      return;
    }
    const seeded = this.setup?.historyConfig?.initialHistoryInClientContent === true;
    this.#state = seeded ? "history" : "ready";
    this.#emit({ setupComplete: {} });
    this.#offerHandle();
    for (const message of script.garbage ?? []) {
      send(Buffer.from(message as string));
    }
    const { goAway } = script;
    if (goAway !== undefined) {
      this.#later(goAway.afterMs, () => {
        this.#emit({ goAway: { timeLeft: `${goAway.timeLeftMs / 1000}s` } });
        this.#later(goAway.timeLeftMs, () => this.#close(1001, "The connection was aborted."));
      });
    }
  }

  #hear(input: { audio?: { data: string }; audioStreamEnd?: true }): void {
    if (this.#state !== "ready") {
      this.#refuse("realtimeInput before the session is ready");
      return;
    }
    const silence = new Uint8Array(32 * 1000);
    this.audioMessages += input.audio === undefined ? 0 : 1;
    this.streamEnds += input.audio === undefined ? 1 : 0;
    const bytes = input.audio === undefined ? silence : Buffer.from(input.audio.data, "base64");
    this.#ear.push(bytes, (change) => {
      if (change === "started") {
        this.#interrupt();
      } else {
        this.#onCallerTurn();
      }
    });
  }

  #onCallerTurn(): void {
    this.#turns += 1;
    const text = `This is turn ${this.#turns}.`;
    this.said.push({ role: "user", parts: [{ text }] });
    if (this.setup?.inputAudioTranscription !== undefined) {
      for (const piece of [text.slice(0, 7), text.slice(7)]) {
        this.#emit({ serverContent: { inputTranscription: { text: piece } } });
      }
    }
    this.#answer(this.#scriptedAnswer());
  }

  #onContent({ turns, turnComplete }: { turns: Content[]; turnComplete: boolean }): void {
    this.said.push(...turns);
    if (this.#state === "history") {
      this.#state = turnComplete ? "ready" : "history";
      return;
    }
    this.#interrupt();
    const text = turns.at(-1)?.parts.at(-1)?.text ?? "";
    const [order = "", ...said] = text.split("\n");
    if (turnComplete) {
      const isOrder = order.startsWith("Say exactly");
      this.#answer(isOrder ? { text: said.join("\n") } : this.#scriptedAnswer());
    }
  }

  #onToolResponse(id: string, response: unknown): void {
    const run = this.#run;
    if (run?.openCalls.delete(id) !== true) {
      this.errors.push(`no such open call: ${id}`);
      return;
    }
    this.toolOutputs.set(id, response);
    if (run.openCalls.size === 0) {
      this.#remember(run);
      this.#run = undefined;
      this.#answer(this.#scriptedAnswer());
    }
  }

  #scriptedAnswer(): GeminiAnswer {
    const answers = this.#options.script.answers ?? [{ text: "This is an answer." }];
    const answer = answers[Math.min(this.#nextAnswer, answers.length - 1)] ?? {};
    this.#nextAnswer += 1;
    return answer;
  }

  #answer(answer: GeminiAnswer): void {
    const { clock, random, script } = this.#options;
    this.#run?.abandon();
    this.#emit({ sessionResumptionUpdate: { resumable: false } });
    this.#run = new TurnRun({
      clock,
      random,
      script,
      answer,
      answerIndex: this.#serial,
      serial: this.#serial,
      transcribes: this.setup?.outputAudioTranscription !== undefined,
      emit: (message) => this.#emit(message),
      onSaid: (run) => this.#onSaid(run),
      onInterrupts: () => this.#interrupt(),
      close: (code, reason) => this.#close(code, reason),
    });
    this.#serial += 1;
    this.#run.start();
  }

  /** "When the model assumes realtime playback there will be delay between generation_complete and turn_complete." */
  #onSaid(run: TurnRun): void {
    if (run.openCalls.size === 0) {
      this.#emit({ serverContent: { generationComplete: true } });
      run.playOut(() => this.#endTurn(run));
    }
  }

  #interrupt(): void {
    const run = this.#run;
    if (run !== undefined) {
      run.abandon();
      const ids = [...run.openCalls.keys()];
      if (ids.length > 0) {
        this.#emit({ toolCallCancellation: { ids } });
      }
      this.#emit({ serverContent: { interrupted: true } });
      this.#endTurn(run);
    }
  }

  #endTurn(run: TurnRun): void {
    const audioTokens = Math.round(run.sentMs / 40);
    this.#run = undefined;
    this.#remember(run);
    this.#emit({
      serverContent: { turnComplete: true },
      usageMetadata: {
        promptTokenCount: 100,
        cachedContentTokenCount: 20,
        responseTokenCount: audioTokens + 5,
        totalTokenCount: audioTokens + 105,
        promptTokensDetails: [
          { modality: "TEXT", tokenCount: 60 },
          { modality: "AUDIO", tokenCount: 40 },
        ],
        cacheTokensDetails: [
          { modality: "TEXT", tokenCount: 15 },
          { modality: "AUDIO", tokenCount: 5 },
        ],
        responseTokensDetails: [{ modality: "AUDIO", tokenCount: audioTokens }],
      },
    });
    this.#offerHandle();
  }

  #remember(run: TurnRun): void {
    if (run.saidText !== "") {
      this.said.push({ role: "model", parts: [{ text: run.saidText }] });
    }
  }

  #offerHandle(): void {
    const { memory } = this.#options;
    const newHandle = `handle-${memory.size + 1}`;
    memory.set(newHandle, [...this.said]);
    this.#emit({ sessionResumptionUpdate: { newHandle, resumable: true } });
  }

  #refuse(reason: string): void {
    this.errors.push(reason);
    this.#close(1007, reason);
  }

  #close(code: number, reason: string): void {
    this.stop();
    this.#options.close(code, reason.slice(0, 120));
  }

  /** As the service does: indented JSON in a binary frame. */
  #emit(message: Record<string, unknown>): void {
    if (this.#state !== "over") {
      this.#options.send(Buffer.from(JSON.stringify(message, undefined, 2)));
    }
  }

  #later(delayMs: number, callback: () => void): void {
    const timer = after(this.#options.clock, delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
