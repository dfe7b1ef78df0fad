/** The content of RTCP packets, and their numbers. */

/** RFC 3550 §12.1 RTCP Packet Types. */
export const SENDER_REPORT = 200;
export const RECEIVER_REPORT = 201;
export const SOURCE_DESCRIPTION = 202;
export const BYE = 203;
export const CNAME_ITEM = 1;
/** Length of one report block. */
export const REPORT_BLOCK_BYTES = 24;

/** How one source was received; RFC 3550 §6.4.1 SR: Sender Report RTCP Packet. */
export interface ReportBlock {
  readonly ssrc: number;
  /** In 1/256, since the last report. */
  readonly fractionLost: number;
  readonly cumulativeLost: number;
  readonly highestSequence: number;
  /** In RTP clock units. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report; 0 when none came. */
  readonly lastSenderReport: number;
  /** In 1/65536 s; 0 when none came. */
  readonly delaySinceLastSenderReport: number;
}

/** What a sender says about its own stream. */
export interface SenderInfo {
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  readonly packetCount: number;
  readonly octetCount: number;
}

/** One compound report; `sender` absent makes a receiver report of it. */
export interface RtcpReport {
  readonly ssrc: number;
  readonly cname: string;
  readonly sender?: SenderInfo;
  readonly blocks: readonly ReportBlock[];
  /** Ends the stream with a BYE. */
  readonly bye?: boolean;
}

/** One packet out of a compound; types not known here are left out. */
export type RtcpPacket =
  | {
      readonly kind: "senderReport";
      readonly ssrc: number;
      readonly sender: SenderInfo;
      readonly blocks: readonly ReportBlock[];
    }
  | {
      readonly kind: "receiverReport";
      readonly ssrc: number;
      readonly blocks: readonly ReportBlock[];
    }
  | { readonly kind: "sourceDescription"; readonly ssrc: number; readonly cname: string }
  | { readonly kind: "bye"; readonly ssrcs: readonly number[] };

/** Why a datagram is not RTCP. */
export type RtcpRefusal = "tooShort" | "version" | "firstPacket" | "length" | "content";
