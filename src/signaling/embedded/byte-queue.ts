/** Bytes of a stream that wait to become messages; grows by doubling and never rescans what it copied. */

/** A contiguous queue. */
export class ByteQueue {
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** Whether the buffer is a chunk of somebody else's, whose space behind the end is not ours to write. */
  #foreign = true;

  get length(): number {
    return this.#end - this.#start;
  }

  append(chunk: Buffer): void {
    if (this.length === 0) {
      this.#buffer = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#foreign = true;
      return;
    }
    const needed = this.length + chunk.length;
    if (this.#end + chunk.length > this.#buffer.length || this.#foreign) {
      this.#move(needed);
    }
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /** What is queued; a view that is valid until the next call. */
  peek(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Removes and returns the first `byteCount` bytes. The bytes are the caller's and stay valid. */
  take(byteCount: number): Buffer {
    const taken = this.#buffer.subarray(this.#start, this.#start + byteCount);
    this.skip(byteCount);
    return taken;
  }

  skip(byteCount: number): void {
    this.#start += byteCount;
    if (this.#start >= this.#end) {
      this.clear();
    }
  }

  clear(): void {
    this.#buffer = Buffer.alloc(0);
    this.#start = 0;
    this.#end = 0;
    this.#foreign = true;
  }

  #move(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(1024, needed * 2));
    this.#buffer.copy(larger, 0, this.#start, this.#end);
    this.#end = this.length;
    this.#start = 0;
    this.#buffer = larger;
    this.#foreign = false;
  }
}
