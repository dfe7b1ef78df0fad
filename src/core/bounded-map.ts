/** A map that never grows past its bound: what was used least recently makes room. */

/** Like Map, where `get` and `set` count as use. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #maxEntries: number;
  readonly #onForgotten: (value: Value) => void;

  /** @param maxEntries at least 1. @param onForgotten hears of each value that made room. */
  constructor(maxEntries: number, onForgotten: (value: Value) => void = () => undefined) {
    this.#maxEntries = maxEntries;
    this.#onForgotten = onForgotten;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#maxEntries) {
      const [oldest] = this.#entries;
      const [oldKey, forgotten] = oldest as [Key, Value];
      this.#entries.delete(oldKey);
      this.#onForgotten(forgotten);
    }
  }
}
