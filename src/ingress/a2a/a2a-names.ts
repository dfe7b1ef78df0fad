/**
 * Names of the A2A extension of Amazon Connect.
 *
 * Source: Amazon Connect, "A2A protocol contract for external AI agents" (a2a-developer-guide), with its sample events.
 */

/** URI of the extension: header of the handshake, and prefix of metadata keys. */
export const A2A_EXTENSION = "https://docs.aws.amazon.com/connect/a2a/ext/v1";
/** Metadata key that says what an event is. */
export const EVENT_TYPE = `${A2A_EXTENSION}/eventType`;
/** A2A "Agent Discovery": where clients look for an agent's description. */
export const A2A_PATH = "/a2a";

/** Ways a session ends; Connect says which of them it can route on. */
export const FINISH_TYPES = ["COMPLETE", "COMPLETE_WITH_ERROR", "ESCALATE"] as const;

/** One of them. */
export type FinishType = (typeof FINISH_TYPES)[number];

/** JSON-RPC 2.0 "Error object". */
export const RPC = { parse: -32_700, request: -32_600, method: -32_601, params: -32_602 } as const;
/** Of our own, from the range that JSON-RPC leaves to servers. */
export const RPC_REFUSED = -32_000;
