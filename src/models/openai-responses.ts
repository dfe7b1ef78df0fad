/** When the model is asked to answer: one response at a time, what comes meanwhile waits its turn. */
import type { ResponseOutcome } from "./openai-events.ts";

/** Asks the service for an answer; with `text`, for one that says this text. Returns the id of the event it sent. */
export type ResponseAsker = (text: string | undefined) => string;

/** A text to say, or the wish for an answer to what the conversation holds. */
interface Request {
  readonly text: string | undefined;
  readonly attempt: number;
}

/** Texts that wait; more are dropped. */
const MAX_WAITING = 16;
/** Of a session; a model that calls more is running in circles. */
const MAX_TOOL_CALLS = 256;
const MAX_ATTEMPTS = 2;
const ACTIVE_RESPONSE = "conversation_already_has_active_response";

/** The turns of one session. Nothing is asked before `start`. */
export class ResponseTurns {
  readonly #ask: ResponseAsker;
  readonly #texts: Request[] = [];
  readonly #seenTools = new Set<string>();
  readonly #openTools = new Set<string>();
  #answerWanted: Request | undefined;
  #started = false;
  #active = false;
  /** What the service was asked for last, and by which event. */
  #asked: (Request & { readonly eventId: string }) | undefined;
  #unconfirmed = false;
  #dropped = 0;

  constructor(ask: ResponseAsker) {
    this.#ask = ask;
  }

  /** A response was asked for or is being made. */
  get busy(): boolean {
    return this.#active || this.#unconfirmed;
  }

  /** A response is being made, as far as the service said. */
  get active(): boolean {
    return this.#active;
  }

  start(): void {
    this.#started = true;
    this.#next();
  }

  say(text: string): void {
    if (this.#texts.length < MAX_WAITING) {
      this.#texts.push({ text, attempt: 1 });
    } else {
      this.#dropped += 1;
    }
    this.#next();
  }

  /** An answer is wanted to what was added to the conversation; several wishes make one answer. */
  answer(): void {
    this.#answerWanted ??= { text: undefined, attempt: 1 };
    this.#next();
  }

  /** Whether the call is new; answers wait until it is closed. */
  onToolCalled(callId: string): boolean {
    if (this.#seenTools.has(callId) || this.#seenTools.size >= MAX_TOOL_CALLS) {
      return false;
    }
    this.#seenTools.add(callId);
    this.#openTools.add(callId);
    return true;
  }

  /** Whether the call was open. The answer waits until all tools of the last one have answered. */
  closeTool(callId: string): boolean {
    return this.#openTools.delete(callId);
  }

  onCreated(): void {
    this.#active = true;
    this.#unconfirmed = false;
  }

  /** Returns whether the failed response is tried again. */
  onDone(outcome: ResponseOutcome): boolean {
    const retried = outcome.status === "failed" && this.#wishAgain();
    this.#active = false;
    this.#unconfirmed = false;
    if (!retried) {
      this.#asked = undefined;
    }
    this.#next();
    return retried;
  }

  /** The service refused an event of ours. Returns whether it was a request for a response. */
  onRefused(eventId: string | undefined, code: string | undefined): boolean {
    const asked = this.#asked;
    if (asked === undefined || eventId !== asked.eventId) {
      return false;
    }
    this.#unconfirmed = false;
    this.#asked = undefined;
    if (code === ACTIVE_RESPONSE) {
      this.#active = true;
      this.#wish(asked);
    } else {
      this.#next();
    }
    return true;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      active: this.#active,
      waitingTexts: this.#texts.length,
      toolCalls: this.#seenTools.size,
      openTools: this.#openTools.size,
      droppedTexts: this.#dropped,
    };
  }

  /** A response that failed without having been asked for was the service's own: it is asked for as a plain answer. */
  #wishAgain(): boolean {
    const failed = this.#asked ?? { text: undefined, attempt: 1 };
    if (failed.attempt >= MAX_ATTEMPTS) {
      return false;
    }
    this.#wish({ text: failed.text, attempt: failed.attempt + 1 });
    return true;
  }

  #wish({ text, attempt }: Request): void {
    if (text === undefined) {
      this.#answerWanted = { text, attempt };
    } else {
      this.#texts.unshift({ text, attempt });
    }
  }

  #next(): void {
    if (!this.#started || this.busy) {
      return;
    }
    const text = this.#texts.shift();
    if (text !== undefined) {
      this.#request(text);
    } else if (this.#answerWanted !== undefined && this.#openTools.size === 0) {
      const request = this.#answerWanted;
      this.#answerWanted = undefined;
      this.#request(request);
    }
  }

  #request(request: Request): void {
    this.#unconfirmed = true;
    this.#asked = { ...request, eventId: this.#ask(request.text) };
  }
}
