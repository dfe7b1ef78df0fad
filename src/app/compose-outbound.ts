/** Builds the placing of calls: the trunks' rules, the flows that talk, the way to SIP. */
import type { CallRegistry } from "../call/call-registry.ts";
import { OutboundCalls } from "../call/outbound/outbound-calls.ts";
import type { TrunkPeers } from "../call/trunks/trunk-peers.ts";
import type { Metrics } from "../core/metrics.ts";
import type { SignalingServer } from "../ports/signaling-server.ts";
import { type CallPlannerOptions, planFlow } from "./call-planner.ts";
import type { TrunkParts } from "./compose-trunks.ts";
import type { Config } from "./config.ts";

/** What calls of ours run on. */
export interface OutboundParts extends TrunkParts {
  readonly metrics: Metrics;
  readonly signaling: SignalingServer;
  readonly registry: CallRegistry;
  readonly peers: TrunkPeers;
  readonly planner: CallPlannerOptions;
}

/** Nothing is called before somebody orders it. */
export function composeOutbound(config: Config, parts: OutboundParts): OutboundCalls {
  const { clock, random, logger, metrics, scripts, signaling, registry, peers, planner } = parts;
  return new OutboundCalls({
    clock,
    random,
    logger,
    metrics,
    trunks: scripts.trunks.trunks,
    isDown: (trunk) => peers.isDown(trunk),
    signaling,
    calls: registry,
    limits: { maxCalls: config.calls.max, ringMs: config.calls.ringSeconds * 1000 },
    plan: ({ flow, attributes }, callId) =>
      planFlow(planner, { callId, flow, model: undefined, attributes }),
  });
}
