/** Audio of answers that were interrupted: models may still send some, and nobody shall hear it. */

/** Answers whose late audio is still recognised. */
const REMEMBERED_ANSWERS = 16;

/** Remembers interrupted answers and swallows what comes of them. */
export class LateAudio {
  readonly #itemIds = new Set<string>();
  #droppedBytes = 0;

  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  remember(itemId: string): void {
    this.#itemIds.add(itemId);
    if (this.#itemIds.size > REMEMBERED_ANSWERS) {
      this.#itemIds.delete(this.#itemIds.values().next().value ?? itemId);
    }
  }

  /** `true` when the answer was interrupted; its bytes are counted. */
  swallows(itemId: string, byteCount: number): boolean {
    const late = this.#itemIds.has(itemId);
    this.#droppedBytes += late ? byteCount : 0;
    return late;
  }
}
