/** How long a session may live without a sign of life, and who gives it. RFC 4028, Session Timers in SIP. */
import { digitsOf } from "./characters.ts";
import { parameterOf } from "./header-values.ts";
import type { HeaderField, SipMessage, SipRequest, SipResponse } from "./message.ts";
import { field, headerOf } from "./message.ts";
import { hasOption } from "./message-check.ts";

/** Who refreshes, seen from the transaction that agrees on it. */
export type Refresher = "uas" | "uac";

/** What a 2xx agrees on. */
export interface SessionTerms {
  readonly seconds: number;
  readonly refresher: Refresher;
}

/** A session timer that runs already. */
export interface RunningSession {
  readonly seconds: number;
  readonly weRefresh: boolean;
}

/** RFC 4028 section 4, Session-Expires Header Field Definition; undefined when absent or malformed. */
function sessionExpiresOf(
  message: SipMessage,
): { readonly seconds: number; readonly refresher: Refresher | undefined } | undefined {
  const value = headerOf(message, "session-expires") ?? "";
  const semicolon = value.indexOf(";");
  const seconds = digitsOf((semicolon === -1 ? value : value.slice(0, semicolon)).trim(), 9);
  if (seconds === undefined) {
    return undefined;
  }
  const named = parameterOf(semicolon === -1 ? "" : value.slice(semicolon), "refresher");
  const refresher = named?.toLowerCase();
  return { seconds, refresher: refresher === "uas" || refresher === "uac" ? refresher : undefined };
}

function supportsTimer(request: SipRequest): boolean {
  return hasOption(request, "supported", "timer") || hasOption(request, "require", "timer");
}

/** Whether a request asks for sessions shorter than `minSeconds` and can be told so. RFC 4028 section 9, UAS Behavior. */
export function asksTooShort(request: SipRequest, minSeconds: number): boolean {
  const asked = sessionExpiresOf(request);
  return asked !== undefined && asked.seconds < minSeconds && supportsTimer(request);
}

/** The seconds of a Min-SE header. RFC 4028 section 5, Min-SE Header Field Definition. */
export function minimumOf(response: SipResponse): number | undefined {
  return digitsOf((headerOf(response, "min-se") ?? "").split(";")[0]?.trim() ?? "", 9);
}

/**
 * What our 2xx to `request` agrees on; undefined for no session timer. The application's own header in `answer` wins; a
 * timer that runs is kept when the peer does not mention it. RFC 4028 section 9, UAS Behavior, Table 2.
 */
export function termsOfAnswer(
  request: SipRequest,
  answer: SipResponse,
  running: RunningSession | undefined,
  minSeconds: number,
): SessionTerms | undefined {
  const supported = supportsTimer(request);
  const asked = sessionExpiresOf(request);
  const chosen = sessionExpiresOf(answer);
  const usable = asked !== undefined && asked.seconds >= minSeconds ? asked : undefined;
  const seconds = chosen?.seconds ?? usable?.seconds ?? running?.seconds;
  if (seconds === undefined) {
    return undefined;
  }
  const usual = running?.weRefresh === true ? "uas" : "uac";
  const wanted = chosen?.refresher ?? usable?.refresher ?? usual;
  return { seconds: Math.max(seconds, minSeconds), refresher: supported ? wanted : "uas" };
}

/** The headers that tell the peer. */
export function termsHeaders(terms: SessionTerms): HeaderField[] {
  const value = `${terms.seconds};refresher=${terms.refresher}`;
  const header = field("Session-Expires", value);
  return terms.refresher === "uac" ? [header, field("Require", "timer")] : [header];
}

/** What the peer's 2xx to a request of ours agrees on. RFC 4028 section 7.2, Processing a 2xx Response. */
export function termsOfResponse(
  response: SipResponse,
  minSeconds: number,
): SessionTerms | undefined {
  const agreed = sessionExpiresOf(response);
  return agreed === undefined
    ? undefined
    : { seconds: Math.max(agreed.seconds, minSeconds), refresher: agreed.refresher ?? "uac" };
}

/** What a request of ours says in a dialog with a session timer. RFC 4028 section 7.4, Generating Subsequent Requests. */
export function refreshHeaders(session: RunningSession): HeaderField[] {
  const refresher = session.weRefresh ? "uac" : "uas";
  return [
    field("Supported", "timer"),
    field("Session-Expires", `${session.seconds};refresher=${refresher}`),
  ];
}
