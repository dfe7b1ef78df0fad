/**
 * Builds the WebSocket frame of a JSON message that carries audio, masked a word at a time.
 *
 * `ws` 8.23 masks byte by byte in JavaScript and copies the payload twice; audio messages are nearly all the traffic of a
 * call, so they are framed here and written to the socket as they are (`bench/openai-wire.bench.ts` compares).
 */
import type { Random } from "../core/random.ts";

/** What surrounds the base64 text in the message; both in US-ASCII. */
export interface AudioEnvelope {
  readonly head: string;
  readonly tail: string;
}

/** The payload starts here in the scratch, behind the longest header; a multiple of four, so that words can be masked. */
const PAYLOAD_OFFSET = 16;
const KEY_OFFSET = PAYLOAD_OFFSET - 4;
const MASK_BIT = 0x80;
const FINAL_TEXT = 0x81;
/** Masking keys drawn from the random source at a time. */
const POOLED_KEYS = 1024;
const START_BYTES = 16 * 1024;

/** Writes frames; one for all sessions of a thread, since it holds nothing between two calls but scratch memory. */
export class MaskedFrameWriter {
  readonly #random: Random;
  readonly #keys = new Int32Array(POOLED_KEYS);
  #nextKey = POOLED_KEYS;
  #scratch = Buffer.from(new ArrayBuffer(START_BYTES));
  #words = new Int32Array(this.#scratch.buffer);

  constructor(random: Random) {
    this.#random = random;
  }

  /** RFC 6455 §5.2 Base Framing Protocol, §5.3 Client-to-Server Masking: one final text frame, in memory of its own. */
  frame(envelope: AudioEnvelope, bytes: Uint8Array): Buffer {
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
    const payloadBytes = envelope.head.length + base64.length + envelope.tail.length;
    this.#reserve(PAYLOAD_OFFSET + payloadBytes + 4);
    const scratch = this.#scratch;
    let offset = PAYLOAD_OFFSET;
    offset += scratch.write(envelope.head, offset, "latin1");
    offset += scratch.write(base64, offset, "latin1");
    offset += scratch.write(envelope.tail, offset, "latin1");
    this.#mask(payloadBytes);
    const start = this.#writeHeader(payloadBytes);
    const frame = Buffer.allocUnsafe(offset - start);
    scratch.copy(frame, 0, start, offset);
    return frame;
  }

  #mask(payloadBytes: number): void {
    const words = this.#words;
    const key = this.#drawKey();
    words[KEY_OFFSET / 4] = key;
    const end = (PAYLOAD_OFFSET + payloadBytes + 3) >> 2;
    for (let i = PAYLOAD_OFFSET / 4; i < end; i += 1) {
      words[i] = (words[i] as number) ^ key;
    }
  }

  /** Writes the header right before the masking key; returns where the frame begins. */
  #writeHeader(payloadBytes: number): number {
    const scratch = this.#scratch;
    let start = KEY_OFFSET - 2;
    if (payloadBytes > 0xffff) {
      start = KEY_OFFSET - 10;
      scratch[start + 1] = MASK_BIT | 127;
      scratch.writeUInt32BE(0, start + 2);
      scratch.writeUInt32BE(payloadBytes, start + 6);
    } else if (payloadBytes > 125) {
      start = KEY_OFFSET - 4;
      scratch[start + 1] = MASK_BIT | 126;
      scratch[start + 2] = payloadBytes >> 8;
      scratch[start + 3] = payloadBytes;
    } else {
      scratch[start + 1] = MASK_BIT | payloadBytes;
    }
    scratch[start] = FINAL_TEXT;
    return start;
  }

  #drawKey(): number {
    if (this.#nextKey === POOLED_KEYS) {
      Buffer.from(this.#keys.buffer).write(this.#random.hex(this.#keys.byteLength), "hex");
      this.#nextKey = 0;
    }
    const key = this.#keys[this.#nextKey] as number;
    this.#nextKey += 1;
    return key;
  }

  #reserve(byteCount: number): void {
    if (byteCount > this.#scratch.length) {
      this.#scratch = Buffer.from(new ArrayBuffer(2 ** Math.ceil(Math.log2(byteCount))));
      this.#words = new Int32Array(this.#scratch.buffer);
    }
  }
}
