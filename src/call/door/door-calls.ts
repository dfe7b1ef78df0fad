/** Calls that come by a door that is not SIP: whether they may come in, what takes them, who hears of them. */
import { GatewayError } from "../../core/errors.ts";
import { type CallId, createCallId } from "../../core/ids.ts";
import type { Random } from "../../core/random.ts";
import type { Arrival, CallDoor, Visit, Visitor } from "../../ports/call-door.ts";
import type { Invitation } from "../../ports/signaling-server.ts";
import { type CallPlan, isRecording } from "../call-plan.ts";
import type { CallService } from "../call-service.ts";
import type { CallTaker } from "../outbound/outbound-calls.ts";
import { DoorInvitation } from "./door-invitation.ts";

/** What the doors work with. */
export interface DoorCallsOptions {
  readonly random: Random;
  readonly calls: CallTaker;
  readonly maxCalls: number;
  /** What takes the call; throws ROUTE_NOT_FOUND or MODEL_UNKNOWN. */
  readonly plan: (arrival: Arrival, callId: CallId, invitation: Invitation) => CallPlan;
}

/** See the port. Who may knock is the door's own affair; how many calls there may be is not. */
export class DoorCalls implements CallDoor {
  readonly #options: DoorCallsOptions;

  constructor(options: DoorCallsOptions) {
    this.#options = options;
  }

  enter(arrival: Arrival, visitor: Visitor): Visit {
    const { random, calls, maxCalls, plan } = this.#options;
    if (calls.draining) {
      throw new GatewayError("CALL_DRAINING");
    }
    if (calls.activeCalls >= maxCalls) {
      throw new GatewayError("CALL_CAP_REACHED");
    }
    const callId = createCallId(random);
    const name = `${arrival.door}-${random.uuid()}`;
    const invitation = new DoorInvitation({ callId, name, arrival, visitor });
    const planned = followedPlan(plan(arrival, callId, invitation), visitor);
    const { callingNumber, calledNumber, attributes, streamArn } = arrival;
    const ending = calls.take(
      {
        callId,
        direction: "inbound",
        invitation,
        trunk: undefined,
        parties: { callingNumber, calledNumber, attributes },
        srtp: "off",
        streamArn,
        onReleased: (record) => invitation.onReleased(record),
      },
      planned,
    );
    invitation.endWith(ending);
    return invitation;
  }
}

/** The visitor hears every fact before the service acts on it. */
function followedPlan(plan: CallPlan, visitor: Visitor): CallPlan {
  const { service } = plan;
  return isRecording(service) ? plan : { ...plan, service: followed(service, visitor) };
}

function followed(service: CallService, visitor: Visitor): CallService {
  return {
    mode: service.mode,
    model: service.model,
    prepare: (line) => service.prepare(line),
    onFact: (fact) => {
      visitor.onFact(fact);
      service.onFact(fact);
    },
  };
}
