/** The outer frame of the application link: `<decimal byte length>#<message>`, in both directions. */
import { ByteQueue } from "./byte-queue.ts";
import { digitsOf } from "./characters.ts";

const HASH = 35;
const MAX_DIGITS = 7;

/** The frame around `parts`, as one buffer. */
export function encodeFrame(leader: string, message: Buffer | undefined): Buffer {
  const head = Buffer.from(message === undefined ? leader : `${leader}\r\n`, "latin1");
  const length = head.length + (message?.length ?? 0);
  const prefix = Buffer.from(`${length}#`, "latin1");
  return Buffer.concat(message === undefined ? [prefix, head] : [prefix, head, message]);
}

/** Takes frames out of a stream; one per link. */
export class FrameReader {
  readonly #queue = new ByteQueue();
  readonly #onFrame: (frame: Buffer) => void;
  /** The largest frame accepted, in bytes; may be raised once the application is known. */
  maxBytes: number;

  constructor(maxBytes: number, onFrame: (frame: Buffer) => void) {
    this.maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  /** Any split is fine, also inside the prefix. False when the stream cannot be framed and the link must be closed. */
  push(chunk: Buffer): boolean {
    this.#queue.append(chunk);
    for (;;) {
      const queued = this.#queue.peek();
      const hash = queued.subarray(0, MAX_DIGITS + 1).indexOf(HASH);
      if (hash === -1) {
        return queued.length <= MAX_DIGITS && /^\d*$/.test(queued.toString("latin1"));
      }
      const length = digitsOf(queued.toString("latin1", 0, hash), MAX_DIGITS);
      if (length === undefined || length === 0 || length > this.maxBytes) {
        return false;
      }
      if (queued.length < hash + 1 + length) {
        return true;
      }
      this.#queue.skip(hash + 1);
      this.#onFrame(this.#queue.take(length));
    }
  }
}
