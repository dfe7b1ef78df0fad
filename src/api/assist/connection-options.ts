/** What a connection of the assist socket is given. */
import type { Clock } from "../../core/clock.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { AssistLog } from "./assist-log.ts";
import type { AssistPeer } from "./assist-peer.ts";
import type { AssistScope } from "./assist-scope.ts";
import type { RoleDesk } from "./role-desk.ts";

/** What one connection may take. */
export interface ConnectionLimits {
  readonly maxSubscriptions: number;
  /** Bytes waiting in the socket, above which nothing more is written until they are gone. */
  readonly maxBufferedBytes: number;
  /** Without a subscription, after which the connection is closed. */
  readonly idleMs: number;
}

/** What a connection works with. */
export interface AssistConnectionOptions {
  readonly peer: AssistPeer;
  readonly log: AssistLog;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly limits: ConnectionLimits;
  readonly scope: AssistScope;
  /** Whether it may correct roles, within its scope. */
  readonly mayCorrect: boolean;
  readonly roles: RoleDesk;
  /** Wall milliseconds; `undefined`: never. */
  readonly expiresAtMs: number | undefined;
  /** Notices in force, as JSON; asked for at each subscription. */
  readonly notices: () => readonly string[];
}
