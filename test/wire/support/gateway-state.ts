/** What a gateway process holds at one moment: asked of itself over HTTP, and seen from outside in /proc. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { GatewayProcess } from "./gateway-process.ts";
import { pause } from "./waiting.ts";

/** V8 gives memory back over several collections. */
const GARBAGE_ROUNDS = 3;
/** And the nursery's only when hardly anything was allocated for 5 s, or its 16 MB come and go between two measurements. */
const QUIET_MS = 5500;
const COLLECTION_MS = 500;

/** What must be as before once all calls are over. */
export interface GatewayHoldings {
  readonly callsActive: number;
  readonly timersPending: number;
  readonly sip: {
    readonly linkUp: boolean;
    readonly dialogs: number;
    readonly transactions: number;
    readonly connections: number;
  };
  readonly legs: number;
  readonly ports: { readonly inUse: number; readonly inQuarantine: number };
  readonly store: { readonly open: boolean; readonly waiting: number };
  readonly busSubscribers: number;
  /** UDP sockets, and TCP sockets other than those of the API, as the kernel counts them. */
  readonly sockets: { readonly udp: number; readonly tcp: number };
}

/** Bytes after garbage was collected. */
export interface GatewayMemory {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

interface Health {
  readonly gateway: {
    readonly callsActive: number;
    readonly timersPending: number;
    readonly sip: GatewayHoldings["sip"] & { readonly counters: Readonly<Record<string, number>> };
    readonly media: {
      readonly legs: number;
      readonly ports: { readonly inUse: number; readonly inQuarantine: number };
      readonly packets: Readonly<Record<string, number>>;
      readonly tickLateMs: { readonly p50: number; readonly p99: number; readonly max: number };
      readonly skippedMs: number;
    };
    readonly store: GatewayHoldings["store"];
    readonly bus: { readonly subscribers: number };
  };
}

/** Everything that `/health` tells of the gateway's parts. */
export async function partsOf(gateway: GatewayProcess): Promise<Health["gateway"]> {
  const { text } = await gateway.get("/health");
  return (JSON.parse(text) as Health).gateway;
}

export async function holdingsOf(gateway: GatewayProcess): Promise<GatewayHoldings> {
  const { callsActive, timersPending, sip, media, store, bus } = await partsOf(gateway);
  const { linkUp, dialogs, transactions, connections } = sip;
  const { inUse, inQuarantine } = media.ports;
  return {
    callsActive,
    timersPending,
    sip: { linkUp, dialogs, transactions, connections },
    legs: media.legs,
    ports: { inUse, inQuarantine },
    store,
    busSubscribers: bus.subscribers,
    sockets: socketsOf(gateway),
  };
}

/** Has garbage collected, which needs {@link WITH_GARBAGE_COLLECTION}, until no less is left. */
export async function memoryOf(gateway: GatewayProcess): Promise<GatewayMemory> {
  const least = { residentBytes: Number.POSITIVE_INFINITY, heapBytes: Number.POSITIVE_INFINITY };
  for (let round = 0; round < GARBAGE_ROUNDS; round += 1) {
    await pause(QUIET_MS);
    process.kill(gateway.pid, "SIGUSR2");
    await pause(COLLECTION_MS);
    least.residentBytes = Math.min(least.residentBytes, residentBytesOf(gateway.pid));
    const heap = await gateway.metric("nodejs_heap_size_used_bytes");
    const external = await gateway.metric("nodejs_external_memory_bytes");
    least.heapBytes = Math.min(least.heapBytes, heap + external);
  }
  return least;
}

function residentBytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

/** NODE_OPTIONS of a gateway whose memory is to be compared. */
export const WITH_GARBAGE_COLLECTION = `--import ${fileURLToPath(
  new URL("./gc-on-signal.mjs", import.meta.url),
)}`;

function socketsOf(gateway: GatewayProcess): GatewayHoldings["sockets"] {
  const inodes = new Set(socketInodesOf(gateway.pid));
  const apiPort = `:${gateway.httpPort.toString(16).toUpperCase().padStart(4, "0")}`;
  const ofGateway = (table: string): number =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9] ?? "") && fields[1]?.endsWith(apiPort) === false)
      .length;
  return { udp: ofGateway("udp") + ofGateway("udp6"), tcp: ofGateway("tcp") + ofGateway("tcp6") };
}

function socketInodesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [];
    } catch {
      return [];
    }
  });
}
