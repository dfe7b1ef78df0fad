/** Builds the door for calls that do not come by SIP. */
import type { CallRegistry } from "../call/call-registry.ts";
import { DoorCalls } from "../call/door/door-calls.ts";
import type { Random } from "../core/random.ts";
import type { CallPlannerOptions } from "./call-planner.ts";
import type { Config } from "./config.ts";
import { planArrival } from "./plan-door.ts";

/** What the door runs on. */
export interface DoorParts {
  readonly random: Random;
  readonly registry: CallRegistry;
  readonly planner: CallPlannerOptions;
}

/** It lets in as many as SIP does. */
export function composeDoor(
  { calls }: Pick<Config, "calls">,
  { random, registry, planner }: DoorParts,
): DoorCalls {
  return new DoorCalls({
    random,
    calls: registry,
    maxCalls: calls.max,
    plan: (arrival, callId, invitation) => planArrival(planner, arrival, { callId, invitation }),
  });
}
