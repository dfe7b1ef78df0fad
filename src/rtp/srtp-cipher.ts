/** What sender and receiver of SRTP share: keystream and tags of one direction, and where a packet's secret part begins. */
import { SRTP_SUITES, type SrtpKey } from "../core/srtp-suites.ts";
import { HmacSha1 } from "./hmac-sha1.ts";
import { payloadOffset, RTP_HEADER_BYTES } from "./packet.ts";
import { SrtpKeystream } from "./srtp-keystream.ts";
import { deriveSessionKeys } from "./srtp-session-keys.ts";

/** Of RTCP, in every suite: RFC 4568 §6.2 Crypto-Suites. */
const RTCP_TAG_BYTES = 10;
/** Audio comes packet after packet, reports one at a time. */
const PACKETS_AHEAD = { rtp: 8, rtcp: 1 };

/** The header and the sender's SSRC of a compound packet stay readable; RFC 3711 §3.4 Secure RTCP. */
export const CLEAR_RTCP_BYTES = 8;

/** Longer packets are neither sealed nor opened; more than a UDP datagram that is not fragmented holds. */
export const MAX_SRTP_BYTES = 2048;

/** The state of RTP or of RTCP that does not depend on the packet. */
export class SrtpCipher {
  readonly keystream: SrtpKeystream;
  readonly hmac: HmacSha1;
  readonly tagBytes: number;

  constructor(key: SrtpKey, protocol: "rtp" | "rtcp") {
    const { encryption, authentication, salt } = deriveSessionKeys(key, protocol);
    this.keystream = new SrtpKeystream(encryption, salt, PACKETS_AHEAD[protocol]);
    this.hmac = new HmacSha1(authentication);
    this.tagBytes = protocol === "rtp" ? SRTP_SUITES[key.suite].tagBytes : RTCP_TAG_BYTES;
  }
}

/** Bytes of a packet that stay readable, or -1 where they do not fit into `length`; RFC 3711 §3.1 Secure RTP. */
export function clearRtpBytes(bytes: Uint8Array, length: number): number {
  const first = bytes[0] as number;
  if (length < RTP_HEADER_BYTES || first >> 6 !== 2) {
    return -1;
  }
  const extended = (first & 0x10) !== 0;
  const csrcEnd = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (extended && csrcEnd + 4 > length) {
    return -1;
  }
  const start = payloadOffset(bytes, length);
  return start <= length ? start : -1;
}

/** How often the sequence number of a packet index has wrapped; RFC 3711 §3.3.1 Packet Index Determination, and ROC, s_l Update. */
export function rolloverCounter(index: number): number {
  return Math.floor(index / 65_536);
}
