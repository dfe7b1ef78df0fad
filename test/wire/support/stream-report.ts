/** What a received RTP stream looks like on the wire: source, order, pacing. */
import { availableParallelism, loadavg } from "node:os";
import { sequenceDelta, timestampDelta } from "../../../src/rtp/packet.ts";
import type { HeardPacket } from "./heard-packet.ts";

/** The figures of one stream. */
export interface StreamReport {
  readonly packets: number;
  readonly ssrcs: number;
  /** Packets whose sequence number is not that of the packet before plus one. */
  readonly sequenceBreaks: number;
  /** Packets whose RTP timestamp is not that of the packet before plus 160. */
  readonly timestampBreaks: number;
  /** Packets that do not hold 20 ms of audio. */
  readonly oddSizes: number;
  /** Milliseconds between the arrivals of neighbours. */
  readonly gap: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Measures packets in their order of arrival. */
export function reportStream(packets: readonly HeardPacket[]): StreamReport {
  const steps = packets
    .slice(1)
    .map((packet, i) => ({ packet, before: packets[i] as HeardPacket }));
  const gaps = steps.map(({ packet, before }) => packet.atMs - before.atMs);
  return {
    packets: packets.length,
    ssrcs: new Set(packets.map(({ ssrc }) => ssrc)).size,
    sequenceBreaks: steps.filter((s) => sequenceDelta(s.packet.sequence, s.before.sequence) !== 1)
      .length,
    timestampBreaks: steps.filter(
      (s) => timestampDelta(s.packet.rtpTimestamp, s.before.rtpTimestamp) !== 160,
    ).length,
    oddSizes: packets.filter(({ payload }) => payload.length !== 160).length,
    gap: {
      p50: percentile(gaps, 0.5),
      p99: percentile(gaps, 0.99),
      max: percentile(gaps, 1),
    },
  };
}

/** The value below which this part of the values lies. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const index = Math.ceil(part * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}

/** For people; the load of the machine (cores, processes that wanted one in the last minute) explains gaps. */
export function describeGap({ packets, gap }: StreamReport): string {
  const [p50, p99, max] = [gap.p50, gap.p99, gap.max].map((value) => value.toFixed(1));
  const load = `load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
  return `${packets} packets, gap p50 ${p50} ms, p99 ${p99} ms, max ${max} ms; ${load}`;
}
