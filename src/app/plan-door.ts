/** From an arrival at a door that is not SIP to what takes it. */
import type { CallPlan } from "../call/call-plan.ts";
import { readInvitation } from "../call/recording/recording-invitation.ts";
import { GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Arrival } from "../ports/call-door.ts";
import type { Invitation } from "../ports/signaling-server.ts";
import type { RoleRule } from "../siprec/roles.ts";
import { type CallPlannerOptions, planFlow, recordingPlan } from "./call-planner.ts";

/** Throws ROUTE_NOT_FOUND for a flow that is not there, or that talks where nobody is answered. */
export function planArrival(
  options: CallPlannerOptions,
  arrival: Arrival,
  { callId, invitation }: { readonly callId: CallId; readonly invitation: Invitation },
): CallPlan {
  const { flow: name, model, attributes, about, roles } = arrival;
  if (roles === undefined) {
    return planFlow(options, { callId, flow: name, model, attributes, about });
  }
  const flow = options.flows.get(name);
  if (flow?.mode !== "assist") {
    const reason = `there is no flow "${name}" of mode assist`;
    throw new GatewayError("ROUTE_NOT_FOUND", { reason });
  }
  const rules = Object.entries(roles).map(([label, role]): RoleRule => ({ role, label }));
  const plan = { name, flow, model, roles: rules };
  return recordingPlan(options, plan, readInvitation(invitation));
}
