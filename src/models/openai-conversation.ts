/** The rules of a conversation with the Realtime service: events become facts, commands become messages. No socket, no JSON in. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type {
  AudioFormat,
  HistoryEntry,
  ModelFailure,
  ModelSink,
} from "../ports/realtime-model.ts";
import { decodeAudio } from "./base64-audio.ts";
import { DigitEntry } from "./digit-entry.ts";
import { OpenAiAnswers } from "./openai-answers.ts";
import { OpenAiCommands } from "./openai-commands.ts";
import { classifyError, nameOf } from "./openai-failures.ts";
import { CallerFloor } from "./openai-floor.ts";
import { ResponseTurns } from "./openai-responses.ts";
import type {
  ResponseOutcome,
  ServerError,
  ServerEvent,
  ServerToolCall,
} from "./openai-server-event.ts";
import { OpenAiTranscripts } from "./openai-transcripts.ts";
import { SessionTrouble } from "./openai-trouble.ts";
import { bytesPerMs } from "./openai-wire.ts";

/** What a conversation speaks through. */
export interface ConversationOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly format: AudioFormat;
  readonly sink: ModelSink;
  readonly send: (text: string) => void;
  readonly onFailed: (failure: ModelFailure) => void;
}

/** One conversation, from the moment the session is ready. */
export class OpenAiConversation {
  readonly #options: ConversationOptions;
  readonly #commands: OpenAiCommands;
  readonly #turns: ResponseTurns;
  readonly #answers: OpenAiAnswers;
  readonly #transcripts: OpenAiTranscripts;
  readonly #floor: CallerFloor;
  readonly #digits: DigitEntry;
  readonly #trouble: SessionTrouble;
  #turnAwaited = false;

  constructor(options: ConversationOptions) {
    const { clock, sink } = options;
    this.#options = options;
    this.#commands = new OpenAiCommands(options.send);
    this.#answers = new OpenAiAnswers(sink, bytesPerMs(options.format));
    this.#transcripts = new OpenAiTranscripts(sink);
    this.#trouble = new SessionTrouble(options.logger);
    this.#turns = new ResponseTurns(this.#commands);
    this.#digits = new DigitEntry(clock, () => this.#turns.answer());
    this.#floor = new CallerFloor({
      clock,
      isAnswerHeard: () => this.#answers.heard,
      onTurn: () => this.#turns.answerTurn(this.#answers.heard),
      onNoTurn: (itemId) => this.#commands.forget(itemId),
      onUndecided: () => sink.onInterrupted(),
    });
  }

  /** Whether the service owes an event: it is making, or should be making, an answer. */
  get isEventDue(): boolean {
    return this.#turns.busy || this.#turnAwaited;
  }

  /** From now on answers are asked for. */
  start(): void {
    this.#digits.start();
    this.#turns.start();
  }

  stop(): void {
    this.#digits.stop();
    this.#floor.stop();
  }

  /** What was said in a session before. */
  remember(history: readonly HistoryEntry[]): void {
    this.#commands.remember(history);
  }

  say(text: string): void {
    this.#turns.say(text);
  }

  pushDigit(digit: string): void {
    this.#commands.tellDigit(digit);
    this.#digits.push(digit);
  }

  toolResult(callId: string, outputJson: string): void {
    if (this.#turns.closeTool(callId)) {
      this.#commands.tellToolOutput(callId, outputJson);
      this.#turns.answer();
    } else {
      this.#trouble.count("strayToolResults");
    }
  }

  /** Cancels before it truncates: what is cancelled grows no more. */
  interrupt(itemId: string, playedMs: number): void {
    const heardMs = this.#answers.interrupt(itemId, playedMs);
    if (heardMs !== undefined) {
      this.#turns.cancelActive();
      this.#commands.truncate(itemId, heardMs);
    }
    this.#floor.onInterrupted();
  }

  dismissSpeech(): void {
    this.#floor.onDismissed();
  }

  played(itemId: string): void {
    this.#answers.onPlayed(itemId);
    this.#floor.onHeardOut();
  }

  onAudio(bytes: Uint8Array, itemId: string): void {
    this.#answers.onAudio(bytes, itemId);
  }

  onEvent(event: ServerEvent): void {
    switch (event.kind) {
      case "audioDelta":
        this.#onUnusualAudio(event.base64, event.itemId);
        break;
      case "audioDone":
        this.#answers.onAudioDone(event.itemId);
        break;
      default:
        if (!this.#transcripts.onEvent(event)) {
          this.#onTurnEvent(event);
        }
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      ...this.#answers.toJSON(),
      responses: this.#turns.toJSON(),
      ...this.#floor.toJSON(),
      ...this.#trouble.toJSON(),
    };
  }

  #onTurnEvent(event: ServerEvent): void {
    switch (event.kind) {
      case "speechStarted":
        this.#floor.onSpeechStarted();
        this.#options.sink.onSpeechStarted();
        break;
      case "speechStopped":
        this.#turnAwaited = true;
        this.#options.sink.onSpeechStopped();
        break;
      case "turnCommitted":
        this.#turnAwaited = false;
        this.#floor.onCommitted(event.itemId);
        break;
      case "responseCreated":
        this.#turns.onCreated();
        break;
      case "responseDone":
        this.#onResponseDone(event.outcome);
        break;
      case "toolCall":
        this.#onToolCall(event.call);
        break;
      case "error":
        this.#onError(event.error);
        break;
      case "unknown":
        this.#trouble.count("unknownEvents");
        break;
      case "malformed":
        this.#trouble.count("malformedEvents");
        break;
      default:
    }
  }

  #onUnusualAudio(base64: string, itemId: string): void {
    const bytes = decodeAudio(base64);
    if (bytes === undefined) {
      this.#trouble.count("malformedEvents");
    } else {
      this.#answers.onAudio(bytes, itemId);
    }
  }

  /** A call may be told twice: when its item is done, and when its answer is. */
  #onToolCall({ callId, name, argumentsJson }: ServerToolCall): void {
    if (this.#turns.onToolCalled(callId)) {
      this.#options.sink.onToolCall(callId, name, argumentsJson);
    }
  }

  #onResponseDone(outcome: ResponseOutcome): void {
    this.#answers.onResponseDone();
    this.#transcripts.onResponseDone();
    for (const call of outcome.toolCalls) {
      this.#onToolCall(call);
    }
    if (outcome.usage !== undefined) {
      this.#options.sink.onUsage(outcome.usage);
    }
    if (outcome.status === "failed") {
      this.#onResponseFailed(outcome);
      return;
    }
    if (outcome.status === "incomplete") {
      const reason = outcome.reason ?? "unnamed";
      this.#trouble.note("answer is incomplete", reason, "incompleteResponses");
    }
    this.#turns.onDone(outcome);
  }

  /** A failed answer is silence for the caller: it is asked for once more, then the session is given up. */
  #onResponseFailed(outcome: ResponseOutcome): void {
    const name = outcome.error === undefined ? "unnamed" : nameOf(outcome.error);
    const fatal = outcome.error === undefined ? undefined : classifyError(outcome.error);
    this.#trouble.note("answer failed", name);
    if (fatal !== undefined) {
      this.#options.onFailed(fatal);
    } else if (this.#turns.onDone(outcome)) {
      this.#trouble.count("retriedResponses");
    } else {
      const reason = `the model failed twice to answer (${name})`;
      this.#options.onFailed({ code: "MODEL_LOST", reason });
    }
  }

  #onError(error: ServerError): void {
    const fatal = classifyError(error);
    if (fatal !== undefined) {
      this.#options.onFailed(fatal);
      return;
    }
    this.#trouble.note("model refused a message", nameOf(error), "survivedErrors");
    this.#turns.onRefused(error.clientEventId, error.code);
  }
}
