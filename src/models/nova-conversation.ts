/** The rules of a conversation with Nova Sonic: events become facts, commands become events. No stream in here. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { ModelSink } from "../ports/realtime-model.ts";
import { NovaAnswers } from "./nova-answers.ts";
import { type ContentStart, isInterruption, type NovaEvent } from "./nova-events.ts";
import { sayExactly } from "./nova-opening.ts";
import { NovaTools } from "./nova-tools.ts";
import { NovaTranscripts } from "./nova-transcripts.ts";
import { interactiveText, type NovaGeneration } from "./nova-wire.ts";

/** Keys pressed within this time of each other are told together. */
const DIGIT_PAUSE_MS = 800;
/** The key that ends an entry: it is told at once. */
const END_DIGIT = "#";
/** Contents of text that are open at a time: far more than the service has. */
const MAX_OPEN_TEXTS = 64;

/** What a conversation speaks through. */
export interface NovaConversationOptions {
  readonly clock: Clock;
  readonly generation: NovaGeneration;
  readonly rateHz: number;
  readonly sink: ModelSink;
  readonly send: (events: readonly Buffer[]) => void;
}

/** One conversation. */
export class NovaConversation {
  readonly #options: NovaConversationOptions;
  readonly #answers: NovaAnswers;
  readonly #transcripts: NovaTranscripts;
  readonly #tools: NovaTools;
  readonly #texts = new Map<string, ContentStart>();
  /** Keys not yet told. */
  #digits = "";
  #digitTimer: Timer | undefined;
  #textSerial = 1;
  /** The end of the caller's turn was told, and the model has not answered. */
  #callerTurnTold = false;
  #answerAwaited = false;
  readonly #counts = { unknownEvents: 0, malformedEvents: 0, unsaidTexts: 0 };

  constructor(options: NovaConversationOptions) {
    this.#options = options;
    this.#answers = new NovaAnswers(options.sink, options.rateHz);
    this.#transcripts = new NovaTranscripts(options.sink);
    this.#tools = new NovaTools(options.sink, options.send);
  }

  /** Whether the service owes an event: it was given something to answer. */
  get isEventDue(): boolean {
    return this.#answerAwaited && !this.#tools.isBusy;
  }

  /** The opening asked for words. */
  awaitGreeting(greeting: string): void {
    this.#transcripts.addOwnText(sayExactly(greeting));
    this.#answerAwaited = true;
  }

  stop(): void {
    this.#digitTimer?.cancel();
    this.#digitTimer = undefined;
  }

  say(text: string): void {
    this.#sendText(sayExactly(text));
  }

  pushDigit(digit: string): void {
    this.stop();
    this.#digits += digit;
    if (digit === END_DIGIT) {
      this.#tellDigits();
    } else {
      this.#digitTimer = after(this.#options.clock, DIGIT_PAUSE_MS, () => this.#tellDigits());
    }
  }

  interrupt(itemId: string): void {
    this.#answers.interrupt(itemId);
  }

  toolResult(toolCallId: string, outputJson: string): void {
    if (this.#tools.result(toolCallId, outputJson)) {
      this.#answerAwaited = true;
    }
  }

  onEvent(event: NovaEvent): void {
    switch (event.kind) {
      case "audio":
        this.#count("malformedEvents", !this.#answers.onAudio(event.contentId, event.base64));
        break;
      case "contentStart":
        this.#onContentStart(event.content);
        break;
      case "text":
        this.#onText(event.contentId, event.text);
        break;
      case "toolUse":
        this.#onModelActs();
        this.#answers.finish();
        this.#tools.onToolUse(event.contentId, event);
        break;
      case "contentEnd":
        this.#onContentEnd(event.contentId, event.stopReason);
        break;
      case "completionEnd":
        this.#onCompletionEnd(event.stopReason);
        break;
      case "usage":
        this.#options.sink.onUsage(event.usage);
        break;
      default:
        this.#count("unknownEvents", event.kind === "unknown");
        this.#count("malformedEvents", event.kind === "malformed");
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { ...this.#answers.toJSON(), ...this.#tools.toJSON(), ...this.#counts };
  }

  #onContentStart(content: ContentStart): void {
    if (content.type === "AUDIO") {
      this.#onModelActs();
      this.#answers.onAudioStart(content);
    } else if (content.type === "TEXT" && this.#texts.size < MAX_OPEN_TEXTS) {
      this.#texts.set(content.contentId, content);
      if (content.role === "ASSISTANT" && content.speculative) {
        this.#onModelActs();
        this.#answers.onPlanned();
      }
    }
  }

  #onText(contentId: string, text: string): void {
    if (isInterruption(text)) {
      this.#onInterruption();
      return;
    }
    const content = this.#texts.get(contentId);
    if (text.trim() === "" || content === undefined) {
      return;
    }
    if (content.role === "USER") {
      this.#onCallerText(text, !content.speculative);
    } else if (content.role === "ASSISTANT" && content.speculative) {
      this.#transcripts.onPlanned(text, this.#answers.itemId);
    } else if (content.role === "ASSISTANT") {
      this.#transcripts.onSpoken(text, this.#answers.itemId);
    }
  }

  /** The caller's words come when the service found the end of their turn: it has no other word for it. */
  #onCallerText(text: string, final: boolean): void {
    if (this.#transcripts.isOwnText(text)) {
      return;
    }
    if (final) {
      this.#answers.onCallerTurn();
      this.#answerAwaited = true;
      if (!this.#callerTurnTold) {
        this.#callerTurnTold = true;
        this.#options.sink.onSpeechStopped();
      }
    }
    this.#transcripts.onCaller(text, final);
  }

  #onContentEnd(contentId: string, stopReason: string): void {
    const isTool = this.#tools.onContentEnd(contentId, stopReason);
    const isAudio = !isTool && this.#answers.onContentEnd(contentId, stopReason);
    const isModelText = this.#texts.get(contentId)?.role === "ASSISTANT";
    this.#texts.delete(contentId);
    if (stopReason === "INTERRUPTED" && (isAudio || isModelText)) {
      this.#onInterruption();
    }
  }

  #onCompletionEnd(stopReason: string): void {
    this.#answerAwaited = false;
    if (stopReason === "INTERRUPTED") {
      this.#onInterruption();
    }
    this.#answers.finish();
  }

  #onInterruption(): void {
    this.#transcripts.onInterruption();
    this.#answers.onInterruption();
  }

  /** The model does something: nothing is owed, and the caller's next words are a new turn. */
  #onModelActs(): void {
    this.#answerAwaited = false;
    this.#callerTurnTold = false;
  }

  #tellDigits(): void {
    this.stop();
    const digits = this.#digits;
    this.#digits = "";
    this.#sendText(`(The caller pressed ${[...digits].join(" ")})`);
  }

  /** v1 takes no text once audio is open. */
  #sendText(text: string): void {
    if (this.#options.generation === "v1") {
      this.#counts.unsaidTexts += 1;
      return;
    }
    this.#transcripts.addOwnText(text);
    this.#options.send(interactiveText(this.#textSerial, text));
    this.#textSerial += 1;
    this.#answerAwaited = true;
  }

  #count(counter: "unknownEvents" | "malformedEvents", happened: boolean): void {
    if (happened) {
      this.#counts[counter] += 1;
    }
  }
}
