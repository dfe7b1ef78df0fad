/** What changes, and what does not, when a leg gets a new answer. */
import type { LegStream } from "../ports/media-host.ts";

const DEFAULT_PTIME_MS = 20;
/** Packet lengths that fit the ticker's grid. */
const PTIMES_MS: ReadonlySet<number> = new Set([10, 20, 30, 40, 50, 60]);

/** How long our packets are: as agreed, or 20 ms where that is odd. */
export function egressPtimeMs(stream: LegStream | undefined): number {
  const ptimeMs = stream?.ptimeMs ?? DEFAULT_PTIME_MS;
  return PTIMES_MS.has(ptimeMs) ? ptimeMs : DEFAULT_PTIME_MS;
}

/** Whether the peer should send us its caller's audio. */
export function expectsAudio({ direction, held }: LegStream): boolean {
  return (direction === "sendrecv" || direction === "recvonly") && held !== true;
}
