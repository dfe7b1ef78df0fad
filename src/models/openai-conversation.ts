/** The rules of a conversation with the Realtime service: events become facts, commands become messages. No socket, no JSON in. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { AudioFormat, ModelFailure, ModelSink } from "../ports/realtime-model.ts";
import { decodeAudio } from "./base64-audio.ts";
import { OpenAiAnswers } from "./openai-answers.ts";
import type { ResponseOutcome, ServerError, ServerEvent, ServerToolCall } from "./openai-events.ts";
import { classifyError, nameOf } from "./openai-failures.ts";
import { ResponseTurns } from "./openai-responses.ts";
import { OpenAiTranscripts } from "./openai-transcripts.ts";
import {
  bytesPerMs,
  digitPressed,
  itemTruncate,
  responseCancel,
  responseCreate,
  toolOutput,
} from "./openai-wire.ts";

/** Keys pressed within this time of each other are answered together. */
const DIGIT_PAUSE_MS = 800;
/** The key that ends an entry: it is answered at once. */
const END_DIGIT = "#";

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
  readonly #turns: ResponseTurns;
  readonly #answers: OpenAiAnswers;
  readonly #transcripts: OpenAiTranscripts;
  #digitTimer: Timer | undefined;
  #callerSpeaks = false;
  #answerAwaited = false;
  #nextEventId = 1;
  readonly #counts = {
    strayToolResults: 0,
    survivedErrors: 0,
    unknownEvents: 0,
    malformedEvents: 0,
    incompleteResponses: 0,
    retriedResponses: 0,
  };
  #lastTrouble: string | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#answers = new OpenAiAnswers(options.sink, bytesPerMs(options.format));
    this.#transcripts = new OpenAiTranscripts(options.sink);
    this.#turns = new ResponseTurns((text) => {
      const eventId = this.#eventId("answer");
      options.send(responseCreate(eventId, text));
      return eventId;
    });
  }

  /** Whether the service owes an event: it is making, or should be making, an answer. */
  get isEventDue(): boolean {
    return this.#turns.busy || this.#answerAwaited;
  }

  /** From now on answers are asked for. */
  start(): void {
    this.#turns.start();
  }

  stop(): void {
    this.#digitTimer?.cancel();
    this.#digitTimer = undefined;
  }

  say(text: string): void {
    this.#turns.say(text);
  }

  pushDigit(digit: string): void {
    this.#options.send(digitPressed(this.#eventId("digit"), digit));
    this.stop();
    if (digit === END_DIGIT) {
      this.#turns.answer();
    } else {
      this.#digitTimer = after(this.#options.clock, DIGIT_PAUSE_MS, () => this.#turns.answer());
    }
  }

  toolResult(callId: string, outputJson: string): void {
    if (this.#turns.closeTool(callId)) {
      this.#options.send(toolOutput(this.#eventId("tool"), callId, outputJson));
      this.#turns.answer();
    } else {
      this.#counts.strayToolResults += 1;
    }
  }

  /** The service cancels the answer itself when it heard the caller; otherwise that is said, too. */
  interrupt(itemId: string, playedMs: number): void {
    const heardMs = this.#answers.interrupt(itemId, playedMs);
    if (heardMs === undefined) {
      return;
    }
    const { send } = this.#options;
    send(itemTruncate(this.#eventId("truncate"), itemId, heardMs));
    if (this.#turns.active && !this.#callerSpeaks) {
      send(responseCancel(this.#eventId("cancel")));
    }
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
      ...this.#counts,
      lastTrouble: this.#lastTrouble,
    };
  }

  #onTurnEvent(event: ServerEvent): void {
    switch (event.kind) {
      case "speechStarted":
        this.#callerSpeaks = true;
        this.#answerAwaited = false;
        this.#options.sink.onSpeechStarted();
        break;
      case "speechStopped":
        this.#callerSpeaks = false;
        this.#answerAwaited = true;
        this.#options.sink.onSpeechStopped();
        break;
      case "responseCreated":
        this.#answerAwaited = false;
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
        this.#counts.unknownEvents += 1;
        break;
      case "malformed":
        this.#counts.malformedEvents += 1;
        break;
      default:
    }
  }

  #onUnusualAudio(base64: string, itemId: string): void {
    const bytes = decodeAudio(base64);
    if (bytes === undefined) {
      this.#counts.malformedEvents += 1;
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
    this.#answerAwaited = false;
    this.#answers.onResponseDone();
    this.#transcripts.onResponseDone();
    for (const call of outcome.toolCalls) {
      this.#onToolCall(call);
    }
    if (outcome.status === "failed") {
      this.#onResponseFailed(outcome);
      return;
    }
    if (outcome.status === "incomplete") {
      this.#counts.incompleteResponses += 1;
      this.#trouble("answer is incomplete", outcome.reason ?? "unnamed");
    }
    this.#turns.onDone(outcome);
  }

  /** A failed answer is silence for the caller: it is asked for once more, then the session is given up. */
  #onResponseFailed(outcome: ResponseOutcome): void {
    const name = outcome.error === undefined ? "unnamed" : nameOf(outcome.error);
    const fatal = outcome.error === undefined ? undefined : classifyError(outcome.error);
    this.#trouble("answer failed", name);
    if (fatal !== undefined) {
      this.#options.onFailed(fatal);
    } else if (this.#turns.onDone(outcome)) {
      this.#counts.retriedResponses += 1;
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
    this.#counts.survivedErrors += 1;
    this.#trouble("model refused a message", nameOf(error));
    this.#turns.onRefused(error.clientEventId, error.code);
  }

  #trouble(message: string, name: string): void {
    this.#lastTrouble = name;
    this.#options.logger.debug(message, { name });
  }

  #eventId(kind: string): string {
    const eventId = `${kind}-${this.#nextEventId}`;
    this.#nextEventId += 1;
    return eventId;
  }
}
