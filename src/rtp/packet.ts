/** The RTP header, read and written by offset, and the modular arithmetic of its numbers. */

/** Bytes of a header without CSRCs and extension; RFC 3550 §5.1 RTP Fixed Header Fields. */
export const RTP_HEADER_BYTES = 12;

/** Why a datagram is not RTP. */
export type RtpRefusal = "tooShort" | "version" | "csrc" | "extension" | "padding";

/** Checks a datagram of `length` bytes; `undefined` means that all other readers of this file may be used on it. */
export function isRtp(bytes: Uint8Array, length: number): RtpRefusal | undefined {
  if (length < RTP_HEADER_BYTES || length > bytes.length) {
    return "tooShort";
  }
  const first = bytes[0] as number;
  if (first >> 6 !== 2) {
    return "version";
  }
  const csrcEnd = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (csrcEnd > length) {
    return "csrc";
  }
  const start = (first & 0x10) === 0 ? csrcEnd : extensionEnd(bytes, csrcEnd);
  if (start > length || ((first & 0x10) !== 0 && csrcEnd + 4 > length)) {
    return "extension";
  }
  if ((first & 0x20) !== 0) {
    const padding = bytes[length - 1] as number;
    return padding === 0 || start + padding > length ? "padding" : undefined;
  }
  return undefined;
}

/** RFC 3550 §5.3.1 RTP Header Extension: a length in 32-bit words after four bytes. */
function extensionEnd(bytes: Uint8Array, start: number): number {
  const words = ((bytes[start + 2] as number) << 8) | (bytes[start + 3] as number);
  return start + 4 + words * 4;
}

/** Tells RTCP from RTP on one port by the packet type 192 … 223; RFC 5761 §4 Distinguishable RTP and RTCP Packets. */
export function isRtcp(bytes: Uint8Array, length: number): boolean {
  if (length < 4 || (bytes[0] as number) >> 6 !== 2) {
    return false;
  }
  const type = bytes[1] as number;
  return type >= 192 && type <= 223;
}

/** 0 … 127. */
export function payloadType(bytes: Uint8Array): number {
  return (bytes[1] as number) & 0x7f;
}

/** Whether this is the first packet of a talkspurt; RFC 3551 §4.1 Encoding-Independent Rules. */
export function hasMarker(bytes: Uint8Array): boolean {
  return ((bytes[1] as number) & 0x80) !== 0;
}

/** 0 … 65535. */
export function sequenceNumber(bytes: Uint8Array): number {
  return ((bytes[2] as number) << 8) | (bytes[3] as number);
}

/** 0 … 2^32-1, in units of the payload's clock rate. */
export function timestamp(bytes: Uint8Array): number {
  return readUint32(bytes, 4);
}

/** 0 … 2^32-1. */
export function ssrc(bytes: Uint8Array): number {
  return readUint32(bytes, 8);
}

/** First byte of the payload, after CSRCs and extension. */
export function payloadOffset(bytes: Uint8Array, _length: number): number {
  const first = bytes[0] as number;
  const csrcEnd = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  return (first & 0x10) === 0 ? csrcEnd : extensionEnd(bytes, csrcEnd);
}

/** One past the last byte of the payload, before any padding. */
export function payloadEnd(bytes: Uint8Array, length: number): number {
  return ((bytes[0] as number) & 0x20) === 0 ? length : length - (bytes[length - 1] as number);
}

/** Bytes of the payload. */
export function payloadLength(bytes: Uint8Array, length: number): number {
  return payloadEnd(bytes, length) - payloadOffset(bytes, length);
}

/** Writes a 12-byte header without CSRCs and extension to the start of `target`. `marker` is 0 or 1. */
export function writeRtpHeader(
  target: Uint8Array,
  type: number,
  marker: 0 | 1,
  sequence: number,
  rtpTimestamp: number,
  source: number,
): void {
  target[0] = 0x80;
  target[1] = (marker << 7) | type;
  target[2] = sequence >>> 8;
  target[3] = sequence;
  writeUint32(target, 4, rtpTimestamp);
  writeUint32(target, 8, source);
}

/** Reads four bytes in network order as 0 … 2^32-1. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  );
}

/** Writes the low 32 bits of `value` in network order. */
export function writeUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
}

/** How far `a` is ahead of `b` on the circle of 2^16: -32768 … 32767. */
export function sequenceDelta(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** How far `a` is ahead of `b` on the circle of 2^32: -2^31 … 2^31-1. */
export function timestampDelta(a: number, b: number): number {
  return (a - b) | 0;
}

/** The sequence number after this one. */
export function nextSequence(sequence: number): number {
  return (sequence + 1) & 0xffff;
}

/** A timestamp moved by `samples`, which may be negative. */
export function addTimestamp(rtpTimestamp: number, samples: number): number {
  return (rtpTimestamp + samples) >>> 0;
}
