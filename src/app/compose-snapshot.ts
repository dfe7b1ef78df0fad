/** What the parts say of themselves, brought into the shape that metrics and people read. */
import type { GatewaySnapshot, MediaSnapshot, SipSnapshot } from "../api/snapshot.ts";

import type { TrunkDirectory } from "../ports/trunk-directory.ts";

/** A part that says what it holds. */
interface Described {
  toJSON(): unknown;
}

/** The parts that count. */
export interface CountingParts {
  readonly callsActive: () => number;
  readonly timersPending: () => number;
  readonly host: Described;
  readonly signaling: Described;
  readonly store: Described;
  readonly bus: Described;
  readonly assist: Described;
  /** Absent: nothing is recorded. */
  readonly recordings?: Described | undefined;
  readonly trunks: TrunkDirectory;
}

/** One look at everything; what a part does not say is 0. */
export function takeSnapshot(parts: CountingParts): GatewaySnapshot {
  const store = parts.store.toJSON();
  const bus = parts.bus.toJSON();
  const assist = parts.assist.toJSON();
  const recordings = parts.recordings?.toJSON();
  return {
    callsActive: parts.callsActive(),
    timersPending: parts.timersPending(),
    sip: sipSnapshot(parts.signaling.toJSON()),
    media: mediaSnapshot(parts.host.toJSON()),
    store: { open: at(store, "open") === true, waiting: number(store, "waiting") },
    bus: {
      subscribers: number(bus, "subscribers"),
      dropped: number(bus, "dropped"),
      up: at(bus, "up") !== false,
      waiting: number(bus, "waiting"),
      lost: number(bus, "lost"),
    },
    assist: {
      connections: number(assist, "connections"),
      subscriptions: number(assist, "subscriptions"),
      callsKept: number(at(assist, "log"), "calls"),
    },
    ...(recordings === undefined
      ? {}
      : {
          recordings: {
            active: number(recordings, "open"),
            uploadsWaiting: number(recordings, "uploadsWaiting"),
          },
        }),
    trunks: parts.trunks.listTrunks(),
  };
}

function sipSnapshot(signaling: unknown): SipSnapshot {
  const server = at(signaling, "server");
  const transactions = at(server, "transactions");
  return {
    linkUp: at(signaling, "link") === "up",
    dialogs: typeof server === "object" ? number(server, "dialogs") : number(signaling, "dialogs"),
    transactions: number(transactions, "server") + number(transactions, "client"),
    connections: number(at(server, "connections"), "sip"),
    ...("certificateSeconds" in Object(server)
      ? { certificateSeconds: number(server, "certificateSeconds") }
      : {}),
    counters: numbers(at(server, "counters")),
  };
}

function mediaSnapshot(host: unknown): MediaSnapshot {
  const anchors = at(host, "anchors");
  const clock = at(host, "clock");
  const late = at(clock, "tickLateMs");
  return {
    legs: number(host, "legs"),
    ports: {
      inUse: number(anchors, "inUse"),
      inQuarantine: number(anchors, "inQuarantine"),
      free: number(anchors, "free"),
    },
    tickLateMs: {
      p50: number(late, "p50Ms"),
      p99: number(late, "p99Ms"),
      max: number(late, "maxMs"),
    },
    skippedMs: number(clock, "skippedMs"),
    srtpRefused: numbers(at(host, "srtpRefused")),
    packets: {
      received: number(host, "packetsReceived"),
      sent: number(host, "packetsSent"),
      lost: number(host, "packetsLost"),
      late: number(host, "packetsLate"),
      refused: number(host, "packetsRefused"),
    },
  };
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function number(value: unknown, key: string): number {
  const found = at(value, key);
  return typeof found === "number" ? found : 0;
}

function numbers(value: unknown): Readonly<Record<string, number>> {
  const entries = Object.entries(typeof value === "object" && value !== null ? value : {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}
