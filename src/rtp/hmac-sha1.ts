/**
 * HMAC-SHA1 over packets, without garbage; RFC 2104 Definition of HMAC. For so short a message it takes a third of what
 * `node:crypto` does, whose price is that of the objects around it.
 */
import { addSha1Block, SHA1_BLOCK_BYTES, savedSha1, startSha1, writeSha1 } from "./sha1.ts";

const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
const DIGEST_BYTES = 20;

/** The end of a message with its padding, one block or two, and in the end the digest. Scratch of one computation. */
const tail = new Uint8Array(2 * SHA1_BLOCK_BYTES);

/** HMAC-SHA1 with one key. */
export class HmacSha1 {
  /** The states after the padded key. */
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;

  /** @param key at most 64 bytes. */
  constructor(key: Uint8Array) {
    this.#inner = stateAfterKey(key, INNER_PAD);
    this.#outer = stateAfterKey(key, OUTER_PAD);
  }

  /**
   * Writes the tag of the first `length` bytes and, unless it is negative, a 32-bit `suffix` to `target`, from `offset`.
   * @param tagBytes how much of the tag, 1 … 20.
   */
  sign(
    bytes: Uint8Array,
    length: number,
    suffix: number,
    target: Uint8Array,
    offset: number,
    tagBytes: number,
  ): void {
    this.#digest(bytes, length, suffix);
    for (let i = 0; i < tagBytes; i += 1) {
      target[offset + i] = tail[i] as number;
    }
  }

  /** Whether the tag of the first `length` bytes and the suffix follows on them; no faster where it differs early. */
  verify(bytes: Uint8Array, length: number, suffix: number, offset: number, tagBytes: number) {
    this.#digest(bytes, length, suffix);
    let difference = 0;
    for (let i = 0; i < tagBytes; i += 1) {
      difference |= (bytes[offset + i] as number) ^ (tail[i] as number);
    }
    return difference === 0;
  }

  /** Leaves the digest at the start of `tail`. */
  #digest(bytes: Uint8Array, length: number, suffix: number): void {
    startSha1(this.#inner);
    let offset = 0;
    for (; offset + SHA1_BLOCK_BYTES <= length; offset += SHA1_BLOCK_BYTES) {
      addSha1Block(bytes, offset);
    }
    let rest = 0;
    for (; offset < length; offset += 1) {
      tail[rest] = bytes[offset] as number;
      rest += 1;
    }
    if (suffix >= 0) {
      writeWord(rest, suffix);
      rest += 4;
    }
    finish(rest, SHA1_BLOCK_BYTES + length + (suffix >= 0 ? 4 : 0));
    writeSha1(tail);
    startSha1(this.#outer);
    finish(DIGEST_BYTES, SHA1_BLOCK_BYTES + DIGEST_BYTES);
    writeSha1(tail);
  }
}

function stateAfterKey(key: Uint8Array, pad: number): Int32Array {
  if (key.length > SHA1_BLOCK_BYTES) {
    throw new RangeError(`a key has at most ${SHA1_BLOCK_BYTES} bytes here`);
  }
  const block = new Uint8Array(SHA1_BLOCK_BYTES).fill(pad);
  key.forEach((byte, i) => {
    block[i] = byte ^ pad;
  });
  startSha1();
  addSha1Block(block, 0);
  return savedSha1();
}

/** Pads what is in `tail`, its first `rest` bytes, and adds it. */
function finish(rest: number, messageBytes: number): void {
  const end = rest + 9 <= SHA1_BLOCK_BYTES ? SHA1_BLOCK_BYTES : 2 * SHA1_BLOCK_BYTES;
  tail[rest] = 0x80;
  for (let i = rest + 1; i < end - 4; i += 1) {
    tail[i] = 0;
  }
  writeWord(end - 4, messageBytes * 8);
  addSha1Block(tail, 0);
  if (end > SHA1_BLOCK_BYTES) {
    addSha1Block(tail, SHA1_BLOCK_BYTES);
  }
}

function writeWord(offset: number, word: number): void {
  tail[offset] = word >>> 24;
  tail[offset + 1] = word >>> 16;
  tail[offset + 2] = word >>> 8;
  tail[offset + 3] = word;
}
