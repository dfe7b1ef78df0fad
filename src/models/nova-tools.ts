/** The tool calls of a session with Nova Sonic: each one is passed on once, and each one is answered. */
import type { ModelSink } from "../ports/realtime-model.ts";
import { toolResult } from "./nova-wire.ts";

/** The service refuses longer chunks by far; a model has no use for more. */
const MAX_RESULT_BYTES = 20_000;
const MAX_OPEN_CALLS = 32;
const INTERRUPTED = '{"error":"The caller interrupted before the tool was called."}';
const TOO_MANY = '{"error":"Too many tools are being called at once."}';

interface NamedCall {
  readonly toolUseId: string;
  readonly name: string;
  readonly argumentsJson: string;
}

/** Open calls; an unanswered one would stop the session for good. */
export class NovaTools {
  readonly #sink: ModelSink;
  readonly #send: (events: readonly Buffer[]) => void;
  /** Named, and not yet complete: by the content they came in. */
  readonly #named = new Map<string, NamedCall>();
  readonly #open = new Set<string>();
  #serial = 0;
  readonly #counts = { toolCalls: 0, cancelledToolCalls: 0, strayToolResults: 0 };

  constructor(sink: ModelSink, send: (events: readonly Buffer[]) => void) {
    this.#sink = sink;
    this.#send = send;
  }

  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  onToolUse(contentId: string, call: NamedCall): void {
    if (this.#named.size + this.#open.size < MAX_OPEN_CALLS) {
      this.#named.set(contentId, call);
    } else {
      this.#answer(call.toolUseId, TOO_MANY);
    }
  }

  /** The call is complete: an answer before this moment is not taken by the service. @returns whether there was one */
  onContentEnd(contentId: string, stopReason: string): boolean {
    const call = this.#named.get(contentId);
    this.#named.delete(contentId);
    if (call === undefined) {
      return false;
    }
    if (stopReason === "INTERRUPTED") {
      this.#counts.cancelledToolCalls += 1;
      this.#answer(call.toolUseId, INTERRUPTED);
    } else if (!this.#open.has(call.toolUseId)) {
      this.#counts.toolCalls += 1;
      this.#open.add(call.toolUseId);
      this.#sink.onToolCall(call.toolUseId, call.name, call.argumentsJson);
    }
    return true;
  }

  /** @returns whether the call was open */
  result(toolUseId: string, outputJson: string): boolean {
    if (!this.#open.delete(toolUseId)) {
      this.#counts.strayToolResults += 1;
      return false;
    }
    this.#answer(toolUseId, resultText(outputJson));
    return true;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { openToolCalls: this.#open.size, ...this.#counts };
  }

  #answer(toolUseId: string, content: string): void {
    this.#send(toolResult(this.#serial, toolUseId, content));
    this.#serial += 1;
  }
}

/** A JSON object, which is what the service can read; text that is too long is cut and says so. */
function resultText(outputJson: string): string {
  if (Buffer.byteLength(outputJson) > MAX_RESULT_BYTES) {
    const text = Buffer.from(outputJson).toString("utf8", 0, MAX_RESULT_BYTES / 2);
    return JSON.stringify({ cut: true, text });
  }
  const value = parseJson(outputJson);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? outputJson : JSON.stringify({ result: value ?? outputJson });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
