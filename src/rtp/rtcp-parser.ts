/** RTCP compound packets, taken apart: bounds-checked, refusing instead of throwing. */
import { readUint32 } from "./packet.ts";
import {
  BYE,
  CNAME_ITEM,
  RECEIVER_REPORT,
  REPORT_BLOCK_BYTES,
  type ReportBlock,
  type RtcpPacket,
  type RtcpRefusal,
  SENDER_REPORT,
  type SenderInfo,
  SOURCE_DESCRIPTION,
} from "./rtcp-types.ts";

/** The packets of a compound of `length` bytes, or why it is none. Never throws. RFC 3550 A.2 RTCP Header Validity Checks. */
export function parseRtcp(bytes: Uint8Array, length: number): RtcpPacket[] | RtcpRefusal {
  if (length < 8 || length > bytes.length) {
    return "tooShort";
  }
  if (bytes[1] !== SENDER_REPORT && bytes[1] !== RECEIVER_REPORT) {
    return "firstPacket";
  }
  const packets: RtcpPacket[] = [];
  let offset = 0;
  while (offset < length) {
    if (offset + 4 > length) {
      return "length";
    }
    if ((bytes[offset] as number) >> 6 !== 2) {
      return "version";
    }
    const words = ((bytes[offset + 2] as number) << 8) | (bytes[offset + 3] as number);
    const end = offset + 4 + words * 4;
    if (end > length) {
      return "length";
    }
    const packet = parsePacket(bytes, offset, end);
    if (packet === "content") {
      return packet;
    }
    if (packet !== undefined) {
      packets.push(packet);
    }
    offset = end;
  }
  return packets;
}

function parsePacket(
  bytes: Uint8Array,
  offset: number,
  end: number,
): RtcpPacket | "content" | undefined {
  const count = (bytes[offset] as number) & 0x1f;
  switch (bytes[offset + 1]) {
    case SENDER_REPORT:
      return parseReport(bytes, offset, end, count, 28);
    case RECEIVER_REPORT:
      return parseReport(bytes, offset, end, count, 8);
    case SOURCE_DESCRIPTION:
      return count === 0 ? undefined : parseDescription(bytes, offset + 4, end);
    case BYE:
      return parseBye(bytes, offset + 4, end, count);
    default:
      return undefined;
  }
}

function parseReport(
  bytes: Uint8Array,
  offset: number,
  end: number,
  count: number,
  headBytes: 8 | 28,
): RtcpPacket | "content" {
  if (offset + headBytes + count * REPORT_BLOCK_BYTES > end) {
    return "content";
  }
  const source = readUint32(bytes, offset + 4);
  const blocks: ReportBlock[] = [];
  for (let i = 0; i < count; i += 1) {
    blocks.push(readBlock(bytes, offset + headBytes + i * REPORT_BLOCK_BYTES));
  }
  return headBytes === 8
    ? { kind: "receiverReport", ssrc: source, blocks }
    : { kind: "senderReport", ssrc: source, sender: readSender(bytes, offset + 8), blocks };
}

function readSender(bytes: Uint8Array, offset: number): SenderInfo {
  return {
    ntpSeconds: readUint32(bytes, offset),
    ntpFraction: readUint32(bytes, offset + 4),
    rtpTimestamp: readUint32(bytes, offset + 8),
    packetCount: readUint32(bytes, offset + 12),
    octetCount: readUint32(bytes, offset + 16),
  };
}

function readBlock(bytes: Uint8Array, offset: number): ReportBlock {
  const lost = readUint32(bytes, offset + 4);
  return {
    ssrc: readUint32(bytes, offset),
    fractionLost: lost >>> 24,
    cumulativeLost: (lost << 8) >> 8,
    highestSequence: readUint32(bytes, offset + 8),
    jitter: readUint32(bytes, offset + 12),
    lastSenderReport: readUint32(bytes, offset + 16),
    delaySinceLastSenderReport: readUint32(bytes, offset + 20),
  };
}

/** The first chunk's CNAME; RFC 3550 §6.5 SDES: Source Description RTCP Packet. */
function parseDescription(bytes: Uint8Array, start: number, end: number): RtcpPacket | "content" {
  if (start + 4 > end) {
    return "content";
  }
  const source = readUint32(bytes, start);
  let offset = start + 4;
  while (offset < end && bytes[offset] !== 0) {
    const itemEnd = offset + 2 + (bytes[offset + 1] ?? 0);
    if (itemEnd > end) {
      return "content";
    }
    if (bytes[offset] === CNAME_ITEM) {
      const cname = new TextDecoder().decode(bytes.subarray(offset + 2, itemEnd));
      return { kind: "sourceDescription", ssrc: source, cname };
    }
    offset = itemEnd;
  }
  return { kind: "sourceDescription", ssrc: source, cname: "" };
}

function parseBye(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
): RtcpPacket | "content" {
  if (start + count * 4 > end) {
    return "content";
  }
  const ssrcs: number[] = [];
  for (let i = 0; i < count; i += 1) {
    ssrcs.push(readUint32(bytes, start + i * 4));
  }
  return { kind: "bye", ssrcs };
}
