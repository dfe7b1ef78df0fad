/** Carries out a plan, step by step, and tells how far it came; what was cut off is found again by the next plan. */

import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import { runConnectorStep } from "./connector-actions.ts";
import { runGroupStep } from "./group-actions.ts";
import { type NumberFailure, runNumberStep } from "./number-actions.ts";
import { subjectOf } from "./plan-text.ts";
import type { Account } from "./trunk-account.ts";
import type { TrunkPlan, TrunkStep } from "./trunk-plan.ts";
import type { Provision } from "./trunk-wish.ts";
import type { AccountSource } from "./voice-connector-account.ts";

/** What a run needs. */
export interface ExecutorOptions {
  readonly source: AccountSource;
  readonly provision: Provision;
  /** As the plan saw it. */
  readonly account: Account;
  readonly clock: Clock;
  readonly random: Random;
  /** Hears of what is being done; never a secret. */
  readonly onProgress: (line: string) => void;
  /** Of an order of numbers: given up after so long, to be waited for by the next run. */
  readonly orderLimitMs: number;
}

/** What is known while a plan runs. */
export interface RunState extends ExecutorOptions {
  /** Key → what the service calls it. */
  readonly connectors: Map<string, KnownConnector>;
  readonly groups: Map<string, string>;
}

/** A connector that steps name by its key. */
export interface KnownConnector {
  readonly id: string;
  readonly arn: string;
  /** Made in this run: not everything of the service may know it yet. */
  readonly isFresh: boolean;
}

/** Something that could not be done. */
export interface StepFailure {
  readonly subject: string;
  readonly reason: string;
  /** The phone number concerned, for whoever applies; never for a log. */
  readonly number?: string | undefined;
}

/** How a run ended. */
export interface RunOutcome {
  readonly done: number;
  readonly failures: readonly StepFailure[];
  /** The step that ended the run before its end. */
  readonly stoppedAt?: TrunkStep | undefined;
}

/** Never throws for what the service refuses; a single number that fails does not stop the rest. */
export async function runPlan(plan: TrunkPlan, options: ExecutorOptions): Promise<RunOutcome> {
  const state: RunState = {
    ...options,
    connectors: new Map(
      options.account.connectors.map(({ key, id, arn }) => [key, { id, arn, isFresh: false }]),
    ),
    groups: new Map(options.account.groups.map(({ key, id }) => [key, id])),
  };
  const failures: StepFailure[] = [];
  let done = 0;
  for (const step of plan.steps) {
    options.onProgress(`${done + 1} of ${plan.steps.length}: ${subjectOf(step)}`);
    try {
      const refused = await runStep(step, state);
      failures.push(...refused.map((failure) => ({ subject: subjectOf(step), ...failure })));
      done += 1;
    } catch (error) {
      if (!(error instanceof GatewayError)) {
        throw error;
      }
      const reason = `${error.code}: ${error.message}`;
      failures.push({ subject: subjectOf(step), reason });
      return { done, failures, stoppedAt: step };
    }
  }
  return { done, failures };
}

async function runStep(step: TrunkStep, state: RunState): Promise<readonly NumberFailure[]> {
  switch (step.kind) {
    case "createGroup":
    case "updateGroup":
    case "deleteGroup":
      await runGroupStep(step, state);
      return [];
    case "orderNumbers":
    case "associateNumbers":
    case "disassociateNumbers":
    case "releaseNumbers":
      return runNumberStep(step, state);
    default:
      await runConnectorStep(step, state);
      return [];
  }
}
