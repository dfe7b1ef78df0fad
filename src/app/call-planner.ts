/** From an invitation to what answers it: route, flow, service. */
import { type AgentPlan, AgentService } from "../call/agent-service.ts";
import type { AdmittedCall, CallPlan } from "../call/call-plan.ts";
import { EchoService } from "../call/echo-service.ts";
import {
  DEFAULT_EARS,
  DEFAULT_MAX_STREAMS,
  type Flow,
  farewellOf,
  modelsOf,
} from "../call/flow.ts";
import { readInvitation, recordingRequestOf } from "../call/recording/recording-invitation.ts";
import {
  type AgentHelp,
  listeningDialogue,
  type RecordingService,
} from "../call/recording/recording-service.ts";
import { recordingPolicyOf } from "../call/recording-policy.ts";
import { compileRoleRules } from "../call/role-rules.ts";
import type { RouteTable } from "../call/route-table.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Continuity } from "../ports/media-host.ts";
import type { ToolWebhook } from "../ports/tool-webhook.ts";
import type { RecordingRequest } from "../siprec/recording-request.ts";
import type { RoleRule } from "../siprec/roles.ts";
import { briefingOf, type ContactSettings } from "./call-briefing.ts";

/** What the planner knows. */
export interface CallPlannerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Does the work of tools that are services elsewhere. */
  readonly webhook: ToolWebhook;
  /** For the agents of recorded calls. */
  readonly help: AgentHelp | undefined;
  readonly routes: RouteTable;
  readonly flows: ReadonlyMap<string, Flow>;
  /** A model that needs nothing but this machine, for the last words when another is lost. */
  readonly apologyModel: string;
  /** How long a phone rings for a model that does not get ready. */
  readonly readyTimeoutMs: number;
  /** Of Amazon Connect; `undefined`: nobody is asked for contacts. */
  readonly contacts?: ContactSettings | undefined;
}

/** An echo call needs no longer. */
const MAX_ECHO_MS = 600_000;

/** Throws ROUTE_NOT_FOUND when no flow takes the invitation. */
export function planCall(options: CallPlannerOptions, call: AdmittedCall): CallPlan {
  const { callId, invitation, trunk, parties } = call;
  const request = recordingRequestOf(invitation);
  const decision = options.routes.resolve({
    calledUser: parties.calledNumber,
    callingUser: parties.callingNumber,
    trunk: trunk?.name,
    header: (name) => invitation.header(name),
    isRecording: request !== undefined,
  });
  const flow = decision.kind === "flow" ? options.flows.get(decision.flow) : undefined;
  if (decision.kind === "flow" && flow?.mode === "assist") {
    const plan = { name: decision.flow, flow, model: decision.model };
    return recordingPlan(options, plan, request ?? readInvitation(invitation));
  }
  const takesSdpOnly = decision.kind === "echo" || flow !== undefined;
  if (invitation.body !== undefined && takesSdpOnly) {
    throw new GatewayError("SIP_BODY_NOT_TAKEN");
  }
  if (decision.kind === "echo") {
    return echoPlan(options, decision.ringMs, decision.early);
  }
  return planFlow(options, { ...decision, callId, call, attributes: {} });
}

/** Which flow is wanted, and what its model is told of the call. */
export interface FlowQuestion {
  readonly callId: CallId;
  readonly flow: string;
  /** Before the flow's own. */
  readonly model: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  /** What was said before the call, for the model; absent: nothing. */
  readonly about?: string;
  /** Absent: a call of ours. */
  readonly call?: AdmittedCall | undefined;
}

/** Throws ROUTE_NOT_FOUND when there is no such flow, or its model only listens; `echo` is a flow. */
export function planFlow(options: CallPlannerOptions, question: FlowQuestion): CallPlan {
  const { callId, call, model, attributes, about = "" } = question;
  if (question.flow === "echo") {
    return echoPlan(options, 0);
  }
  const flow = options.flows.get(question.flow);
  if (flow === undefined) {
    throw new GatewayError("ROUTE_NOT_FOUND", { reason: `there is no flow "${question.flow}"` });
  }
  if (flow.mode === "assist") {
    const reason = `the flow "${question.flow}" only listens`;
    throw new GatewayError("ROUTE_NOT_FOUND", { reason });
  }
  if (model !== undefined) {
    options.routes.requireSpeaker(model);
  }
  const logger = options.logger.child({ callId });
  const briefing = briefingOf({ ...options, logger }, { flow, call, attributes, before: about });
  return {
    flow: question.flow,
    service: new AgentService({
      callId,
      plan: agentPlan(flow, model, briefing === undefined ? about : ""),
      briefing,
      lastWords: {
        model: options.apologyModel,
        text: farewellOf(flow),
        whenUnreachable: flow.whenUnreachable,
        resort: flow.lastResort,
        transfers: flow.transfers,
      },
      clock: options.clock,
      logger,
      metrics: options.metrics,
      webhook: options.webhook,
      readyTimeoutMs: options.readyTimeoutMs,
    }),
    maxCallMs: flow.maxCallSeconds * 1000,
    recording: recordingPolicyOf(flow.recording),
  };
}

function echoPlan({ clock }: CallPlannerOptions, ringMs: number, early = false): CallPlan {
  const service = new EchoService(clock, ringMs, early);
  return { flow: "echo", service, maxCallMs: MAX_ECHO_MS };
}

/** A flow that listens, as it was chosen. */
export interface RecordingDecision {
  readonly name: string;
  readonly flow: Flow;
  /** Of the route, before the flow's own. */
  readonly model: string | undefined;
  /** Before the flow's own rules; absent: those alone. */
  readonly roles?: readonly RoleRule[];
}

/** What listens to a recording session. */
export function recordingPlan(
  { help }: CallPlannerOptions,
  { name, flow, model, roles: known = [] }: RecordingDecision,
  request: RecordingRequest,
): CallPlan {
  const { ears, roles, maxCallSeconds } = flow;
  const service: RecordingService = {
    mode: "assist",
    model: model ?? ears?.model ?? DEFAULT_EARS,
    maxStreams: ears?.maxStreams ?? DEFAULT_MAX_STREAMS,
    dialogue: listeningDialogue(ears?.phrases ?? []),
    roles: [...known, ...compileRoleRules(roles)],
    help,
    request,
  };
  const recording = recordingPolicyOf(flow.recording);
  return { flow: name, service, maxCallMs: maxCallSeconds * 1000, recording };
}

function agentPlan(flow: Flow, preferred: string | undefined, about: string): AgentPlan {
  const { voice, greeting, tools, dialogue } = flow;
  const [model, ...fallbacks] = modelsInOrder(flow, preferred);
  if (model === undefined) {
    throw new GatewayError("MODEL_UNKNOWN", { reason: "the flow names no model" });
  }
  const instructions = [flow.instructions, about].filter((text) => text !== "").join("\n\n");
  const continuity = continuityOf(flow, fallbacks);
  const names = flow.attributes;
  return {
    model,
    continuity,
    instructions,
    voice,
    greeting,
    tools,
    attributes: names,
    dialogue,
    bargeIn: flow.bargeIn.mode,
  };
}

/** The flow's models; one that a route names comes first. */
export function modelsInOrder(flow: Flow, preferred: string | undefined): readonly string[] {
  const models = modelsOf(flow);
  return preferred === undefined
    ? models
    : [preferred, ...models.filter((name) => name !== preferred)];
}

function continuityOf({ continuity }: Flow, fallbacks: readonly string[]): Continuity | undefined {
  return continuity === undefined && fallbacks.length === 0
    ? undefined
    : { fallbacks, answerTimeoutMs: continuity?.answerTimeoutMs, filler: continuity?.filler };
}
