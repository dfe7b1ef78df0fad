/**
 * The keystream of SRTP's counter mode, made some packets ahead: a call into `node:crypto` costs as much for eight packets
 * as for one. RFC 3711 §4.1.1 AES in Counter Mode.
 */
import { createCipheriv } from "node:crypto";
import { SRTP_SALT_BYTES } from "../core/srtp-suites.ts";

const BLOCK_BYTES = 16;
/** Beyond so many blocks a packet, none is made ahead. */
const MAX_BLOCKS_AHEAD = 32;
const MAX_PACKETS_AHEAD = 8;
/** Counter blocks of one call into the cipher; scratch of a thread. */
const counters = new Uint8Array(MAX_PACKETS_AHEAD * MAX_BLOCKS_AHEAD * BLOCK_BYTES);

/** One session key with its salt. */
export class SrtpKeystream {
  readonly #cipher: { update(bytes: Uint8Array): Uint8Array };
  readonly #salt: Uint8Array;
  readonly #packetsAhead: number;
  #made = new Uint8Array(0);
  /** What `made` is for: packets from this index on, each with so many bytes. */
  #firstIndex = -1;
  #ssrc = -1;
  #packets = 0;
  #strideBytes = 0;

  /**
   * @param key 16, 24 or 32 bytes; @param salt 14 bytes.
   * @param packetsAhead how many packets to prepare at a time, 1 … 8.
   */
  constructor(key: Uint8Array, salt: Uint8Array, packetsAhead: number) {
    this.#cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    this.#salt = salt;
    this.#packetsAhead = Math.min(packetsAhead, MAX_PACKETS_AHEAD);
  }

  /**
   * Writes bytes `start` … `end - 1` of `source`, encrypted or decrypted, to the same place of `target`, which may be `source`.
   * @param index of the packet, below 2^48.
   */
  apply(
    source: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    ssrc: number,
    index: number,
  ): void {
    const bytes = end - start;
    let at = (index - this.#firstIndex) * this.#strideBytes;
    const ready = ssrc === this.#ssrc && bytes <= this.#strideBytes && at >= 0;
    if (!ready || index - this.#firstIndex >= this.#packets) {
      this.#make(bytes, ssrc, index);
      at = 0;
    }
    const made = this.#made;
    for (let i = start; i < end; i += 1) {
      target[i] = (source[i] as number) ^ (made[at] as number);
      at += 1;
    }
  }

  #make(bytes: number, ssrc: number, index: number): void {
    const blocks = Math.max(1, Math.ceil(bytes / BLOCK_BYTES));
    this.#packets = blocks > MAX_BLOCKS_AHEAD ? 1 : this.#packetsAhead;
    this.#firstIndex = index;
    this.#ssrc = ssrc;
    this.#strideBytes = blocks * BLOCK_BYTES;
    let offset = 0;
    for (let packet = 0; packet < this.#packets; packet += 1) {
      this.#writeCounters(offset, blocks, ssrc, index + packet);
      offset += this.#strideBytes;
    }
    // Copied, so that what the cipher returns is garbage at once and not when it is old.
    if (this.#made.length < offset) {
      this.#made = new Uint8Array(offset);
    }
    this.#made.set(this.#cipher.update(counters.subarray(0, offset)));
  }

  /** IV = salt · 2^16 ⊕ SSRC · 2^64 ⊕ index · 2^16, plus the number of the block. */
  #writeCounters(offset: number, blocks: number, ssrc: number, index: number): void {
    const salt = this.#salt;
    const indexHigh = Math.floor(index / 2 ** 32);
    for (let i = 0; i < SRTP_SALT_BYTES; i += 1) {
      counters[offset + i] = salt[i] as number;
    }
    xorWord(offset + 4, ssrc);
    xorWord(offset + 10, index);
    counters[offset + 8] = (counters[offset + 8] as number) ^ (indexHigh >>> 8);
    counters[offset + 9] = (counters[offset + 9] as number) ^ indexHigh;
    // A loop is faster than `copyWithin` for so few.
    const end = offset + blocks * BLOCK_BYTES;
    for (let at = offset + BLOCK_BYTES; at < end; at += 1) {
      counters[at] = counters[at - BLOCK_BYTES] as number;
    }
    for (let block = 0, at = offset + SRTP_SALT_BYTES; block < blocks; block += 1) {
      counters[at] = block >> 8;
      counters[at + 1] = block;
      at += BLOCK_BYTES;
    }
  }
}

function xorWord(offset: number, word: number): void {
  counters[offset] = (counters[offset] as number) ^ (word >>> 24);
  counters[offset + 1] = (counters[offset + 1] as number) ^ (word >>> 16);
  counters[offset + 2] = (counters[offset + 2] as number) ^ (word >>> 8);
  counters[offset + 3] = (counters[offset + 3] as number) ^ word;
}
