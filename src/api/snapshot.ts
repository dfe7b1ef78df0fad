/** What the whole gateway knows about itself at one moment, for the metrics and for people. */

import type { TrunkStatus } from "../ports/trunk-directory.ts";

/** All counts are since the start; a part that does not exist in this set-up is absent. */
export interface GatewaySnapshot {
  readonly callsActive: number;
  /** Timers armed on the gateway's clock; with no call up it goes back to what an idle gateway has. */
  readonly timersPending: number;
  readonly sip?: SipSnapshot | undefined;
  readonly media?: MediaSnapshot | undefined;
  readonly store?: StoreSnapshot | undefined;
  readonly bus?: BusSnapshot | undefined;
  readonly assist?: AssistSnapshot | undefined;
  readonly recordings?: RecordingsSnapshot | undefined;
  readonly trunks?: readonly TrunkStatus[] | undefined;
}

/** Of the signalling server. */
export interface SipSnapshot {
  readonly linkUp: boolean;
  readonly dialogs: number;
  readonly transactions: number;
  readonly connections: number;
  /** Until the first certificate of SIP over TLS expires; absent without TLS. */
  readonly certificateSeconds?: number | undefined;
  /** By the names of the SIP server's own counters: `requestsIn`, `refusedMalformed`, `droppedNotSip` … */
  readonly counters: Readonly<Record<string, number>>;
}

/** Of the audio engine. */
export interface MediaSnapshot {
  readonly legs: number;
  readonly ports: { readonly inUse: number; readonly inQuarantine: number; readonly free: number };
  readonly tickLateMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Ticks left out because the process was late by more than it may catch up. */
  readonly skippedMs: number;
  /** By reason: `plain`, `auth`, `replay`, `malformed`. */
  readonly srtpRefused: Readonly<Record<string, number>>;
  /** Legs past and present together. */
  readonly packets: {
    readonly received: number;
    readonly sent: number;
    readonly lost: number;
    readonly late: number;
    readonly refused: number;
  };
}

/** Of the call store. */
export interface StoreSnapshot {
  readonly open: boolean;
  /** Records that wait to be written. */
  readonly waiting: number;
}

/** Of the bus. */
export interface BusSnapshot {
  readonly subscribers: number;
  readonly dropped: number;
  /** Whether it reaches the other nodes, or has none to reach. */
  readonly up: boolean;
  /** Messages that wait for the way to other nodes. */
  readonly waiting: number;
  /** Messages that other nodes never got. */
  readonly lost: number;
}

/** Of the assist socket. */
export interface AssistSnapshot {
  readonly connections: number;
  readonly subscriptions: number;
  readonly callsKept: number;
}

/** Of the recordings. */
export interface RecordingsSnapshot {
  readonly active: number;
  readonly uploadsWaiting: number;
}
