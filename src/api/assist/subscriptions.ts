/** What one connection follows: each subject once. */
import type { AssistSubject } from "./assist-log.ts";

/** Whoever adds one says how it ends. */
export class Subscriptions {
  readonly #all = new Map<
    string,
    { readonly subject: AssistSubject; readonly unwatch: () => void }
  >();

  get size(): number {
    return this.#all.size;
  }

  get subjects(): readonly AssistSubject[] {
    return [...this.#all.values()].map(({ subject }) => subject);
  }

  has(subject: AssistSubject): boolean {
    return this.#all.has(keyOf(subject));
  }

  add(subject: AssistSubject, unwatch: () => void): void {
    this.#all.set(keyOf(subject), { subject, unwatch });
  }

  /** Nothing where it is not there. */
  end(subject: AssistSubject): void {
    this.#all.get(keyOf(subject))?.unwatch();
    this.#all.delete(keyOf(subject));
  }

  endAll(): void {
    for (const { unwatch } of this.#all.values()) {
      unwatch();
    }
    this.#all.clear();
  }
}

function keyOf({ kind, id }: AssistSubject): string {
  return `${kind} ${id}`;
}
