/** One RTP packet as it arrived at a socket of the test. */
import {
  hasMarker,
  isRtcp,
  isRtp,
  payloadEnd,
  payloadOffset,
  payloadType,
  sequenceNumber,
  ssrc,
  timestamp,
} from "../../../src/rtp/packet.ts";

/** What is remembered of a packet. */
export interface HeardPacket {
  /** `performance.now()` at its arrival. */
  readonly atMs: number;
  /** The same as wall time, for comparison with a call's record. */
  readonly wallMs: number;
  readonly sequence: number;
  readonly rtpTimestamp: number;
  readonly ssrc: number;
  readonly hasMarker: boolean;
  readonly payloadType: number;
  readonly payload: Uint8Array;
}

/** To be called as soon as a datagram is there. */
export function readHeard(bytes: Uint8Array): HeardPacket | "rtcp" | "strange" {
  const atMs = performance.now();
  const wallMs = Date.now();
  const { length } = bytes;
  if (isRtcp(bytes, length)) {
    return "rtcp";
  }
  if (isRtp(bytes, length) !== undefined) {
    return "strange";
  }
  return {
    atMs,
    wallMs,
    sequence: sequenceNumber(bytes),
    rtpTimestamp: timestamp(bytes),
    ssrc: ssrc(bytes),
    hasMarker: hasMarker(bytes),
    payloadType: payloadType(bytes),
    payload: Uint8Array.from(
      bytes.subarray(payloadOffset(bytes, length), payloadEnd(bytes, length)),
    ),
  };
}
