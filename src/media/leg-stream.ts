/** What changes, and what does not, when a leg gets a new answer. */
import type { LegStream } from "../ports/media-host.ts";

const DEFAULT_PTIME_MS = 20;
/** Packet lengths that fit the ticker's grid. */
const PTIMES_MS: ReadonlySet<number> = new Set([10, 20, 30, 40, 60]);

/** How long our packets are: as agreed, or 20 ms where that is odd. */
export function egressPtimeMs(stream: LegStream | undefined): number {
  const ptimeMs = stream?.ptimeMs ?? DEFAULT_PTIME_MS;
  return PTIMES_MS.has(ptimeMs) ? ptimeMs : DEFAULT_PTIME_MS;
}

/** Whether both answers name the same place, so that a latched source stays latched. */
export function isSamePeer(before: LegStream | undefined, after: LegStream): boolean {
  return (
    before !== undefined &&
    before.remoteAddress === after.remoteAddress &&
    before.remotePort === after.remotePort
  );
}
