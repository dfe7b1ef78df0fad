/** The rules of a conversation with Gemini Live: events become facts, commands become messages. No socket, no JSON in. */
import type { Clock } from "../core/clock.ts";
import type { ModelFailure, ModelSink } from "../ports/realtime-model.ts";
import { decodeAudio } from "./base64-audio.ts";
import { DigitEntry } from "./digit-entry.ts";
import { GeminiAnswers } from "./gemini-answers.ts";
import type { GeminiEvent } from "./gemini-events.ts";
import { GeminiTools } from "./gemini-tools.ts";
import { GeminiTranscripts } from "./gemini-transcripts.ts";
import { digitsPressed, sayExactly, toolResponse } from "./gemini-wire.ts";

/** Texts that wait to be said; more are dropped. */
const MAX_WAITING_TEXTS = 16;

/** What a conversation speaks through. */
export interface GeminiConversationOptions {
  readonly clock: Clock;
  readonly sink: ModelSink;
  readonly send: (text: string) => void;
  /** An error that the service named within the session; returns what it ends. */
  readonly classify: (status: string) => ModelFailure | undefined;
  readonly onFailed: (failure: ModelFailure) => void;
}

/** One conversation. Nothing is sent before `start`. */
export class GeminiConversation {
  readonly #options: GeminiConversationOptions;
  readonly #transcripts: GeminiTranscripts;
  readonly #answers: GeminiAnswers;
  readonly #tools = new GeminiTools();
  readonly #digits: DigitEntry;
  readonly #texts: string[] = [];
  #started = false;
  /** A text was sent, and the turn that answers it has not begun. */
  #asked = false;
  /** The service is in a turn of its own. */
  #inTurn = false;
  /** The turn was interrupted, and nothing was begun since. */
  #interrupted = false;
  #handle: string | undefined;
  readonly #counts = {
    interruptions: 0,
    droppedTexts: 0,
    unknownEvents: 0,
    malformedEvents: 0,
    wrongRatePieces: 0,
    survivedErrors: 0,
  };

  constructor(options: GeminiConversationOptions) {
    this.#options = options;
    this.#transcripts = new GeminiTranscripts(options.clock, options.sink);
    this.#answers = new GeminiAnswers(options.clock, options.sink, this.#transcripts);
    this.#digits = new DigitEntry(options.clock, (digits) => this.#ask(digitsPressed(digits)));
  }

  /** Whether the service owes an event: it was asked, or is in the middle of an answer. */
  get isEventDue(): boolean {
    return this.#asked || (this.#answers.generating && this.#tools.openCount === 0);
  }

  /** What a later session can be opened with. */
  get resumption(): string | undefined {
    return this.#handle;
  }

  /** The session takes messages from now on. */
  start(): void {
    this.#started = true;
    this.#digits.start();
    this.#sayNext();
  }

  stop(): void {
    this.#digits.stop();
    this.#transcripts.stop();
  }

  /** Waits until nothing is being said: a text would interrupt it. */
  say(text: string): void {
    if (this.#texts.length < MAX_WAITING_TEXTS) {
      this.#texts.push(text);
    } else {
      this.#counts.droppedTexts += 1;
    }
    this.#sayNext();
  }

  /** Keys interrupt what is being said, when they are told. */
  pushDigit(digit: string): void {
    this.#digits.push(digit);
  }

  toolResult(id: string, outputJson: string): void {
    const name = this.#tools.close(id);
    if (name !== undefined) {
      this.#options.send(toolResponse(id, name, outputJson));
    }
  }

  /** The service cannot be told; it stops by itself when it hears the caller. */
  interrupt(itemId: string): void {
    this.#answers.interrupt(itemId);
  }

  onEvent(event: GeminiEvent): void {
    const { sink } = this.#options;
    switch (event.kind) {
      case "audio":
        this.#onAudio(event.base64);
        break;
      case "modelText":
        this.#answers.onText(event.text);
        break;
      case "callerText":
        this.#transcripts.onCallerText(event.text);
        break;
      case "generationComplete":
        this.#answers.onGenerationComplete();
        break;
      case "interrupted":
        this.#onInterrupted();
        break;
      case "turnComplete":
        this.#onTurnComplete();
        break;
      case "toolCall":
        this.#onToolCall(event);
        break;
      case "toolsCancelled":
        this.#tools.onCancelled(event.ids);
        break;
      case "goAway":
        sink.onExpiring(event.remainingMs);
        break;
      case "resumption":
        this.#handle = event.handle;
        break;
      case "usage":
        sink.onUsage(event.usage);
        break;
      default:
        this.#onTrouble(event);
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      ...this.#answers.toJSON(),
      ...this.#tools.toJSON(),
      ...this.#counts,
      waitingTexts: this.#texts.length,
      resumable: this.#handle !== undefined,
    };
  }

  #onOutput(): void {
    this.#interrupted = false;
    if (!this.#inTurn) {
      this.#inTurn = true;
      this.#asked = false;
      this.#transcripts.onAnswerBegins();
    }
  }

  #onAudio(base64: string): void {
    const bytes = decodeAudio(base64);
    if (bytes === undefined || bytes.length % 2 !== 0) {
      this.#counts.malformedEvents += 1;
    } else {
      this.#onOutput();
      this.#answers.onAudio(bytes);
    }
  }

  /** Told once, however often the service says so; what was asked and not begun will not be answered. */
  #onInterrupted(): void {
    const isFirst = !this.#interrupted;
    this.#interrupted = true;
    this.#asked &&= this.#inTurn;
    const isNews = this.#answers.onInterrupted();
    if (isFirst && isNews) {
      this.#counts.interruptions += 1;
      this.#options.sink.onInterrupted();
    }
    this.#transcripts.finishModel();
  }

  /** What was asked within the turn that ends here is still to be answered. */
  #onTurnComplete(): void {
    this.#asked &&= this.#inTurn;
    this.#inTurn = false;
    this.#answers.onTurnComplete();
    this.#transcripts.onTurnOver(this.#interrupted);
    this.#sayNext();
  }

  #onToolCall(call: Extract<GeminiEvent, { kind: "toolCall" }>): void {
    this.#onOutput();
    if (this.#tools.onCalled(call)) {
      this.#options.sink.onToolCall(call.id, call.name, call.argumentsJson);
    }
  }

  #onTrouble(event: GeminiEvent): void {
    switch (event.kind) {
      case "wrongRate":
        this.#counts.wrongRatePieces += 1;
        break;
      case "malformed":
        this.#counts.malformedEvents += 1;
        break;
      case "unknown":
        this.#counts.unknownEvents += 1;
        break;
      case "error":
        this.#onError(event.status);
        break;
      default:
    }
  }

  #onError(status: string): void {
    const failure = this.#options.classify(status);
    if (failure === undefined) {
      this.#counts.survivedErrors += 1;
    } else {
      this.#options.onFailed(failure);
    }
  }

  #sayNext(): void {
    if (!this.#started || this.#asked || this.#inTurn) {
      return;
    }
    const text = this.#texts.shift();
    if (text !== undefined) {
      this.#ask(sayExactly(text));
    }
  }

  #ask(message: string): void {
    this.#asked = true;
    this.#options.send(message);
  }
}
