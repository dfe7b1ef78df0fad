/** Proves and decrypts the RTP and RTCP of one direction; RFC 3711 The Secure Real-time Transport Protocol. */
import { isSameSrtpKey, type SrtpKey } from "../core/srtp-suites.ts";
import { readUint32, sequenceNumber, ssrc } from "./packet.ts";
import {
  CLEAR_RTCP_BYTES,
  clearRtpBytes,
  MAX_SRTP_BYTES,
  rolloverCounter,
  SrtpCipher,
} from "./srtp-cipher.ts";
import { SrtpSource } from "./srtp-source.ts";

/** Why a packet was not opened. */
export type SrtpRefusal = "plain" | "auth" | "replay" | "malformed";

/** Sources of one key whose packets are told apart; beyond them the oldest is forgotten. */
const MAX_SOURCES = 16;
/** 10 ms of G.711, and the payload of a telephone-event. */
const PLAIN_AUDIO_STEP_BYTES = 80;
const PLAIN_EVENT_BYTES = 4;

/** One key of the peer. A source is believed, and its state changed, by proved packets only. */
export class SrtpReceiver {
  readonly #key: SrtpKey;
  readonly #rtp: SrtpCipher;
  readonly #rtcp: SrtpCipher;
  readonly #sources: SrtpSource[] = [];
  /** Where each source was under the key before. */
  readonly #carried: ReadonlyMap<number, number>;
  #latest: SrtpSource | undefined;

  /** @param before the receiver that this one takes over from, for its rollover counters. */
  constructor(key: SrtpKey, before?: SrtpReceiver) {
    this.#key = key;
    this.#rtp = new SrtpCipher(key, "rtp");
    this.#rtcp = new SrtpCipher(key, "rtcp");
    this.#carried = before?.indexes ?? new Map();
  }

  /** SSRC → index of the newest packet. */
  get indexes(): ReadonlyMap<number, number> {
    return new Map(this.#sources.map(({ ssrc: source, rtp }) => [source, rtp.newest]));
  }

  /** Whether it opens packets of this key. */
  has(key: SrtpKey): boolean {
    return isSameSrtpKey(this.#key, key);
  }

  /** Writes the packet, opened, to `target`, which has room for {@link MAX_SRTP_BYTES}; returns how long it is there. */
  openRtp(bytes: Uint8Array, target: Uint8Array): number | SrtpRefusal {
    const { keystream, tagBytes } = this.#rtp;
    const end = bytes.length - tagBytes;
    const start = clearRtpBytes(bytes, end);
    if (start < 0 || bytes.length > MAX_SRTP_BYTES) {
      return looksPlain(bytes) ? "plain" : "malformed";
    }
    const source = this.#sourceOf(ssrc(bytes));
    const index = this.#provedIndex(bytes, end, source);
    if (index < 0) {
      return looksPlain(bytes) ? "plain" : "auth";
    }
    if (!source.rtp.isFresh(index)) {
      return "replay";
    }
    source.rtp.accept(index);
    this.#believe(source);
    for (let i = 0; i < start; i += 1) {
      target[i] = bytes[i] as number;
    }
    keystream.apply(bytes, start, end, target, source.ssrc, index);
    return end;
  }

  /** The same for a compound RTCP packet. */
  openRtcp(bytes: Uint8Array, target: Uint8Array): number | SrtpRefusal {
    const { keystream, hmac, tagBytes } = this.#rtcp;
    const signed = bytes.length - tagBytes;
    const end = signed - 4;
    if (end < CLEAR_RTCP_BYTES || bytes.length > MAX_SRTP_BYTES) {
      return bytes.length % 4 === 0 ? "plain" : "malformed";
    }
    if (!hmac.verify(bytes, signed, -1, signed, tagBytes)) {
      return bytes.length % 4 === 0 ? "plain" : "auth";
    }
    const trailer = readUint32(bytes, end);
    const index = trailer & 0x7fff_ffff;
    const source = this.#sourceOf(readUint32(bytes, 4));
    if (!source.rtcp.isFresh(index)) {
      return "replay";
    }
    source.rtcp.accept(index);
    this.#believe(source);
    const encrypted = trailer > 0x7fff_ffff;
    const start = encrypted ? CLEAR_RTCP_BYTES : end;
    for (let i = 0; i < start; i += 1) {
      target[i] = bytes[i] as number;
    }
    keystream.apply(bytes, start, end, target, source.ssrc, index);
    return end;
  }

  /** The index under which the packet's tag is right, or -1. */
  #provedIndex(bytes: Uint8Array, end: number, source: SrtpSource): number {
    const sequence = sequenceNumber(bytes);
    const likely = source.likelyIndex(sequence);
    if (this.#isProved(bytes, end, likely)) {
      return likely;
    }
    const other = source.otherIndex(sequence);
    return this.#isProved(bytes, end, other) ? other : -1;
  }

  #isProved(bytes: Uint8Array, end: number, index: number): boolean {
    const { hmac, tagBytes } = this.#rtp;
    return index >= 0 && hmac.verify(bytes, end, rolloverCounter(index), end, tagBytes);
  }

  #sourceOf(source: number): SrtpSource {
    if (this.#latest?.ssrc === source) {
      return this.#latest;
    }
    const known = this.#sources.find((candidate) => candidate.ssrc === source);
    return known ?? new SrtpSource(source, this.#carried.get(source));
  }

  #believe(source: SrtpSource): void {
    if (source === this.#latest) {
      return;
    }
    this.#latest = source;
    if (!this.#sources.includes(source)) {
      this.#sources.push(source);
    }
    if (this.#sources.length > MAX_SOURCES) {
      this.#sources.shift();
    }
  }
}

/** Telephone audio without a tag has one of few lengths, none of which it has with one. */
function looksPlain(bytes: Uint8Array): boolean {
  const start = clearRtpBytes(bytes, bytes.length);
  const payloadBytes = bytes.length - start;
  const isAudio = payloadBytes > 0 && payloadBytes % PLAIN_AUDIO_STEP_BYTES === 0;
  return start >= 0 && (isAudio || payloadBytes === PLAIN_EVENT_BYTES);
}
