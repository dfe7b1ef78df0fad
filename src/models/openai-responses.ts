/** When the model is asked to answer: one response at a time, what comes meanwhile waits its turn. */
import type { ResponseOutcome } from "./openai-server-event.ts";

/** How the service is spoken to. */
export interface ResponseCommands {
  /** Asks for an answer; with `text`, for one that says this text. Returns the id of the event it sent. */
  ask(text: string | undefined): string;
  /** Stops the answer being made. */
  cancel(): void;
}

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
  readonly #commands: ResponseCommands;
  readonly #texts: Request[] = [];
  readonly #seenTools = new Set<string>();
  readonly #openTools = new Set<string>();
  #answerWanted: Request | undefined;
  /** The caller waits: the answer does not wait for tools. */
  #urgent = false;
  #started = false;
  #active = false;
  #cancelling = false;
  /** The answer that was asked for is cancelled as soon as there is one. */
  #superseded = false;
  /** What the service was asked for last, and by which event. */
  #asked: (Request & { readonly eventId: string }) | undefined;
  #unconfirmed = false;
  #dropped = 0;

  constructor(commands: ResponseCommands) {
    this.#commands = commands;
  }

  /** A response was asked for or is being made. */
  get busy(): boolean {
    return this.#active || this.#unconfirmed;
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

  /**
   * An answer is wanted to what the caller just said, even while tools are open. One that is being made to what they
   * said before is not wanted any more.
   *
   * @param heard the caller hears it: then it is finished first.
   */
  answerTurn(heard: boolean): void {
    if (!heard && this.busy && this.#asked?.text === undefined) {
      this.#superseded = !this.#active;
      this.cancelActive();
    }
    this.#urgent = true;
    this.answer();
  }

  /** Stops the answer being made, once. */
  cancelActive(): void {
    if (this.#active && !this.#cancelling) {
      this.#cancelling = true;
      this.#commands.cancel();
    }
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
    if (this.#superseded) {
      this.#superseded = false;
      this.cancelActive();
    }
  }

  /** Returns whether the failed response is tried again. */
  onDone(outcome: ResponseOutcome): boolean {
    const retried = outcome.status === "failed" && this.#wishAgain();
    this.#active = false;
    this.#cancelling = false;
    this.#superseded = false;
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
    this.#superseded = false;
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
    } else if (this.#answerWanted !== undefined && (this.#urgent || this.#openTools.size === 0)) {
      const request = this.#answerWanted;
      this.#answerWanted = undefined;
      this.#urgent = false;
      this.#request(request);
    }
  }

  #request(request: Request): void {
    this.#unconfirmed = true;
    this.#asked = { ...request, eventId: this.#commands.ask(request.text) };
  }
}
