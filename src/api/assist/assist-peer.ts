/** The other end of an assist socket, as far as a connection cares. */
import type { ASSIST_CLOSINGS } from "../../core/assist-metrics.ts";

/** Why we close a connection. */
export type ClosingReason = Exclude<(typeof ASSIST_CLOSINGS)[number], "client" | "protocol">;

/** WebSocket close code of each reason, beside those of RFC 6455 "Status Codes". */
export const CLOSE_CODES: Readonly<Record<ClosingReason, number>> = {
  shutdown: 1001,
  expired: 4001,
  idle: 4002,
  slow: 4003,
  dead: 4004,
};

/** Says nothing of its own accord: what happens on it is told to the connection. */
export interface AssistPeer {
  /** Written, but not yet taken by the network. */
  readonly bufferedBytes: number;
  send(text: string): void;
  ping(): void;
  /** Says why, and hangs up soon after, whether the peer answers or not; further calls do nothing. */
  close(reason: ClosingReason): void;
}
