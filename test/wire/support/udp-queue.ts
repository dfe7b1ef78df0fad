/** What the kernel says of a UDP socket of this machine. */
import { readFileSync } from "node:fs";
import { pause } from "./waiting.ts";

/** What waits to be read, and how many datagrams were thrown away because too much waited. */
export interface UdpQueue {
  readonly waitingBytes: number;
  readonly dropped: number;
}

/** Of the IPv4 socket bound to `port`. */
export function udpQueueOf(port: number): UdpQueue {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const fields = readFileSync("/proc/net/udp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[1]?.endsWith(wanted));
  const waiting = fields?.[4]?.split(":")[1] ?? "0";
  return { waitingBytes: Number.parseInt(waiting, 16), dropped: Number(fields?.at(-1) ?? 0) };
}

/** Resolves when no more than `mostBytes` wait: a sender that waits for it loses nothing. */
export async function udpQueueShort(port: number, mostBytes: number): Promise<void> {
  while (udpQueueOf(port).waitingBytes > mostBytes) {
    await pause(1);
  }
}
