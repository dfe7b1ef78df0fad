/** A queue of bytes in blocks that legs share, so that a burst takes memory only while it lasts. */

const BLOCK_BYTES = 4096;
/** Idle blocks kept for the next burst: 1 MiB per host. */
const SPARE_BLOCKS = 256;

/** Blocks of one host that are not in use. */
export class BlockPool {
  readonly #spare: Uint8Array[] = [];
  #inUse = 0;

  take(): Uint8Array {
    this.#inUse += 1;
    return this.#spare.pop() ?? new Uint8Array(BLOCK_BYTES);
  }

  giveBack(block: Uint8Array): void {
    this.#inUse -= 1;
    if (this.#spare.length < SPARE_BLOCKS) {
      this.#spare.push(block);
    }
  }

  toJSON(): Readonly<Record<string, number>> {
    return { inUseBytes: this.#inUse * BLOCK_BYTES, spareBytes: this.#spare.length * BLOCK_BYTES };
  }
}

/** First in, first out; holds no block while empty. */
export class ByteFifo {
  readonly #pool: BlockPool;
  readonly #blocks: Uint8Array[] = [];
  /** Read position in the first block. */
  #readOffset = 0;
  /** Write position in the last block. */
  #writeOffset = BLOCK_BYTES;
  #byteLength = 0;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** Copies `byteCount` bytes in. */
  push(bytes: Uint8Array, offset: number, byteCount: number): void {
    let from = offset;
    const end = offset + byteCount;
    while (from < end) {
      if (this.#writeOffset === BLOCK_BYTES) {
        this.#blocks.push(this.#pool.take());
        this.#writeOffset = 0;
      }
      const block = this.#blocks[this.#blocks.length - 1] as Uint8Array;
      const count = Math.min(end - from, BLOCK_BYTES - this.#writeOffset);
      copyBytes(bytes, from, block, this.#writeOffset, count);
      from += count;
      this.#writeOffset += count;
    }
    this.#byteLength += byteCount;
  }

  /** Moves up to `byteCount` bytes to `target` and returns how many. */
  pull(target: Uint8Array, offset: number, byteCount: number): number {
    const wanted = Math.min(byteCount, this.#byteLength);
    let done = 0;
    while (done < wanted) {
      const block = this.#blocks[0] as Uint8Array;
      const count = Math.min(wanted - done, BLOCK_BYTES - this.#readOffset);
      copyBytes(block, this.#readOffset, target, offset + done, count);
      done += count;
      this.#advance(count);
    }
    return wanted;
  }

  /** Forgets up to `byteCount` of the oldest bytes and returns how many. */
  drop(byteCount: number): number {
    const wanted = Math.min(byteCount, this.#byteLength);
    let done = 0;
    while (done < wanted) {
      const count = Math.min(wanted - done, BLOCK_BYTES - this.#readOffset);
      done += count;
      this.#advance(count);
    }
    return wanted;
  }

  clear(): void {
    this.drop(this.#byteLength);
  }

  #advance(count: number): void {
    this.#readOffset += count;
    this.#byteLength -= count;
    if (this.#readOffset === BLOCK_BYTES || this.#byteLength === 0) {
      this.#pool.giveBack(this.#blocks.shift() as Uint8Array);
      this.#readOffset = 0;
    }
    if (this.#byteLength === 0) {
      this.#writeOffset = BLOCK_BYTES;
    }
  }
}

/** Short copies are faster by hand than by `set`, which needs a view of the source. */
function copyBytes(
  source: Uint8Array,
  sourceOffset: number,
  target: Uint8Array,
  targetOffset: number,
  byteCount: number,
): void {
  for (let i = 0; i < byteCount; i += 1) {
    target[targetOffset + i] = source[sourceOffset + i] as number;
  }
}
