/** Names of answers and tool calls, unique among the sessions that follow one another on a leg. */

const LATER_ID = /^\d+~/;

/** The first session's names are as the provider gave them; those of later sessions carry their number. */
export class SessionIds {
  readonly #prefix: string;
  /** The name of last time: audio comes in many pieces of one answer. */
  #lastOwn = "";
  #lastUnique = "";

  /** @param ordinal of the session on its leg, from 1. */
  constructor(ordinal: number) {
    this.#prefix = ordinal === 1 ? "" : `${ordinal}~`;
  }

  /** From the session's name to the leg's. */
  unique(own: string): string {
    if (this.#prefix === "") {
      return own;
    }
    if (own !== this.#lastOwn) {
      this.#lastOwn = own;
      this.#lastUnique = this.#prefix + own;
    }
    return this.#lastUnique;
  }

  /** From the leg's name to the session's. */
  own(unique: string): string {
    return unique.slice(this.#prefix.length);
  }

  /** Whether this session gave the name. */
  has(unique: string): boolean {
    return this.#prefix === "" ? !LATER_ID.test(unique) : unique.startsWith(this.#prefix);
  }
}
