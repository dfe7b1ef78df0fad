/** RTCP compound packets, built by hand: RFC 3550 §6 RTP Control Protocol. */
import { writeUint32 } from "./packet.ts";
import {
  BYE,
  CNAME_ITEM,
  RECEIVER_REPORT,
  REPORT_BLOCK_BYTES,
  type ReportBlock,
  type RtcpReport,
  SENDER_REPORT,
  type SenderInfo,
  SOURCE_DESCRIPTION,
} from "./rtcp-types.ts";

export { parseRtcp } from "./rtcp-parser.ts";
export type { ReportBlock, RtcpPacket, RtcpRefusal, RtcpReport, SenderInfo } from "./rtcp-types.ts";

/** Seconds from 1900 to 1970. */
const NTP_EPOCH_OFFSET = 2_208_988_800;

/** NTP time of a wall clock; RFC 3550 §4 Byte Order, Alignment, and Time Format. */
export function ntpFromWallMs(wallMs: number): { seconds: number; fraction: number } {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32);
  return { seconds: (seconds + NTP_EPOCH_OFFSET) >>> 0, fraction: fraction >>> 0 };
}

/** The middle 32 bits of an NTP time, in 1/65536 s. */
export function compactNtp(seconds: number, fraction: number): number {
  return ((seconds << 16) | (fraction >>> 16)) >>> 0;
}

/** Round trip in ms from a report block about us, received at `nowCompactNtp`; `undefined` when it says nothing. */
export function roundTripMs(block: ReportBlock, nowCompactNtp: number): number | undefined {
  if (block.lastSenderReport === 0) {
    return undefined;
  }
  const units = (nowCompactNtp - block.lastSenderReport - block.delaySinceLastSenderReport) | 0;
  return units < 0 ? undefined : (units * 1000) / 65_536;
}

/** Writes a compound of SR or RR, SDES with CNAME and perhaps BYE; returns its length, or 0 when `target` is too small. */
export function writeReport(target: Uint8Array, report: RtcpReport): number {
  const cname = new TextEncoder().encode(report.cname).subarray(0, 255);
  const sdesBytes = 8 + Math.ceil((2 + cname.length + 1) / 4) * 4;
  const headBytes = report.sender === undefined ? 8 : 28;
  const reportBytes = headBytes + report.blocks.length * REPORT_BLOCK_BYTES;
  const byeBytes = report.bye === true ? 8 : 0;
  if (target.length < reportBytes + sdesBytes + byeBytes || report.blocks.length > 31) {
    return 0;
  }
  const type = report.sender === undefined ? RECEIVER_REPORT : SENDER_REPORT;
  writeHead(target, 0, report.blocks.length, type, reportBytes, report.ssrc);
  if (report.sender !== undefined) {
    writeSender(target, 8, report.sender);
  }
  for (let i = 0; i < report.blocks.length; i += 1) {
    writeBlock(target, headBytes + i * REPORT_BLOCK_BYTES, report.blocks[i] as ReportBlock);
  }
  target.fill(0, reportBytes, reportBytes + sdesBytes);
  writeHead(target, reportBytes, 1, SOURCE_DESCRIPTION, sdesBytes, report.ssrc);
  target[reportBytes + 8] = CNAME_ITEM;
  target[reportBytes + 9] = cname.length;
  target.set(cname, reportBytes + 10);
  if (byeBytes > 0) {
    writeHead(target, reportBytes + sdesBytes, 1, BYE, byeBytes, report.ssrc);
  }
  return reportBytes + sdesBytes + byeBytes;
}

function writeHead(
  target: Uint8Array,
  offset: number,
  count: number,
  type: number,
  byteCount: number,
  source: number,
): void {
  writeUint32(target, offset, (0x80 << 24) | (count << 24) | (type << 16) | (byteCount / 4 - 1));
  writeUint32(target, offset + 4, source);
}

function writeSender(target: Uint8Array, offset: number, sender: SenderInfo): void {
  writeUint32(target, offset, sender.ntpSeconds);
  writeUint32(target, offset + 4, sender.ntpFraction);
  writeUint32(target, offset + 8, sender.rtpTimestamp);
  writeUint32(target, offset + 12, sender.packetCount);
  writeUint32(target, offset + 16, sender.octetCount);
}

function writeBlock(target: Uint8Array, offset: number, block: ReportBlock): void {
  writeUint32(target, offset, block.ssrc);
  const lost = block.cumulativeLost & 0xff_ffff;
  writeUint32(target, offset + 4, (block.fractionLost << 24) | lost);
  writeUint32(target, offset + 8, block.highestSequence);
  writeUint32(target, offset + 12, block.jitter);
  writeUint32(target, offset + 16, block.lastSenderReport);
  writeUint32(target, offset + 20, block.delaySinceLastSenderReport);
}
