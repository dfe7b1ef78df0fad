/** Bytes of a stream that wait to become messages; grows by doubling, so that many small chunks cost little. */

const EMPTY = Buffer.alloc(0);

/** A contiguous queue. Bytes once queued are never overwritten, so what was taken stays valid. */
export class ByteQueue {
  #buffer: Buffer = EMPTY;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  append(chunk: Buffer): void {
    if (this.length === 0) {
      this.#buffer = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (this.#end + chunk.length > this.#buffer.length) {
      this.#move(this.length + chunk.length);
    }
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /** What is queued; a view that is valid until the next call. */
  peek(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Removes and returns the first `byteCount` bytes, which are the caller's. */
  take(byteCount: number): Buffer {
    const taken = this.#buffer.subarray(this.#start, this.#start + byteCount);
    this.skip(byteCount);
    return taken;
  }

  skip(byteCount: number): void {
    this.#start = Math.min(this.#start + byteCount, this.#end);
    if (this.#start === this.#end) {
      this.#buffer = EMPTY;
      this.#start = 0;
      this.#end = 0;
    }
  }

  #move(neededBytes: number): void {
    const larger = Buffer.allocUnsafe(Math.max(1024, neededBytes * 2));
    this.#end = this.#buffer.copy(larger, 0, this.#start, this.#end);
    this.#start = 0;
    this.#buffer = larger;
  }
}
