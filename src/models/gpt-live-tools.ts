/** The tools of a GPT-Live session: called by the model that work is delegated to, each answered once. */
import type { LiveCommands } from "./gpt-live-commands.ts";

/** Of a session; a model that calls more is running in circles. */
const MAX_TOOL_CALLS = 256;

/** The tool calls of one session. */
export class LiveTools {
  readonly #commands: LiveCommands;
  readonly #seen = new Set<string>();
  readonly #open = new Set<string>();

  constructor(commands: LiveCommands) {
    this.#commands = commands;
  }

  /** Whether the call is new. */
  onCalled(callId: string): boolean {
    if (this.#seen.has(callId) || this.#seen.size >= MAX_TOOL_CALLS) {
      return false;
    }
    this.#seen.add(callId);
    this.#open.add(callId);
    return true;
  }

  /** Whether the call was open. The delegated work goes on when all of them were answered. */
  answer(callId: string, outputJson: string): boolean {
    if (!this.#open.delete(callId)) {
      return false;
    }
    this.#commands.tellToolOutput(callId, outputJson);
    if (this.#open.size === 0) {
      this.#commands.goOn();
    }
    return true;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { toolCalls: this.#seen.size, openTools: this.#open.size };
  }
}
