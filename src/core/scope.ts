/** A tree of lifetimes: an AbortSignal for those who wait, and closers run last-in first-out for those who hold. */

/** Releases one resource. May be called once only; a rejection is reported and does not stop the others. */
export type Closer = () => void | Promise<void>;

/** Hears what a closer threw, with the name it was registered under. */
export type CloserErrorListener = (name: string, error: unknown) => void;

/** Owns resources and child scopes; closing it releases all of them, children included, exactly once. */
export class Scope {
  readonly name: string;
  readonly #abort = new AbortController();
  readonly #closers = new Map<string, Closer>();
  readonly #onCloserError: CloserErrorListener;
  #serial = 0;
  #closing: Promise<void> | undefined;

  constructor(name: string, onCloserError: CloserErrorListener) {
    this.name = name;
    this.#onCloserError = onCloserError;
  }

  /** Aborts when the scope starts to close. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Names of what is still held, in order of acquisition. */
  get held(): readonly string[] {
    return [...this.#closers.keys()];
  }

  /**
   * Registers a closer; the returned function forgets it again (for a resource that closed by itself).
   * On a scope that already closes, the closer runs at once.
   */
  defer(name: string, closer: Closer): () => void {
    const key = `${name}#${this.#serial++}`;
    if (this.closed) {
      void this.#run(key, closer);
      return () => undefined;
    }
    this.#closers.set(key, closer);
    return () => {
      this.#closers.delete(key);
    };
  }

  /** A scope that closes with this one, or earlier by itself. */
  child(name: string): Scope {
    const child = new Scope(`${this.name}/${name}`, this.#onCloserError);
    const forget = this.defer(`scope ${name}`, () => child.close());
    child.defer("leave parent", forget);
    return child;
  }

  /** Idempotent; never rejects; resolves when everything is released. */
  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #release(): Promise<void> {
    this.#abort.abort(new Error(`scope ${this.name} closed`));
    const closers = [...this.#closers].reverse();
    this.#closers.clear();
    for (const [key, closer] of closers) {
      await this.#run(key, closer);
    }
  }

  async #run(key: string, closer: Closer): Promise<void> {
    try {
      await closer();
    } catch (error) {
      this.#onCloserError(`${this.name}: ${key}`, error);
    }
  }
}
