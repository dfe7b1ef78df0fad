/** Encrypts and signs the RTP and RTCP of one direction; RFC 3711 The Secure Real-time Transport Protocol. */
import { isSameSrtpKey, type SrtpKey } from "../core/srtp-suites.ts";
import { readUint32, sequenceDelta, sequenceNumber, ssrc, writeUint32 } from "./packet.ts";
import { CLEAR_RTCP_BYTES, clearRtpBytes, rolloverCounter, SrtpCipher } from "./srtp-cipher.ts";

/** RTCP's index has 31 bits; the 32nd is the E flag, "encrypted". RFC 3711 §3.4 Secure RTCP. */
const ENCRYPTED = 0x8000_0000;
const INDEX_MODULUS = 0x8000_0000;

/** What a packet grows by at most. */
export const MAX_SRTP_OVERHEAD_BYTES = 14;

/**
 * One key, for as long as it is in use: the same key with another sender would send a packet's keystream twice.
 * Packets come in order of their sequence numbers.
 */
export class SrtpSender {
  readonly #key: SrtpKey;
  readonly #rtp: SrtpCipher;
  readonly #rtcp: SrtpCipher;
  #ssrc = -1;
  #index = 0;
  #rtcpIndex = 0;

  constructor(key: SrtpKey) {
    this.#key = key;
    this.#rtp = new SrtpCipher(key, "rtp");
    this.#rtcp = new SrtpCipher(key, "rtcp");
  }

  /** How often the sequence number has wrapped under this key. */
  get rollovers(): number {
    return rolloverCounter(this.#index);
  }

  /** What an RTP packet grows by. */
  get rtpTagBytes(): number {
    return this.#rtp.tagBytes;
  }

  /** Whether it sends with this key. */
  has(key: SrtpKey): boolean {
    return isSameSrtpKey(this.#key, key);
  }

  /** Writes the packet of `length` bytes, sealed, to `target`; returns how long it is there, 0 for what is no packet. */
  sealRtp(bytes: Uint8Array, length: number, target: Uint8Array): number {
    const { keystream, hmac, tagBytes } = this.#rtp;
    const start = clearRtpBytes(bytes, length);
    if (start < 0 || length + tagBytes > target.length) {
      return 0;
    }
    const source = ssrc(bytes);
    const index = this.#nextIndex(source, sequenceNumber(bytes));
    for (let i = 0; i < start; i += 1) {
      target[i] = bytes[i] as number;
    }
    keystream.apply(bytes, start, length, target, source, index);
    hmac.sign(target, length, rolloverCounter(index), target, length, tagBytes);
    return length + tagBytes;
  }

  /** The same for a compound RTCP packet. */
  sealRtcp(bytes: Uint8Array, length: number, target: Uint8Array): number {
    const { keystream, hmac, tagBytes } = this.#rtcp;
    const signed = length + 4;
    if (length < CLEAR_RTCP_BYTES || signed + tagBytes > target.length) {
      return 0;
    }
    const index = this.#rtcpIndex;
    this.#rtcpIndex = (index + 1) % INDEX_MODULUS;
    for (let i = 0; i < CLEAR_RTCP_BYTES; i += 1) {
      target[i] = bytes[i] as number;
    }
    keystream.apply(bytes, CLEAR_RTCP_BYTES, length, target, readUint32(bytes, 4), index);
    writeUint32(target, length, ENCRYPTED + index);
    hmac.sign(target, signed, -1, target, signed, tagBytes);
    return signed + tagBytes;
  }

  #nextIndex(source: number, sequence: number): number {
    const step = sequenceDelta(sequence, this.#index & 0xffff);
    this.#index = source === this.#ssrc ? this.#index + step : sequence;
    this.#ssrc = source;
    return this.#index;
  }
}
