/** The command `proxy` of an application: where a request is to go, and how long each place may take. */
import { digitsOf } from "./characters.ts";

/** How a request is passed on. */
export interface ProxyPlan {
  /** Whether we stay in the path of the dialog, by Record-Route. */
  readonly recordRoute: boolean;
  /** Whether the application hears of every final response. */
  readonly fullResponse: boolean;
  /** Whether Contacts of a 3xx are tried. */
  readonly followRedirects: boolean;
  /** All targets at once, or one after the other. */
  readonly parallel: boolean;
  /** The longest wait for any response of a target; undefined: as long as its transaction takes. */
  readonly provisionalMs: number | undefined;
  /** The longest wait for a final response of a target; undefined: as long as it rings. */
  readonly finalMs: number | undefined;
  /** URIs, in the order of preference. */
  readonly targets: readonly string[];
}

/** How many places one request may be sent to, redirects included. */
export const MOST_TARGETS = 32;

/** Reads the fields after the transaction id; a phrase when they make no sense. */
export function parseProxyPlan(fields: readonly string[]): ProxyPlan | string {
  const [remain, full, follow, forking, provisional = "", final = "", ...rest] = fields;
  const targets = rest.filter((target) => target !== "");
  const provisionalMs = durationMs(provisional);
  const finalMs = durationMs(final);
  if (targets.length === 0 || targets.length > MOST_TARGETS) {
    return `proxy needs 1 to ${MOST_TARGETS} destinations`;
  }
  if (provisionalMs === "invalid" || finalMs === "invalid") {
    return "proxy timeouts are written like 2s or 1500ms";
  }
  return {
    recordRoute: remain === "remainInDialog",
    fullResponse: full === "fullResponse",
    followRedirects: follow === "followRedirects",
    parallel: forking === "simultaneous",
    provisionalMs,
    finalMs,
    targets,
  };
}

/** `2s`, `1500ms`, or milliseconds without a unit; undefined when it is empty. */
function durationMs(text: string): number | undefined | "invalid" {
  const [, digits = "", unit = "ms"] = /^(\d+)(ms|s)?$/.exec(text) ?? [];
  const value = digitsOf(digits, 7);
  if (value === undefined) {
    return text === "" ? undefined : "invalid";
  }
  return unit === "s" ? value * 1000 : value;
}
