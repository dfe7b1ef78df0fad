/** What deciders ask about beyond the request: who sends how much, what is proven, which calls are in progress. */
import type { Clock } from "../core/clock.ts";
import { isLoopback } from "../core/ip-address.ts";
import type { Random } from "../core/random.ts";
import type { GateRequest } from "../ports/sip-gate.ts";
import type { AdmissionQuestion, AdmissionState } from "./admission-deciders.ts";
import { claimOf, DigestGate, type DigestVerdict } from "./digest-gate.ts";
import { type Rate, SourceBuckets, TokenBucket } from "./token-bucket.ts";
import type { InboundCredentials, Trunk } from "./trunk.ts";
import type { TrunkTable } from "./trunk-table.ts";

/** What the operator decided. */
export interface AdmissionPolicy {
  /** Whether calls of this machine need no trunk. */
  readonly trustLoopback: boolean;
  /** Whether nobody unknown gets any answer. */
  readonly hideFromStrangers: boolean;
  /** What an address of no trunk may send. */
  readonly strangers: Rate;
  readonly maxCalls: number;
  readonly retryAfterSeconds: number;
}

/** The calls in progress. */
export interface CallCounts {
  readonly activeCalls: number;
  readonly draining: boolean;
  callsOf(trunk: string): number;
}

/** What the state is made of. */
export interface LiveStateOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly trunks: TrunkTable;
  readonly policy: AdmissionPolicy;
}

const NO_CALLS: CallCounts = { activeCalls: 0, draining: false, callsOf: () => 0 };

/** Lives as long as the gateway; bounded by its trunks and by the tables of sources and nonces. */
export class LiveState implements AdmissionState {
  readonly maxCalls: number;
  readonly takesPasswords: boolean;
  readonly #options: LiveStateOptions;
  readonly #strangers: SourceBuckets;
  readonly #trunkRates = new Map<string, TokenBucket>();
  readonly #digest: DigestGate;
  readonly #roaming: readonly InboundCredentials[];
  #counts = NO_CALLS;

  constructor(options: LiveStateOptions) {
    const { clock, random, trunks, policy } = options;
    this.#options = options;
    this.#strangers = new SourceBuckets(clock, policy.strangers);
    this.#digest = new DigestGate(clock, random);
    this.#roaming = trunks.roaming;
    this.maxCalls = policy.maxCalls;
    this.takesPasswords = this.#roaming.length > 0;
  }

  get draining(): boolean {
    return this.#counts.draining;
  }

  get activeCalls(): number {
    return this.#counts.activeCalls;
  }

  /** Says where calls are counted. */
  watch(counts: CallCounts): void {
    this.#counts = counts;
  }

  callsOf(trunk: string): number {
    return this.#counts.callsOf(trunk);
  }

  /** Whether the address is of a trunk, or of this machine where that is enough. */
  knows(address: string): boolean {
    return this.#isTrustedLoopback(address) || this.#options.trunks.bySource(address) !== undefined;
  }

  /** Who sends a request: the trunk of its network, this machine, or who its credentials claim. */
  questionOf(request: GateRequest): AdmissionQuestion {
    const { trunks } = this.#options;
    const { address } = request.source;
    const trunk = trunks.bySource(address);
    if (trunk !== undefined) {
      return { request, trunk, acquaintance: "network" };
    }
    if (this.#isTrustedLoopback(address)) {
      return { request, trunk: undefined, acquaintance: "loopback" };
    }
    const claimed = claimOf(request, (realm, name) => trunks.byCredentials(realm, name));
    const acquaintance = claimed === undefined ? "none" : "claim";
    return { request, trunk: claimed, acquaintance };
  }

  holdsForSource(address: string): boolean {
    return this.#strangers.holds(address);
  }

  takeOfSource(address: string): boolean {
    return this.#strangers.take(address);
  }

  takeOfTrunk({ name, callsPerSecond = 0 }: Trunk): boolean {
    const nowUs = this.#options.clock.nowUs();
    let bucket = this.#trunkRates.get(name);
    if (bucket === undefined) {
      const burst = Math.max(1, Math.ceil(callsPerSecond));
      bucket = new TokenBucket({ perSecond: callsPerSecond, burst }, nowUs);
      this.#trunkRates.set(name, bucket);
    }
    return bucket.take(nowUs);
  }

  checkDigest({ request, trunk }: AdmissionQuestion): DigestVerdict {
    const inbound = trunk?.digest.inbound;
    return inbound === undefined ? "absent" : this.#digest.check(request, inbound);
  }

  /** What to challenge with: for the trunk, or for all that only a password identifies. */
  challengesFor(trunk: Trunk | undefined, stale: boolean): readonly string[] {
    const inbound = trunk?.digest.inbound;
    return this.#digest.challenges(inbound === undefined ? this.#roaming : [inbound], stale);
  }

  #isTrustedLoopback(address: string): boolean {
    return this.#options.policy.trustLoopback && isLoopback(address);
  }
}
