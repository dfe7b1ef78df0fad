/** Lets callers in or not: asks the deciders in their order, counts and tells every refusal with its decider. */
import { ERROR_CATALOGUE } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Invitation } from "../ports/signaling-server.ts";
import type { GateAnswer, GateRefusal, GateRequest, SipGate } from "../ports/sip-gate.ts";
import {
  type AdmissionQuestion,
  DECIDERS,
  type Decider,
  type DeciderName,
  type Decision,
  isVouchedFor,
  type RefusalCode,
} from "./admission-deciders.ts";
import { AdmissionLog } from "./admission-log.ts";
import { type CallCounts, LiveState, type LiveStateOptions } from "./admission-state.ts";
import type { Trunk } from "./trunk.ts";

/** What admission works with. */
export interface AdmissionOptions extends LiveStateOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whether the SIP server asks the gate first; else everything is decided when the invitation arrives. */
  readonly gated: boolean;
}

/** What a decider that did not pass said. */
type Denial = Exclude<Decision, { kind: "pass" }>;

/** Which decider denied, and what the sender hears of it. */
interface Verdict {
  readonly decider: DeciderName;
  readonly decision: Denial;
  readonly answer: GateAnswer;
}

/** Who an invitation is from, or the answer it gets. */
export type Entry =
  | { readonly kind: "admitted"; readonly trunk: Trunk | undefined }
  | { readonly kind: "refused"; readonly refusal: GateRefusal };

/** What becomes of a request, and why. */
export interface Explanation {
  readonly trunk: Trunk | undefined;
  /** In their order, up to the decider that decides. */
  readonly decisions: readonly { readonly decider: DeciderName; readonly decision: Decision }[];
  readonly answer: GateAnswer;
}

const REASONS = {
  CALL_NOT_ADMITTED: "notAdmitted",
  CALL_CAP_REACHED: "capReached",
  CALL_TRUNK_FULL: "trunkFull",
  CALL_DRAINING: "draining",
} as const satisfies Record<RefusalCode, string>;

const PHRASES: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  503: "Service Unavailable",
};
const INVITE_DECIDERS = DECIDERS;
const OTHER_DECIDERS = DECIDERS.filter(({ everyMethod }) => everyMethod);
const MOMENTARY_DECIDERS = DECIDERS.filter(({ momentary }) => momentary);
/** Where a request that was not read would say its method. */
const UNREAD = "unread";

/** The gate of the SIP server, and the door of the call registry. */
export class Admission implements SipGate {
  readonly #options: AdmissionOptions;
  readonly #state: LiveState;
  readonly #log: AdmissionLog;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#state = new LiveState(options);
    this.#log = new AdmissionLog(options.clock, options.logger);
  }

  /** Says where calls are counted; before the first request. */
  watch(counts: CallCounts): void {
    this.#state.watch(counts);
  }

  mayConnect(address: string): boolean {
    const isHidden = this.#options.policy.hideFromStrangers && !this.#state.knows(address);
    return !isHidden || this.#ignore(address, "source");
  }

  listensTo(address: string): boolean {
    const listens = this.#state.knows(address) || this.#state.holdsForSource(address);
    return listens || this.#ignore(address, "rateLimit");
  }

  mayAnswer(address: string): boolean {
    if (this.#state.knows(address)) {
      return true;
    }
    if (this.#options.policy.hideFromStrangers) {
      return this.#ignore(address, "source");
    }
    return this.#state.takeOfSource(address) || this.#ignore(address, "rateLimit");
  }

  admit(request: GateRequest): GateAnswer {
    return this.#ask(this.#state.questionOf(request), decidersOf(request.method));
  }

  /** Decides about an invitation that arrived; what the gate of the SIP server decided is not asked again. */
  enter(invitation: Invitation): Entry {
    const { uri, source } = invitation;
    const header = (name: string): string | undefined => invitation.header(name);
    const question = this.#state.questionOf({ method: "INVITE", uri, source, header });
    const answer = this.#ask(question, this.#options.gated ? MOMENTARY_DECIDERS : INVITE_DECIDERS);
    if (answer.kind !== "admit") {
      return { kind: "refused", refusal: answer.kind === "drop" ? refusal(403, []) : answer };
    }
    const vouched = question.trunk?.digest.inbound === undefined ? "source" : "digest";
    this.#count(vouched, "admitted");
    return { kind: "admitted", trunk: question.trunk };
  }

  /** What every decider says, up to the one that decides; no metric and no log hears of it. */
  explain(request: GateRequest): Explanation {
    const question = this.#state.questionOf(request);
    const decisions: Explanation["decisions"][number][] = [];
    for (const { name, decide } of decidersOf(request.method)) {
      const decision = decide(question, this.#state);
      decisions.push({ decider: name, decision });
      if (decision.kind !== "pass") {
        return { trunk: question.trunk, decisions, answer: this.#answer(question, decision) };
      }
    }
    return { trunk: question.trunk, decisions, answer: { kind: "admit" } };
  }

  /** Tells what the log still owes. */
  close(): void {
    this.#log.close();
  }

  #ask(question: AdmissionQuestion, deciders: readonly Decider[]): GateAnswer {
    for (const { name, decide } of deciders) {
      const decision = decide(question, this.#state);
      if (decision.kind !== "pass") {
        const answer = this.#answer(question, decision);
        this.#tell(question, { decider: name, decision, answer });
        return answer;
      }
    }
    return { kind: "admit" };
  }

  #answer({ acquaintance, trunk }: AdmissionQuestion, decision: Denial): GateAnswer {
    const { hideFromStrangers, retryAfterSeconds } = this.#options.policy;
    if (decision.kind === "drop" || (hideFromStrangers && !isVouchedFor(acquaintance))) {
      return { kind: "drop" };
    }
    if (decision.kind === "challenge") {
      const values = this.#state.challengesFor(trunk, decision.stale);
      return refusal(
        401,
        values.map((value) => ["WWW-Authenticate", value]),
      );
    }
    const { sipStatus } = ERROR_CATALOGUE[decision.code];
    return refusal(sipStatus, sipStatus === 503 ? [["Retry-After", `${retryAfterSeconds}`]] : []);
  }

  #tell({ request, trunk }: AdmissionQuestion, { decider, decision, answer }: Verdict): void {
    const isChallenge = decision.kind === "challenge";
    const refused = isChallenge ? "challenged" : "refused";
    const outcome = answer.kind === "drop" ? "dropped" : refused;
    const code = decision.kind === "refuse" ? decision.code : "CALL_NOT_ADMITTED";
    const { method, source } = request;
    this.#count(decider, outcome);
    if (method === "INVITE" && outcome !== "challenged") {
      const reason = REASONS[code];
      this.#options.metrics.increment("trunkline_invitations_refused_total", { reason });
    }
    const { why } = decision;
    const { address } = source;
    this.#log.note({ decider, outcome, code, why, method, source: address, trunk: trunk?.name });
  }

  #ignore(source: string, decider: "rateLimit" | "source"): false {
    this.#count(decider, "dropped");
    const why = decider === "source" ? "strangers get no answer" : "the address sends too much";
    const note = { decider, outcome: "dropped", code: "CALL_NOT_ADMITTED", why } as const;
    this.#log.note({ ...note, method: UNREAD, source, trunk: undefined });
    return false;
  }

  #count(decider: DeciderName, outcome: "admitted" | "refused" | "challenged" | "dropped"): void {
    this.#options.metrics.increment("trunkline_admission_total", { decider, outcome });
  }
}

function decidersOf(method: string): readonly Decider[] {
  return method === "INVITE" ? INVITE_DECIDERS : OTHER_DECIDERS;
}

function refusal(status: number, headers: GateRefusal["headers"]): GateRefusal {
  return { kind: "refuse", status, reason: PHRASES[status] ?? "Forbidden", headers };
}
