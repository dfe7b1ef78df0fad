/** What went wrong in a session without ending it: counted, and the last of it named. */
import type { Logger } from "../core/logger.ts";

/** What is counted. */
export type TroubleKind =
  | "strayToolResults"
  | "survivedErrors"
  | "unknownEvents"
  | "malformedEvents"
  | "incompleteResponses"
  | "retriedResponses";

/** The troubles of one session. */
export class SessionTrouble {
  readonly #logger: Logger;
  readonly #counts: Record<TroubleKind, number> = {
    strayToolResults: 0,
    survivedErrors: 0,
    unknownEvents: 0,
    malformedEvents: 0,
    incompleteResponses: 0,
    retriedResponses: 0,
  };
  #last: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  count(kind: TroubleKind): void {
    this.#counts[kind] += 1;
  }

  /** @param name the service's word for it, never its message. */
  note(message: string, name: string, kind?: TroubleKind): void {
    if (kind !== undefined) {
      this.count(kind);
    }
    this.#last = name;
    this.#logger.debug(message, { name });
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { ...this.#counts, lastTrouble: this.#last };
  }
}
