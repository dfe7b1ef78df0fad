/** From a number that somebody wants to call to an INVITE that may be sent: which trunk, which URI, as whom. */
import { GatewayError } from "../../core/errors.ts";
import { isLoopback } from "../../core/ip-address.ts";
import type { SipCredentials, SipHeaders } from "../../ports/signaling-server.ts";
import { type DestinationDecision, decideDestination } from "../destinations.ts";
import { readNumber } from "../phone-number.ts";
import type { Trunk } from "../trunk.ts";
import { callUri, escapeUser, registrationAddresses } from "../trunks/trunk-address.ts";

/** All that is known of a call before it is placed. */
export interface Dialling {
  readonly uri: string;
  readonly trunk: Trunk | undefined;
  /** In E.164, or the user part of a URI on loopback. */
  readonly calledNumber: string;
  readonly callingNumber: string;
  readonly headers: SipHeaders;
  readonly credentials: SipCredentials | undefined;
}

/** What is wanted, and what there is. */
export interface DialQuestion {
  readonly to: string;
  /** Name of a trunk; `undefined`: any that may. */
  readonly trunk: string | undefined;
  readonly trunks: readonly Trunk[];
  readonly isDown: (trunk: string) => boolean;
}

const LOCAL_URI =
  /^sip:([^@;?<>\s]+)@(\[[0-9a-f:]+\]|[\d.]+)(:\d{1,5})?(;transport=(?:udp|tcp))?$/i;
const OUR_NAME = "trunkline";

/**
 * Finds the way to a number; only loopback is called without a trunk.
 *
 * @throws GatewayError CALL_NUMBER_INVALID, CALL_DESTINATION_DENIED, TRUNK_UNKNOWN, TRUNK_DOWN.
 */
export function diallingOf(question: DialQuestion): Dialling {
  const local = question.trunk === undefined ? localDialling(question.to) : undefined;
  return local ?? overTrunk(question);
}

/** Another user agent on this machine, for trying out: it costs nothing. */
function localDialling(to: string): Dialling | undefined {
  const [, user, host, port = "", transport = ";transport=udp"] = LOCAL_URI.exec(to.trim()) ?? [];
  if (user === undefined || host === undefined || !isLoopback(host.replace(/^\[|\]$/g, ""))) {
    return undefined;
  }
  return {
    uri: `sip:${user}@${host}${port}${transport}`,
    trunk: undefined,
    calledNumber: user,
    callingNumber: OUR_NAME,
    headers: {},
    credentials: undefined,
  };
}

function overTrunk({ to, trunk: wanted, trunks, isDown }: DialQuestion): Dialling {
  const calling = trunks.filter(({ host }) => host !== undefined);
  const candidates = wanted === undefined ? calling : calling.filter(({ name }) => name === wanted);
  if (candidates.length === 0) {
    const reason =
      wanted === undefined
        ? "no trunk takes calls of ours"
        : "no trunk of this name takes our calls";
    throw new GatewayError("TRUNK_UNKNOWN", { reason });
  }
  const asked = candidates.map((trunk) => ({ trunk, ...numberFor(trunk, to) }));
  const allowed = asked.filter(({ decision }) => decision.allowed);
  const chosen = allowed.find(({ trunk }) => !isDown(trunk.name));
  if (chosen !== undefined) {
    return { ...identityOf(chosen.trunk), ...placeOf(chosen.trunk, chosen.number) };
  }
  throw allowed.length > 0
    ? new GatewayError("TRUNK_DOWN", { reason: "it does not answer OPTIONS" })
    : refusalOf(asked);
}

interface Asked {
  readonly number: string;
  readonly unread: string | undefined;
  readonly decision: DestinationDecision;
}

function numberFor(trunk: Trunk, to: string): Asked {
  const read = readNumber(to, trunk.country);
  const number = read.kind === "e164" ? read.number : "";
  const unread = read.kind === "e164" ? undefined : read.reason;
  return { number, unread, decision: decideDestination(number, trunk.destinations) };
}

/** Says more of a number that some trunk could read than of one that none could. */
function refusalOf(asked: readonly Asked[]): GatewayError {
  const denied = asked.find(({ unread }) => unread === undefined);
  if (denied === undefined) {
    const reason = `it cannot be read as a phone number (${asked[0]?.unread ?? "notANumber"})`;
    return new GatewayError("CALL_NUMBER_INVALID", { reason });
  }
  const { reason: word, rule } = denied.decision;
  const reason = rule === undefined ? word : `${word}, by ${rule}`;
  return new GatewayError("CALL_DESTINATION_DENIED", { reason, word });
}

function placeOf(trunk: Trunk, number: string) {
  const uri = callUri(trunk, number);
  if (uri === undefined) {
    throw new GatewayError("TRUNK_UNKNOWN", { reason: "the trunk has no host" });
  }
  return { uri, trunk, calledNumber: number };
}

/** As whom we call: the trunk's number, else the name that it knows us by. */
function identityOf(trunk: Trunk) {
  const { digest, identity, headers, callerId, register } = trunk;
  const callingNumber = callerId ?? register?.user ?? digest.outbound?.username ?? OUR_NAME;
  const user = escapeUser(callingNumber);
  const registrar = registrationAddresses(trunk)?.addressOfRecord.split("@")[1];
  const removed = new Set(headers.remove.map((name) => name.toLowerCase()));
  const optional: SipHeaders = {
    ...(identity.assert ? { "P-Asserted-Identity": `<sip:${user}@localhost>` } : {}),
    ...(identity.privacy === "id" ? { Privacy: "id" } : {}),
    ...headers.set,
  };
  const kept = Object.entries(optional).filter(([name]) => !removed.has(name.toLowerCase()));
  // A registrar knows us by our address-of-record, not by an address of this machine.
  const from = registrar === undefined ? {} : { From: `<sip:${user}@${registrar}>` };
  return {
    callingNumber,
    headers: { ...Object.fromEntries(kept), ...from },
    credentials: digest.outbound,
  };
}
