/** All connections of the assist socket: how many there may be, their heartbeat, and what concerns them all. */
import { after, type Clock, type Timer } from "../../core/clock.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { Bus, BusMessage } from "../../ports/bus.ts";
import type { CallDirectory } from "../../ports/call-directory.ts";
import { AssistConnection } from "./assist-connection.ts";
import type { AssistLog } from "./assist-log.ts";
import type { AssistPeer, ClosingReason } from "./assist-peer.ts";
import type { AssistScope } from "./assist-scope.ts";
import type { ConnectionLimits } from "./connection-options.ts";
import { RoleDesk } from "./role-desk.ts";

/** Bounds of all connections together. */
export interface AssistHubLimits extends ConnectionLimits {
  readonly maxConnections: number;
  readonly heartbeatMs: number;
}

/** What the hub works with. */
export interface AssistHubOptions {
  readonly log: AssistLog;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly limits: AssistHubLimits;
  /** The calls of this node. */
  readonly directory: Pick<CallDirectory, "correctRole">;
  /** Whether calls may be on other nodes, which the bus reaches. */
  readonly hasOtherNodes: boolean;
}

/** Who connects. */
export interface AssistVisitor {
  readonly peer: AssistPeer;
  readonly scope: AssistScope;
  /** Whether it may correct roles, within its scope. */
  readonly mayCorrect: boolean;
  /** Wall milliseconds; `undefined`: never. */
  readonly expiresAtMs: number | undefined;
}

/** Topics of notices that concern this node and all its calls. */
const NOTICE_TOPICS = "notice/*";

/** Open from `start` to `close`. */
export class AssistHub {
  readonly #options: AssistHubOptions;
  readonly #connections = new Set<AssistConnection>();
  readonly #roles: RoleDesk;
  /** Topic → what is wrong, as JSON. */
  readonly #notices = new Map<string, string>();
  #unsubscribe: (() => void) | undefined;
  #heartbeat: Timer | undefined;
  #closed = false;

  constructor(options: AssistHubOptions) {
    this.#options = options;
    this.#roles = new RoleDesk(options);
  }

  start(): void {
    const { bus, log } = this.#options;
    log.start();
    this.#roles.start();
    this.#unsubscribe = bus.subscribe(NOTICE_TOPICS, (topic, event) => this.#notify(topic, event));
  }

  /** Whether one more may connect. */
  get hasRoom(): boolean {
    return !this.#closed && this.#connections.size < this.#options.limits.maxConnections;
  }

  /** The caller tells the connection what happens, and calls {@link leave} when the peer is gone. */
  join({ peer, scope, mayCorrect, expiresAtMs }: AssistVisitor): AssistConnection {
    const connection = new AssistConnection({
      ...this.#options,
      roles: this.#roles,
      peer,
      scope,
      mayCorrect,
      expiresAtMs,
      notices: () => [...this.#notices.values()],
    });
    this.#connections.add(connection);
    connection.start();
    this.#armHeartbeat();
    return connection;
  }

  /** Calling it again does nothing. */
  leave(connection: AssistConnection, reason: ClosingReason | "client" | "protocol"): void {
    connection.end();
    if (this.#connections.delete(connection)) {
      this.#options.metrics.increment("trunkline_assist_closed_total", { reason });
    }
    if (this.#connections.size === 0) {
      this.#heartbeat?.cancel();
      this.#heartbeat = undefined;
    }
  }

  /** Says goodbye to all; nobody can join after it. */
  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
    this.#roles.close();
    this.#options.log.close();
    for (const connection of [...this.#connections]) {
      connection.close("shutdown");
    }
  }

  toJSON() {
    let subscriptions = 0;
    for (const connection of this.#connections) {
      subscriptions += connection.subscriptions;
    }
    const log = this.#options.log.toJSON();
    return { connections: this.#connections.size, subscriptions, log };
  }

  #notify(topic: string, event: BusMessage): void {
    const text = JSON.stringify({ type: "notice", event });
    if (event["ok"] === true) {
      this.#notices.delete(topic);
    } else {
      this.#notices.set(topic, text);
    }
    for (const connection of this.#connections) {
      connection.notify(text);
    }
  }

  #armHeartbeat(): void {
    const { clock, limits } = this.#options;
    this.#heartbeat ??= after(clock, limits.heartbeatMs, () => {
      this.#heartbeat = undefined;
      for (const connection of [...this.#connections]) {
        connection.beat();
      }
      if (this.#connections.size > 0) {
        this.#armHeartbeat();
      }
    });
  }
}
