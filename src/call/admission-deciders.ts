/** Who may call: an ordered list of small deciders, each with a name that is logged and counted. */
import type { ErrorCode } from "../core/errors.ts";
import { ADMISSION_DECIDERS } from "../core/metric-labels.ts";
import type { GateRequest } from "../ports/sip-gate.ts";
import type { DigestVerdict } from "./digest-gate.ts";
import type { Trunk } from "./trunk.ts";

/** How a request's sender is known: by its network, as this machine, by the user name it claims, or not at all. */
export type Acquaintance = "network" | "loopback" | "claim" | "none";

/** What deciders look at. */
export interface AdmissionQuestion {
  readonly request: GateRequest;
  readonly acquaintance: Acquaintance;
  readonly trunk: Trunk | undefined;
}

/** What the gateway looks like at the moment of the request. */
export interface AdmissionState {
  readonly draining: boolean;
  readonly activeCalls: number;
  readonly maxCalls: number;
  /** Whether anybody may prove himself by a password alone. */
  readonly takesPasswords: boolean;
  callsOf(trunk: string): number;
  /** Counts a request of the source; `false`: it sends too much. */
  takeOfSource(address: string): boolean;
  /** Counts an invitation of the trunk; `false`: it sends too many. */
  takeOfTrunk(trunk: Trunk): boolean;
  checkDigest(question: AdmissionQuestion): DigestVerdict;
}

/** Why a request is refused. */
export type RefusalCode = Extract<
  ErrorCode,
  "CALL_NOT_ADMITTED" | "CALL_CAP_REACHED" | "CALL_DRAINING" | "CALL_TRUNK_FULL"
>;

/** What one decider says; `why` is a sentence for people, without anything of the caller. */
export type Decision =
  | { readonly kind: "pass"; readonly why: string }
  | { readonly kind: "refuse"; readonly code: RefusalCode; readonly why: string }
  | { readonly kind: "challenge"; readonly stale: boolean; readonly why: string }
  | { readonly kind: "drop"; readonly why: string };

/** One question. */
export interface Decider {
  readonly name: DeciderName;
  /** `false`: only invitations are asked about. */
  readonly everyMethod: boolean;
  /** Asks about what changes from moment to moment, and costs nothing to be asked again. */
  readonly momentary: boolean;
  decide(question: AdmissionQuestion, state: AdmissionState): Decision;
}

/** One of them. */
export type DeciderName = (typeof ADMISSION_DECIDERS)[number];

/** User agents of programs that look for open gateways, and of attack kits that never changed theirs. */
const SCANNERS =
  /friendly-(?:scanner|request)|sipvicious|sundayddr|sip-?scan|sipsak|sipcli|iWar|VaxSIPUserAgent|VaxIPUserAgent|eyeBeam release 3006o|pplsip|sipptk|smap|siparmyknife|Test Agent|^Gulp$|Nm@p/i;

type Rule = (question: AdmissionQuestion, state: AdmissionState) => Decision;

const RULES: Readonly<Record<DeciderName, Rule>> = {
  rateLimit: ({ request, acquaintance }, state) => {
    if (isVouchedFor(acquaintance)) {
      return pass("only addresses of no trunk are limited");
    }
    return state.takeOfSource(request.source.address)
      ? pass("the address sends no more than it may")
      : { kind: "drop", why: "the address sends more than an unknown one may" };
  },
  drain: (_question, { draining }) =>
    draining
      ? refuse("CALL_DRAINING", "the gateway is shutting down")
      : pass("the gateway is not shutting down"),
  scanner: ({ request }) =>
    SCANNERS.test(request.header("User-Agent") ?? "")
      ? refuse("CALL_NOT_ADMITTED", "the User-Agent is that of a scanner")
      : pass("the User-Agent is not that of a known scanner"),
  source: ({ request, acquaintance }, { takesPasswords }) => {
    if (isVouchedFor(acquaintance)) {
      return pass(ACQUAINTANCES[acquaintance]);
    }
    return takesPasswords && request.method === "INVITE"
      ? pass(ACQUAINTANCES[acquaintance])
      : refuse("CALL_NOT_ADMITTED", "the address is in no network of a trunk");
  },
  digest: (question, state) => {
    const { trunk, acquaintance } = question;
    if (trunk?.digest.inbound === undefined && acquaintance !== "none") {
      return pass("no password is asked for");
    }
    return ofDigest(state.checkDigest(question));
  },
  trunkRate: ({ trunk }, state) => {
    if (trunk?.callsPerSecond === undefined) {
      return pass("no callsPerSecond is set");
    }
    return state.takeOfTrunk(trunk)
      ? pass("the trunk keeps to its callsPerSecond")
      : refuse("CALL_TRUNK_FULL", "the trunk sends more than its callsPerSecond");
  },
  trunkCap: ({ trunk }, state) => {
    if (trunk?.maxCalls === undefined) {
      return pass("no maxCalls is set for a trunk");
    }
    return state.callsOf(trunk.name) < trunk.maxCalls
      ? pass("the trunk has fewer calls than its maxCalls")
      : refuse("CALL_TRUNK_FULL", "the trunk has its maxCalls in progress");
  },
  cap: (_question, { activeCalls, maxCalls }) =>
    activeCalls < maxCalls
      ? pass("there are fewer calls than calls.max")
      : refuse("CALL_CAP_REACHED", "calls.max calls are in progress"),
};

const ACQUAINTANCES: Readonly<Record<Acquaintance, string>> = {
  network: "the address is in a network of a trunk",
  loopback: "the address is of this machine, and sip.trustLoopback is true",
  claim: "the user name is that of a trunk without networks, which must prove itself",
  none: "the address is of no trunk, but a trunk without networks may prove itself",
};
const EVERY_METHOD = new Set<DeciderName>(["rateLimit", "scanner", "source"]);
const MOMENTARY = new Set<DeciderName>(["drain", "trunkCap", "cap"]);

/** In the order in which they are asked; the first that does not pass decides. */
export const DECIDERS: readonly Decider[] = ADMISSION_DECIDERS.map((name) => ({
  name,
  everyMethod: EVERY_METHOD.has(name),
  momentary: MOMENTARY.has(name),
  decide: RULES[name],
}));

/** Whether the sender is known without having to prove anything. */
export function isVouchedFor(acquaintance: Acquaintance): boolean {
  return acquaintance === "network" || acquaintance === "loopback";
}

function ofDigest(verdict: DigestVerdict): Decision {
  switch (verdict) {
    case "good":
      return pass("the password is right");
    case "stale":
      return {
        kind: "challenge",
        stale: true,
        why: "the password is right, but its nonce is not a fresh one of ours",
      };
    case "absent":
      return { kind: "challenge", stale: false, why: "a password is asked for" };
    case "wrong":
      return { kind: "challenge", stale: false, why: "the password is wrong" };
  }
}

function pass(why: string): Decision {
  return { kind: "pass", why };
}

function refuse(code: RefusalCode, why: string): Decision {
  return { kind: "refuse", code, why };
}
