/** Looks for recorded calls in progress, where the gateway needs no token: offers them, and follows the newest by itself. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";

/** A recorded call in progress. */
export interface OfferedCall {
  readonly callId: string;
  readonly phoneNumber: string;
  readonly contactId: string | undefined;
  /** ISO 8601. */
  readonly start: string;
}

/** What asking for them came to. */
export type CallsAnswer =
  | { readonly kind: "calls"; readonly calls: readonly OfferedCall[] }
  | { readonly kind: "needsToken" }
  | { readonly kind: "unreachable" };

/** What the watch works with. */
export interface CallsWatchOptions {
  readonly clock: Clock;
  readonly ask: () => Promise<CallsAnswer>;
  readonly onAnswer: (answer: CallsAnswer) => void;
}

const EVERY_MS = 1000;
const EVERY_MS_IN_TROUBLE = 3000;

/** Asks from `start` to `stop`. */
export class CallsWatch {
  readonly #options: CallsWatchOptions;
  #timer: Timer | undefined;
  #turn = 0;

  constructor(options: CallsWatchOptions) {
    this.#options = options;
  }

  /** Calling it again asks at once. */
  start(): void {
    this.stop();
    void this.#look(this.#turn);
  }

  stop(): void {
    this.#turn += 1;
    this.#timer?.cancel();
  }

  async #look(turn: number): Promise<void> {
    const answer = await this.#options.ask();
    if (turn !== this.#turn) {
      return;
    }
    this.#options.onAnswer(answer);
    // Whoever heard the answer may have stopped it.
    if (turn === this.#turn && answer.kind !== "needsToken") {
      const everyMs = answer.kind === "calls" ? EVERY_MS : EVERY_MS_IN_TROUBLE;
      this.#timer = after(this.#options.clock, everyMs, () => void this.#look(turn));
    }
  }
}

/** Which call to show: a call that goes on is not left for a newer one. */
export function chooseCall(
  calls: readonly OfferedCall[],
  shown: { readonly callId: string; readonly ended: boolean } | undefined,
): string | undefined {
  if (shown !== undefined && !shown.ended) {
    return shown.callId;
  }
  const others = calls.filter(({ callId }) => callId !== shown?.callId);
  const newest = others.toSorted((one, other) => one.start.localeCompare(other.start)).at(-1);
  return newest?.callId ?? shown?.callId;
}

/** The body of `GET /calls`, without calls that nobody records. */
export function readCalls(body: unknown): readonly OfferedCall[] {
  const calls = (body as { calls?: unknown } | null)?.calls;
  return (Array.isArray(calls) ? calls : []).flatMap((call: Readonly<Record<string, unknown>>) => {
    const { callId, phoneNumber, contactId, start, mode } = call;
    return typeof callId === "string" && typeof start === "string" && mode === "assist"
      ? [
          {
            callId,
            start,
            phoneNumber: typeof phoneNumber === "string" ? phoneNumber : "",
            contactId: typeof contactId === "string" ? contactId : undefined,
          },
        ]
      : [];
  });
}
