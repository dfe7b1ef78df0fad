/** All calls in progress: admits invitations, finds each its flow, hands facts to their call, keeps the records. */
import { after, type Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { type CallId, createCallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import type { Bus } from "../ports/bus.ts";
import type { CallDetail, CallDirectory, CallSummary } from "../ports/call-directory.ts";
import type { CallRecord, CallStore, Verdict } from "../ports/call-store.ts";
import type { MediaFact, MediaHost, MediaHostDelegate } from "../ports/media-host.ts";
import type { Invitation, SignalingHandler } from "../ports/signaling-server.ts";
import { type Refusal, refusalOf } from "./admission.ts";
import { measureEnd, measureFact } from "./call-metrics.ts";
import { CallRecordBuilder } from "./call-record.ts";
import type { CallService } from "./call-service.ts";
import { PhoneCall } from "./phone-call.ts";
import { DRAINED, OPERATOR_HUNG_UP } from "./verdicts.ts";

/** What an invitation is answered with. */
export interface CallPlan {
  readonly flow: string;
  readonly service: CallService;
  readonly maxCallMs: number;
}

/** Bounds of the registry. */
export interface CallLimits {
  readonly maxCalls: number;
  readonly retryAfterSeconds: number;
  /** How long the last words may take. */
  readonly farewellMs: number;
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
  readonly limits: CallLimits;
  /** Finds the flow of an invitation; throws ROUTE_NOT_FOUND or MODEL_UNKNOWN. */
  readonly plan: (invitation: Invitation, callId: CallId) => CallPlan;
}

const REFUSAL_REASON = {
  CALL_NOT_ADMITTED: "notAdmitted",
  CALL_CAP_REACHED: "capReached",
  CALL_DRAINING: "draining",
} as const satisfies Record<Refusal["code"], string>;

/** The owner of every call. */
export class CallRegistry implements SignalingHandler, MediaHostDelegate, CallDirectory {
  readonly #options: CallRegistryOptions;
  readonly #calls = new Map<CallId, PhoneCall>();
  readonly #unsaved = new Set<Promise<void>>();
  #draining = false;
  readonly #whenEmpty = new Set<() => void>();

  constructor(options: CallRegistryOptions) {
    this.#options = options;
    options.host.setDelegate(this);
  }

  get draining(): boolean {
    return this.#draining;
  }

  get activeCalls(): number {
    return this.#calls.size;
  }

  onInvitation(invitation: Invitation): void {
    const { limits } = this.#options;
    const refusal = refusalOf(invitation, {
      activeCalls: this.#calls.size,
      maxCalls: limits.maxCalls,
      draining: this.#draining,
    });
    if (refusal !== undefined) {
      this.#refuse(
        invitation,
        new GatewayError(refusal.code),
        REFUSAL_REASON[refusal.code],
        refusal,
      );
      return;
    }
    const callId = createCallId(this.#options.random);
    let plan: CallPlan;
    try {
      plan = this.#options.plan(invitation, callId);
    } catch (error) {
      const cause = error instanceof GatewayError ? error : new GatewayError("ROUTE_NOT_FOUND");
      this.#refuse(invitation, cause, "noRoute");
      return;
    }
    this.#take(invitation, callId, plan);
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
    }
    this.#options.bus.publish(`call/${fact.callId}`, { ...fact });
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

  #take(invitation: Invitation, callId: CallId, plan: CallPlan): void {
    const { clock, host, limits, metrics } = this.#options;
    const logger = this.#options.logger.child({ callId, flow: plan.flow });
    const { mode, model } = plan.service;
    const record = new CallRecordBuilder({
      callId,
      sipCallId: invitation.sipCallId,
      direction: "inbound",
      flow: plan.flow,
      mode,
      model,
      callingNumber: invitation.callingUser,
      calledNumber: invitation.calledUser,
      contactId: invitation.header("X-Amzn-ConnectContactId"),
      startedAtMs: clock.wallMs(),
    });
    const call = new PhoneCall({
      invitation,
      service: plan.service,
      record,
      host,
      clock,
      logger,
      maxCallMs: plan.maxCallMs,
      farewellMs: limits.farewellMs,
      retryAfterSeconds: limits.retryAfterSeconds,
      onAnswered: (setupMs) => {
        metrics.observe("trunkline_setup_ms", setupMs);
        logger.info("call answered", { setupMs: Math.round(setupMs) });
      },
      onReleased: (released) => this.#released(released, logger),
    });
    this.#calls.set(callId, call);
    metrics.increment("trunkline_calls_started_total", { mode });
    logger.info("call started", { mode, model, pii: { from: invitation.callingUser } });
    void call.start();
  }

  #released(record: CallRecord, logger: Logger): void {
    const { metrics, store, bus } = this.#options;
    this.#calls.delete(record.callId);
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

  #refuse(invitation: Invitation, error: GatewayError, reason: string, refusal?: Refusal): void {
    const { metrics, logger, limits } = this.#options;
    metrics.increment("trunkline_invitations_refused_total", { reason });
    logger.info("invitation refused", {
      code: error.code,
      decider: refusal?.decider,
      source: invitation.source.address,
    });
    const status = error.sipStatus;
    const headers = status === 503 ? { "Retry-After": String(limits.retryAfterSeconds) } : {};
    invitation.reject({ status, headers }).catch((failure: unknown) => {
      logger.debug("refusal came too late", { error: failure });
    });
  }
}
