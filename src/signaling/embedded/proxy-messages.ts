/** How a proxy changes requests and responses that it passes on. RFC 3261 section 16, Proxy Behavior. */
import { digitsOf } from "./characters.ts";
import type { CoreContext } from "./core-context.ts";
import { createVia } from "./core-context.ts";
import { firstItemEnd, listOf, parameterOf, parseNameAddress } from "./header-values.ts";
import type { HeaderField, SipRequest, SipResponse } from "./message.ts";
import { field, headerOf } from "./message.ts";
import type { Hop } from "./transport.ts";
import { parseUri } from "./uri.ts";

/** Headers that an application cannot change on their way. */
const KEPT = new Set([
  "via",
  "from",
  "to",
  "call-id",
  "cseq",
  "route",
  "record-route",
  "max-forwards",
  "content-length",
]);

/** The URI parameter that proves that we wrote a Record-Route. */
const PROOF = "proof";

/** The way a request takes through us. */
export interface Passage {
  readonly from: Hop;
  readonly to: Hop;
  /** What proves that a Record-Route is ours; undefined: we do not stay in the path. */
  readonly recordRoute: string | undefined;
  /** Headers of the application: they replace those of the same name. */
  readonly headers: readonly HeaderField[];
}

/** How many more hops a request may take. RFC 3261 section 16.6, Request Forwarding: 70 when it does not say. */
export function hopsLeft(request: SipRequest): number {
  return digitsOf(headerOf(request, "max-forwards") ?? "71", 9) ?? 0;
}

/** Whether a Route value names us. */
export function isOwnRoute(context: CoreContext, route: string, from: Hop): boolean {
  const { nextHop, local } = context;
  const target = nextHop.targetOf(parseNameAddress(route)?.uri ?? "", from.transport.protocol);
  return typeof target !== "string" && local.isOurs(target.host, target.port, target.transport);
}

/** The proof in a Route value of ours; undefined when there is none. */
export function proofIn(route: string): string | undefined {
  const uri = parseUri(parseNameAddress(route)?.uri ?? "");
  return uri === undefined ? undefined : parameterOf(uri.parameters, PROOF);
}

/** The Route values that are left when those that name us are taken from the top. RFC 3261 section 16.4, Route Information Preprocessing. */
export function remainingRoutes(context: CoreContext, request: SipRequest, from: Hop): string[] {
  const routes = listOf(request, "route");
  const first = routes.findIndex((route) => !isOwnRoute(context, route, from));
  return first === -1 ? [] : routes.slice(first);
}

/** The request as it leaves us. RFC 3261 section 16.6, Request Forwarding. */
export function forwardedRequest(
  context: CoreContext,
  request: SipRequest,
  uri: string,
  passage: Passage,
): SipRequest {
  const own = passage.headers.filter((header) => !KEPT.has(header.key));
  const replaced = new Set(own.map((header) => header.key));
  const dropped = new Set(["route", "max-forwards"]);
  const headers = [
    field("Via", createVia(context, passage.to)),
    field("Max-Forwards", String(hopsLeft(request) - 1)),
    ...remainingRoutes(context, request, passage.from).map((route) => field("Route", route)),
    ...recordRoutes(context, passage),
    ...request.headers.filter(({ key }) => !dropped.has(key) && !replaced.has(key)),
    ...own,
  ];
  return { ...request, uri, headers };
}

/** One value where both sides reach us alike, else one for each side, the next hop's on top. RFC 5658 section 4, Double Record-Routing. */
function recordRoutes(context: CoreContext, { from, to, recordRoute }: Passage): HeaderField[] {
  if (recordRoute === undefined) {
    return [];
  }
  const values = [to, from].map((hop) => {
    const { protocol } = hop.transport;
    const suffix = protocol === "udp" ? "" : `;transport=${protocol}`;
    return `<sip:${context.local.hostPortFor(hop)}${suffix};lr;${PROOF}=${recordRoute}>`;
  });
  return [...new Set(values)].map((value) => field("Record-Route", value));
}

/** The response without our Via; undefined when nobody is left to get it. RFC 3261 section 16.7, Response Processing. */
export function returnedResponse(response: SipResponse): SipResponse | undefined {
  const index = response.headers.findIndex((header) => header.key === "via");
  const top = response.headers[index];
  if (top === undefined) {
    return undefined;
  }
  const rest = top.value.slice(firstItemEnd(top.value) + 1).trim();
  const kept = rest === "" ? [] : [field(top.name, rest)];
  const headers = response.headers.toSpliced(index, 1, ...kept);
  return headers.some((header) => header.key === "via") ? { ...response, headers } : undefined;
}
