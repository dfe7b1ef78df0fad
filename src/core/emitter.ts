/** A typed emitter for facts with many listeners; a listener that throws is contained and counted. */

/** Removes the listener it was returned for; calling it again does nothing. */
export type Unsubscribe = () => void;

/** Delivers each fact to every listener, in order of subscription. */
export class Emitter<Fact> {
  readonly #listeners = new Set<(fact: Fact) => void>();
  readonly #onListenerError: (error: unknown) => void;
  #failures = 0;

  /** @param onListenerError hears what a listener threw; the other listeners still hear the fact. */
  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  /** How many times a listener threw. */
  get failures(): number {
    return this.#failures;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  subscribe(listener: (fact: Fact) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  emit(fact: Fact): void {
    for (const listener of this.#listeners) {
      try {
        listener(fact);
      } catch (error) {
        this.#failures += 1;
        this.#onListenerError(error);
      }
    }
  }
}
