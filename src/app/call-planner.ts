/** From an invitation to what answers it: route, flow, service. */
import { type AgentPlan, AgentService } from "../call/agent-service.ts";
import type { AdmittedCall, CallPlan } from "../call/call-plan.ts";
import { EchoService } from "../call/echo-service.ts";
import type { Flow } from "../call/flow.ts";
import type { RouteTable } from "../call/route-table.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";

/** What the planner knows. */
export interface CallPlannerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly routes: RouteTable;
  readonly flows: ReadonlyMap<string, Flow>;
  /** A model that needs nothing but this machine, for the last words when another is lost. */
  readonly apologyModel: string;
  /** How long a phone rings for a model that does not get ready. */
  readonly readyTimeoutMs: number;
}

/** An echo call needs no longer. */
const MAX_ECHO_MS = 600_000;

/** Throws ROUTE_NOT_FOUND when no flow takes the invitation. */
export function planCall(options: CallPlannerOptions, call: AdmittedCall): CallPlan {
  const { callId, invitation, trunk, parties } = call;
  const decision = options.routes.resolve({
    calledUser: parties.calledNumber,
    callingUser: parties.callingNumber,
    trunk: trunk?.name,
    header: (name) => invitation.header(name),
  });
  if (decision.kind === "echo") {
    return {
      flow: "echo",
      service: new EchoService(options.clock, decision.ringMs),
      maxCallMs: MAX_ECHO_MS,
    };
  }
  const flow = options.flows.get(decision.flow);
  if (flow === undefined) {
    throw new GatewayError("ROUTE_NOT_FOUND", { flow: decision.flow });
  }
  return {
    flow: decision.flow,
    service: new AgentService({
      callId,
      plan: agentPlan(flow, decision.model ?? flow.model),
      apology: { model: options.apologyModel, text: flow.farewell },
      clock: options.clock,
      logger: options.logger.child({ callId }),
      readyTimeoutMs: options.readyTimeoutMs,
    }),
    maxCallMs: flow.maxCallSeconds * 1000,
  };
}

function agentPlan(flow: Flow, model: string): AgentPlan {
  const { instructions, voice, greeting, tools, dialogue } = flow;
  return { model, instructions, voice, greeting, tools, dialogue };
}
