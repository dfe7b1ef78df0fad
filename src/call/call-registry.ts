/** All calls in progress: admits invitations, finds each its flow, hands facts to their call, keeps the records. */
import { after, type Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { type CallId, createCallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import type { SrtpPolicy } from "../core/srtp-suites.ts";
import type { Bus } from "../ports/bus.ts";
import type {
  CallDetail,
  CallDirectory,
  CallSummary,
  OperatorCommand,
  RoleCorrection,
} from "../ports/call-directory.ts";
import type { CallRecord, CallStore, Verdict } from "../ports/call-store.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { MediaHost, MediaHostDelegate } from "../ports/media-host.ts";
import type { RecordingStore } from "../ports/recording-store.ts";
import type { Invitation, SignalingHandler } from "../ports/signaling-server.ts";
import type { Admission } from "./admission.ts";
import { measureEnd, measureFact } from "./call-metrics.ts";
import type { AdmittedCall, CallPlan } from "./call-plan.ts";
import { correctRole } from "./correct-role.ts";
import { partiesOf, unreadNumbers } from "./inbound-parties.ts";
import type { LiveCall } from "./live-call.ts";
import { makeCall } from "./make-call.ts";
import { operateCall } from "./operate-call.ts";
import type { MediaTimeoutPolicy } from "./phone-call-options.ts";
import { refuseUnrouted, rejectInvitation } from "./unrouted.ts";
import { DRAINED, OPERATOR_HUNG_UP } from "./verdicts.ts";

/** Bounds of the registry. */
export interface CallLimits {
  readonly retryAfterSeconds: number;
  /** How long the last words may take. */
  readonly farewellMs: number;
  readonly mediaTimeout: MediaTimeoutPolicy;
}

/** What the registry works with. */
export interface CallRegistryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly host: MediaHost;
  readonly store: CallStore;
  readonly bus: Bus;
  /** Absent: nothing is recorded. */
  readonly recordings?: RecordingStore | undefined;
  /** Whether audio is encrypted where no trunk says so. */
  readonly srtp: SrtpPolicy;
  readonly limits: CallLimits;
  readonly admission: Admission;
  /** Finds the flow of a call; throws ROUTE_NOT_FOUND or MODEL_UNKNOWN. */
  readonly plan: (call: AdmittedCall) => CallPlan;
}

/** The owner of every call. */
export class CallRegistry implements SignalingHandler, MediaHostDelegate, CallDirectory {
  readonly #options: CallRegistryOptions;
  readonly #calls = new Map<CallId, LiveCall>();
  readonly #callsByTrunk = new Map<string, number>();
  readonly #unsaved = new Set<Promise<void>>();
  #draining = false;
  readonly #whenEmpty = new Set<() => void>();

  constructor(options: CallRegistryOptions) {
    this.#options = options;
    options.host.setDelegate(this);
    options.admission.watch(this);
  }

  get draining(): boolean {
    return this.#draining;
  }

  get activeCalls(): number {
    return this.#calls.size;
  }

  callsOf(trunk: string): number {
    return this.#callsByTrunk.get(trunk) ?? 0;
  }

  onInvitation(invitation: Invitation): void {
    const entry = this.#options.admission.enter(invitation);
    if (entry.kind === "refused") {
      const { status, headers } = entry.refusal;
      rejectInvitation(invitation, status, Object.fromEntries(headers), this.#options.logger);
      return;
    }
    const { trunk } = entry;
    const callId = createCallId(this.#options.random);
    const parties = partiesOf(invitation, trunk);
    const call = { callId, direction: "inbound", invitation, trunk, parties } as const;
    let plan: CallPlan;
    try {
      plan = this.#options.plan(call);
    } catch (error) {
      const cause = error instanceof GatewayError ? error : new GatewayError("ROUTE_NOT_FOUND");
      refuseUnrouted(call, cause, this.#options);
      return;
    }
    this.take(call, plan);
  }

  onLink(state: "up" | "down"): void {
    if (state === "up") {
      this.#options.logger.info("SIP server link is up");
    } else {
      this.#options.logger.warn("SIP server link is down", { calls: this.#calls.size });
    }
  }

  onFact(fact: MediaFact): void {
    const call = this.#calls.get(fact.callId);
    measureFact(this.#options.metrics, fact);
    if (fact.kind === "modelFailed") {
      const { callId, code, reason } = fact;
      this.#options.logger.warn("model failed", { callId, code, reason });
    } else if (fact.kind === "modelFaltered") {
      const { callId, code, model, reason } = fact;
      this.#options.logger.warn("transcription interrupted", { callId, model, code, reason });
    } else if (fact.kind === "modelReplaced") {
      const { by, callId, code, model, reason } = fact;
      this.#options.logger.warn("model replaced", { callId, model, by, code, reason });
    }
    if (fact.kind !== "levelsMeasured") {
      this.#options.bus.publish(`call/${fact.callId}`, { ...fact });
    }
    call?.recorder?.onFact(fact);
    call?.onFact(fact);
  }

  list(): readonly CallSummary[] {
    return [...this.#calls.values()].map((call) => call.record.summary(call.state));
  }

  find(callId: CallId): CallDetail | undefined {
    const call = this.#calls.get(callId);
    return call?.record.detail(call.state);
  }

  hangUp(callId: CallId): boolean {
    const call = this.#calls.get(callId);
    call?.end(OPERATOR_HUNG_UP);
    return call !== undefined;
  }

  operate(callId: CallId, command: OperatorCommand): Promise<void> | undefined {
    const call = this.#calls.get(callId);
    return call === undefined ? undefined : operateCall(call, command, this.#options);
  }

  correctRole(callId: CallId, correction: RoleCorrection): CallDetail["participants"] {
    const call = this.#calls.get(callId);
    return call === undefined ? undefined : correctRole(call, correction, this.#options.logger);
  }

  dump(callId: CallId): Readonly<Record<string, unknown>> | undefined {
    return this.#calls.get(callId)?.toJSON();
  }

  /** Takes no new calls; resolves when the last one ended, or hangs up those left after `deadlineMs`; may be asked again. */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining = true;
    if (this.#calls.size > 0) {
      await new Promise<void>((resolve) => {
        const deadline = after(this.#options.clock, deadlineMs, () => this.#endAll(DRAINED));
        this.#whenEmpty.add(() => {
          deadline.cancel();
          resolve();
        });
      });
    }
    await Promise.all(this.#unsaved);
  }

  #endAll(verdict: Verdict): void {
    for (const call of this.#calls.values()) {
      call.end(verdict);
    }
  }

  /** Begins a call that may be; the signal aborts when it starts to end. */
  take(admitted: AdmittedCall, plan: CallPlan): AbortSignal {
    const { metrics } = this.#options;
    const { callId, direction, invitation, trunk } = admitted;
    const logger = this.#options.logger.child({ callId, flow: plan.flow, trunk: trunk?.name });
    const { mode, model } = plan.service;
    const released = (record: CallRecord): void => this.#released(record, logger);
    const call = makeCall(admitted, plan, { ...this.#options, logger, onReleased: released });
    this.#calls.set(callId, call);
    this.#countTrunk(trunk?.name, 1);
    metrics.increment("trunkline_calls_started_total", { mode });
    const numbersAsWritten = direction === "inbound" ? unreadNumbers(invitation, trunk) : {};
    const pii = { from: admitted.parties.callingNumber };
    logger.info("call started", { direction, mode, model, numbersAsWritten, pii });
    void call.start();
    return call.signal;
  }

  #released(record: CallRecord, logger: Logger): void {
    const { metrics, store, bus } = this.#options;
    this.#calls.delete(record.callId);
    this.#countTrunk(record.trunk, -1);
    const { endedBy, outcome, reason } = record.verdict;
    measureEnd(metrics, record);
    logger.info("call ended", {
      endedBy,
      outcome,
      reason,
      durationMs: Math.round(record.endedAtMs - record.startedAtMs),
      turns: record.turns.length,
      interruptions: record.interruptions.length,
    });
    bus.publish(`call/${record.callId}`, { kind: "callEnded", callId: record.callId, outcome });
    const saving = store
      .saveCall(record)
      .catch((error: unknown) => logger.error("call record was not saved", { error }))
      .finally(() => this.#unsaved.delete(saving));
    this.#unsaved.add(saving);
    if (this.#calls.size === 0) {
      for (const onEmpty of this.#whenEmpty) {
        onEmpty();
      }
      this.#whenEmpty.clear();
    }
  }

  #countTrunk(trunk: string | undefined, change: 1 | -1): void {
    if (trunk !== undefined) {
      this.#callsByTrunk.set(trunk, this.callsOf(trunk) + change);
    }
  }
}
