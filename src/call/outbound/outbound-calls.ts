/** Calls of ours: whether they may be placed, over which trunk, and what talks when they are answered. */
import type { Clock } from "../../core/clock.ts";
import { codeOf, type ErrorCode, GatewayError } from "../../core/errors.ts";
import { type CallId, createCallId } from "../../core/ids.ts";
import type { Logger } from "../../core/logger.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { Random } from "../../core/random.ts";
import type { CallOrder, CallPlacer } from "../../ports/call-placer.ts";
import type { SignalingServer } from "../../ports/signaling-server.ts";
import { encodeUserToUser } from "../../siprec/user-to-user.ts";
import type { AdmittedCall, CallPlan } from "../call-plan.ts";
import type { Trunk } from "../trunk.ts";
import { type Dialling, diallingOf } from "./dialling.ts";
import { OutgoingInvitation } from "./outgoing-invitation.ts";

/** The calls in progress, as far as placing one concerns them. */
export interface CallTaker {
  readonly draining: boolean;
  readonly activeCalls: number;
  callsOf(trunk: string): number;
  /** Begins the call; the signal aborts when it starts to end. */
  take(call: AdmittedCall, plan: CallPlan): AbortSignal;
}

/** What outbound calls work with. */
export interface OutboundCallsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly trunks: readonly Trunk[];
  readonly isDown: (trunk: string) => boolean;
  readonly signaling: Pick<SignalingServer, "invite">;
  readonly calls: CallTaker;
  readonly limits: { readonly maxCalls: number; readonly ringMs: number };
  /** What talks when the call is answered; throws ROUTE_NOT_FOUND. */
  readonly plan: (order: CallOrder, callId: CallId) => CallPlan;
}

const OUTCOMES: Partial<Record<ErrorCode, string>> = {
  CALL_NUMBER_INVALID: "notANumber",
  TRUNK_UNKNOWN: "trunkUnknown",
  TRUNK_DOWN: "trunkDown",
  CALL_TRUNK_FULL: "trunkFull",
  CALL_CAP_REACHED: "capReached",
  CALL_DRAINING: "draining",
  ROUTE_NOT_FOUND: "noFlow",
};

/** See the port; every refusal is counted and logged with its reason, never with the number. */
export class OutboundCalls implements CallPlacer {
  readonly #options: OutboundCallsOptions;

  constructor(options: OutboundCallsOptions) {
    this.#options = options;
  }

  place(order: CallOrder): CallId {
    const { metrics, logger, trunks } = this.#options;
    try {
      const callId = this.#place(order);
      metrics.increment("trunkline_outbound_calls_total", { outcome: "placed" });
      return callId;
    } catch (error) {
      const outcome = outcomeOf(error);
      metrics.increment("trunkline_outbound_calls_total", { outcome });
      // Whoever orders may write anything there; only a name that we know is no number.
      const trunk = trunks.find(({ name }) => name === order.trunk)?.name;
      logger.info("outbound call refused", {
        code: codeOf(error),
        outcome,
        trunk,
        ...(codeOf(error) === undefined ? { error } : {}),
      });
      throw error;
    }
  }

  #place(order: CallOrder): CallId {
    const { clock, random, signaling, calls, limits, plan, trunks, isDown } = this.#options;
    if (calls.draining) {
      throw new GatewayError("CALL_DRAINING");
    }
    if (calls.activeCalls >= limits.maxCalls) {
      throw new GatewayError("CALL_CAP_REACHED");
    }
    const found = diallingOf({ to: order.to, trunk: order.trunk, trunks, isDown });
    const dialling = { ...found, headers: { ...found.headers, ...userToUserOf(order) } };
    this.#checkTrunk(dialling.trunk);
    const callId = createCallId(random);
    const planned = plan(order, callId);
    const sipCallId = random.uuid();
    const { ringMs } = limits;
    const invitation = new OutgoingInvitation({ clock, signaling, dialling, sipCallId, ringMs });
    invitation.endWith(calls.take(admitted(callId, invitation, dialling, order), planned));
    return callId;
  }

  #checkTrunk(trunk: Trunk | undefined): void {
    if (
      trunk?.maxCalls !== undefined &&
      this.#options.calls.callsOf(trunk.name) >= trunk.maxCalls
    ) {
      throw new GatewayError("CALL_TRUNK_FULL");
    }
  }
}

function userToUserOf({ userToUser }: CallOrder): Readonly<Record<string, string>> {
  return userToUser === undefined ? {} : { "User-to-User": encodeUserToUser({ data: userToUser }) };
}

function admitted(
  callId: CallId,
  invitation: OutgoingInvitation,
  { trunk, callingNumber, calledNumber }: Dialling,
  { attributes }: CallOrder,
): AdmittedCall {
  const parties = { callingNumber, calledNumber, attributes };
  return { callId, direction: "outbound", invitation, trunk, parties };
}

function outcomeOf(error: unknown): string {
  if (error instanceof GatewayError && error.code === "CALL_DESTINATION_DENIED") {
    return String(error.details["word"]);
  }
  const code = codeOf(error);
  return (code === undefined ? undefined : OUTCOMES[code]) ?? "failed";
}
