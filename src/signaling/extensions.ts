/** What we say of SIP extensions, and what we make of those that a peer requires. RFC 3261 "Require", "Supported". */
import type { SipHeaders } from "../ports/signaling-server.ts";
import { ALLOW } from "./refused-methods.ts";
import { SUPPORTED_EXTENSIONS } from "./supported-extensions.ts";

/** What we can do for a peer: reliable progress (RFC 3262) and session timers (RFC 4028), both by the SIP server. */
export const SUPPORTED = "100rel, timer";

/** What a request of ours that opens a dialog says of us. */
export const ABILITIES: SipHeaders = { Allow: ALLOW, Supported: SUPPORTED };

function optionsOf(header: string | undefined): string[] {
  return (header ?? "")
    .split(",")
    .map((option) => option.trim().toLowerCase())
    .filter((option) => option !== "");
}

/** The options of a Require header that we do not know, for Unsupported; empty when we know them all. */
export function unknownOptions(require: string | undefined): string {
  return optionsOf(require)
    .filter((option) => !SUPPORTED_EXTENSIONS.has(option))
    .join(", ");
}

/** Whether progress must be sent reliably. RFC 3262 "UAS Behavior". */
export function requiresReliableProgress(require: string | undefined): boolean {
  return optionsOf(require).includes("100rel");
}
