/** A queue of bytes in blocks that legs share, so that a burst takes memory only while it lasts. */

const BLOCK_BYTES = 4096;
/** Idle blocks kept for the next burst: 1 MiB per host. */
const SPARE_BLOCKS = 256;

/** From so many bytes on it pays to make a view for `set`. */
const LONG_COPY_BYTES = 256;

/** A piece of memory, as bytes and as words of four. */
interface Block {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

/** Blocks of one host that are not in use. */
export class BlockPool {
  readonly #spare: Block[] = [];
  #inUse = 0;

  take(): Block {
    this.#inUse += 1;
    return this.#spare.pop() ?? createBlock();
  }

  giveBack(block: Block): void {
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
  readonly #blocks: Block[] = [];
  /** Read position in the first block. */
  #readOffset = 0;
  /** Write position in the last block. */
  #writeOffset = BLOCK_BYTES;
  #byteLength = 0;
  /** What was pulled into last, and the same as words: pulls go to the same memory each time. */
  #target: Uint8Array | undefined;
  #targetWords: Int32Array | undefined;

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
      const block = this.#blocks[this.#blocks.length - 1] as Block;
      const count = Math.min(end - from, BLOCK_BYTES - this.#writeOffset);
      if (count < LONG_COPY_BYTES) {
        copyBytes(bytes, from, block.bytes, this.#writeOffset, count);
      } else {
        block.bytes.set(bytes.subarray(from, from + count), this.#writeOffset);
      }
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
      const count = Math.min(wanted - done, BLOCK_BYTES - this.#readOffset);
      this.#copyOut(target, offset + done, count);
      done += count;
      this.#advance(count);
    }
    return wanted;
  }

  /** Copies up to `byteCount` bytes to `target`, from `position` bytes behind the oldest on, and returns how many; they stay. */
  peek(position: number, target: Uint8Array, byteCount: number): number {
    const wanted = Math.max(0, Math.min(byteCount, this.#byteLength - position));
    let from = this.#readOffset + position;
    for (let done = 0; done < wanted; ) {
      const block = this.#blocks[Math.floor(from / BLOCK_BYTES)] as Block;
      const offset = from % BLOCK_BYTES;
      const count = Math.min(wanted - done, BLOCK_BYTES - offset);
      copyBytes(block.bytes, offset, target, done, count);
      done += count;
      from += count;
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

  #copyOut(target: Uint8Array, offset: number, count: number): void {
    const block = this.#blocks[0] as Block;
    const from = this.#readOffset;
    const words = ((from | offset | count) & 3) === 0 ? this.#wordsOf(target) : undefined;
    if (words === undefined) {
      copyBytes(block.bytes, from, target, offset, count);
    } else {
      copyWords(block.words, from >> 2, words, offset >> 2, count >> 2);
    }
  }

  /** `undefined` where the memory does not lie on words. */
  #wordsOf(target: Uint8Array): Int32Array | undefined {
    if (target !== this.#target) {
      const { buffer, byteOffset, length } = target;
      this.#target = target;
      this.#targetWords =
        byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, length >> 2) : undefined;
    }
    return this.#targetWords;
  }

  #advance(count: number): void {
    this.#readOffset += count;
    this.#byteLength -= count;
    if (this.#readOffset === BLOCK_BYTES || this.#byteLength === 0) {
      this.#pool.giveBack(this.#blocks.shift() as Block);
      this.#readOffset = 0;
    }
    if (this.#byteLength === 0) {
      this.#writeOffset = BLOCK_BYTES;
    }
  }
}

function createBlock(): Block {
  const bytes = new Uint8Array(BLOCK_BYTES);
  return { bytes, words: new Int32Array(bytes.buffer) };
}

function copyWords(
  source: Int32Array,
  sourceOffset: number,
  target: Int32Array,
  targetOffset: number,
  wordCount: number,
): void {
  for (let i = 0; i < wordCount; i += 1) {
    target[targetOffset + i] = source[sourceOffset + i] as number;
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
