/** From an invitation to what answers it: route, flow, service. */
import { type AgentPlan, AgentService } from "../call/agent-service.ts";
import type { AdmittedCall, CallPlan } from "../call/call-plan.ts";
import { EchoService } from "../call/echo-service.ts";
import type { Flow } from "../call/flow.ts";
import type { RouteTable } from "../call/route-table.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
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
    return echoPlan(options, decision.ringMs, decision.early);
  }
  return planFlow(options, { ...decision, callId, attributes: {} });
}

/** Which flow is wanted, and what its model is told of the call. */
export interface FlowQuestion {
  readonly callId: CallId;
  readonly flow: string;
  /** In place of the flow's own. */
  readonly model: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Throws ROUTE_NOT_FOUND when there is no such flow; `echo` is one. */
export function planFlow(options: CallPlannerOptions, question: FlowQuestion): CallPlan {
  const { callId, model, attributes } = question;
  if (question.flow === "echo") {
    return echoPlan(options, 0);
  }
  const flow = options.flows.get(question.flow);
  if (flow === undefined) {
    throw new GatewayError("ROUTE_NOT_FOUND", { reason: `there is no flow "${question.flow}"` });
  }
  return {
    flow: question.flow,
    service: new AgentService({
      callId,
      plan: agentPlan(flow, model ?? flow.model, attributes),
      apology: { model: options.apologyModel, text: flow.farewell },
      clock: options.clock,
      logger: options.logger.child({ callId }),
      readyTimeoutMs: options.readyTimeoutMs,
    }),
    maxCallMs: flow.maxCallSeconds * 1000,
  };
}

function echoPlan({ clock }: CallPlannerOptions, ringMs: number, early = false): CallPlan {
  const service = new EchoService(clock, ringMs, early);
  return { flow: "echo", service, maxCallMs: MAX_ECHO_MS };
}

function agentPlan(
  flow: Flow,
  model: string,
  attributes: Readonly<Record<string, string>>,
): AgentPlan {
  const { voice, greeting, tools, dialogue } = flow;
  const known = Object.entries(attributes).map(([name, value]) => `${name}: ${value}`);
  const about = known.length === 0 ? [] : [["About this call:", ...known].join("\n")];
  const instructions = [flow.instructions, ...about].filter((text) => text !== "").join("\n\n");
  return { model, instructions, voice, greeting, tools, dialogue };
}
