/** What is out of order on this node and concerns every conversation, for the pages that follow one. */
import type { AssistEvent } from "../ports/assist-events.ts";

/** Something failed, or is back. */
export type Notice = Extract<AssistEvent, { readonly kind: "notice" }>;

/** Remembers what is wrong until it is told that it is mended. */
export class NoticeBoard {
  readonly #wrong = new Map<Notice["part"], Notice>();
  readonly #watchers = new Set<(notice: Notice) => void>();

  /** What is wrong now. */
  get wrong(): readonly Notice[] {
    return [...this.#wrong.values()];
  }

  /** How many conversations listen. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** A part that is as it was is not told again. */
  tell(part: Notice["part"], ok: boolean, text: string): void {
    if (ok === !this.#wrong.has(part)) {
      return;
    }
    const notice: Notice = { kind: "notice", part, ok, text };
    if (ok) {
      this.#wrong.delete(part);
    } else {
      this.#wrong.set(part, notice);
    }
    for (const watcher of [...this.#watchers]) {
      watcher(notice);
    }
  }

  /** The returned function ends it; calling it again does nothing. */
  watch(watcher: (notice: Notice) => void): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }
}
