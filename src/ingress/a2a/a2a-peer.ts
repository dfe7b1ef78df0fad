/** The socket under an A2A session, as the session sees it. */
import type { A2A_CLOSINGS } from "../../core/ingress-metrics.ts";

/** Why a connection ended. */
export type A2aClosing = (typeof A2A_CLOSINGS)[number];

/** RFC 6455 "Status Codes", as we use them. */
export const CLOSE_CODES: Readonly<Record<A2aClosing, number>> = {
  finished: 1000,
  peer: 1000,
  broken: 1011,
  refused: 1013,
  protocol: 1008,
  silent: 1008,
  slow: 1008,
  shutdown: 1001,
};

/** To be told once that it is to close. */
export interface A2aPeer {
  /** What was sent and not taken yet. */
  readonly bufferedBytes: number;
  send(text: string): void;
  ping(): void;
  close(reason: A2aClosing): void;
}

/** What the handshake said. */
export interface A2aHandshake {
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}
