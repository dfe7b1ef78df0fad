/** The functions that a Gemini Live session calls: each is told once and answered once, unless the service takes it back. */
import type { GeminiEvent } from "./gemini-events.ts";

/** Of a session; a model that calls more is running in circles. */
const MAX_CALLS = 256;

/** The calls of one session. */
export class GeminiTools {
  readonly #seen = new Set<string>();
  /** Names of the functions that were called and not answered, by call. */
  readonly #open = new Map<string, string>();
  #cancelled = 0;
  #refused = 0;
  #stray = 0;

  /** Calls that wait for their results. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Whether the call is to be told. */
  onCalled({ id, name }: Extract<GeminiEvent, { kind: "toolCall" }>): boolean {
    if (this.#seen.has(id) || this.#seen.size >= MAX_CALLS) {
      this.#refused += 1;
      return false;
    }
    this.#seen.add(id);
    this.#open.set(id, name);
    return true;
  }

  /** The service wants no results of these. */
  onCancelled(ids: readonly string[]): void {
    for (const id of ids) {
      this.#cancelled += this.#open.delete(id) ? 1 : 0;
    }
  }

  /** The name of the function whose result may be sent; `undefined`: nobody waits for it. */
  close(id: string): string | undefined {
    const name = this.#open.get(id);
    this.#open.delete(id);
    this.#stray += name === undefined ? 1 : 0;
    return name;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      toolCalls: this.#seen.size,
      openTools: this.#open.size,
      cancelledTools: this.#cancelled,
      refusedToolCalls: this.#refused,
      strayToolResults: this.#stray,
    };
  }
}
