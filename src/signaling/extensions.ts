/** The extensions of SIP that a peer may require of us. RFC 3261 "Require", "Supported". */

/** Reliable provisional responses (RFC 3262) and session timers (RFC 4028), both kept by the SIP server. */
const KNOWN = ["100rel", "timer"] as const;

/** As announced in Supported. */
export const SUPPORTED = KNOWN.join(", ");

function optionsOf(header: string | undefined): string[] {
  return (header ?? "")
    .split(",")
    .map((option) => option.trim().toLowerCase())
    .filter((option) => option !== "");
}

/** The options of a Require header that we do not know, for Unsupported; empty when we know them all. */
export function unknownOptions(require: string | undefined): string {
  const known: readonly string[] = KNOWN;
  return optionsOf(require)
    .filter((option) => !known.includes(option))
    .join(", ");
}

/** Whether progress must be sent reliably. RFC 3262 "UAS Behavior". */
export function requiresReliableProgress(require: string | undefined): boolean {
  return optionsOf(require).includes("100rel");
}
