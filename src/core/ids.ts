/** Branded identifiers, so that a leg's id can never be passed where a call's is expected. */
import type { Random } from "./random.ts";

/** Identifies one call from invitation to record. */
export type CallId = string & { readonly brand: "CallId" };
/** Identifies one leg within its call. */
export type LegId = string & { readonly brand: "LegId" };

/** A new call id: 16 hexadecimal characters, safe in URLs, file names and metric-free logs. */
export function createCallId(random: Random): CallId {
  return random.hex(8) as CallId;
}

/** The id of a call's leg: the call's id, a dash, and the leg's label. */
export function createLegId(callId: CallId, label: string): LegId {
  return `${callId}-${label}` as LegId;
}

/** Accepts a call id that came from outside (a URL, a store), without checking that the call exists. */
export function asCallId(text: string): CallId {
  return text as CallId;
}
