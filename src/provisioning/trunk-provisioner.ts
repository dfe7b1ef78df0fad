/** Provisions trunks: reads an account, plans, and carries out; the one thing that commands need to know. */
import { type AwsAccess, isStandIn } from "../core/aws-access.ts";
import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import { chimeClient } from "./chime-client.ts";
import { searchNumbers } from "./number-orders.ts";
import { PacedCalls } from "./paced-calls.ts";
import { orMissing } from "./paced-lists.ts";
import { isMarkOf } from "./password-mark.ts";
import type { Account } from "./trunk-account.ts";
import { type RunOutcome, runPlan } from "./trunk-executor.ts";
import { isDestructive, type PlanOptions, planTrunks, type TrunkPlan } from "./trunk-plan.ts";
import type { NumberSearch, Provision } from "./trunk-wish.ts";
import { type AccountSource, readAccount } from "./voice-connector-account.ts";

/** What it needs. */
export interface TrunkProvisionerOptions {
  readonly access: AwsAccess;
  /** Says which deployment, and which secrets never appear anywhere. */
  readonly provision: Provision;
  readonly clock: Clock;
  readonly random: Random;
  /** Between two calls of the service; a stand-in on this machine is not spared. */
  readonly spacingMs: number;
  readonly orderLimitMs: number;
  /** Hears of what is being done; never a secret. */
  readonly onProgress: (line: string) => void;
  /** Nothing more is asked once it is aborted. */
  readonly until?: AbortSignal | undefined;
}

/** One account, one deployment. */
export class TrunkProvisioner {
  readonly #options: TrunkProvisionerOptions;
  readonly #source: AccountSource;

  constructor(options: TrunkProvisionerOptions) {
    const { access, provision, clock, random, spacingMs, onProgress, until } = options;
    this.#options = options;
    this.#source = {
      client: chimeClient(access),
      deployment: provision.deployment,
      calls: new PacedCalls({
        clock,
        random,
        spacingMs: isStandIn(access.endpoint) ? 0 : spacingMs,
        until,
        secrets: provision.connectors.flatMap(({ credentials }) =>
          credentials.map(({ password }) => password),
        ),
        onWait: (operation, waitMs) =>
          onProgress(`  ${operation}: no answer that helps; again in ${waitMs} ms`),
      }),
    };
  }

  /** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
  read(): Promise<Account> {
    return readAccount(this.#source);
  }

  /** What has to be done. */
  plan(
    wanted: Provision,
    account: Account,
    options: Omit<PlanOptions, "arePasswordsOf">,
  ): TrunkPlan {
    return planTrunks(wanted, account, { ...options, arePasswordsOf: isMarkOf });
  }

  /** How many steps of a plan take something away. */
  destructiveSteps({ steps }: TrunkPlan): number {
    return steps.filter(isDestructive).length;
  }

  /** Does it. */
  run(plan: TrunkPlan, wanted: Provision, account: Account): Promise<RunOutcome> {
    const { clock, random, onProgress, orderLimitMs } = this.#options;
    return runPlan(plan, {
      source: this.#source,
      provision: wanted,
      account,
      clock,
      random,
      onProgress,
      orderLimitMs,
    });
  }

  /** Numbers that can be ordered. @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
  search(search: NumberSearch): Promise<readonly string[]> {
    return searchNumbers(search, { source: this.#source });
  }

  /** Id of a connector → when it last heard an OPTIONS of ours; without termination there is none. */
  async health(account: Account): Promise<ReadonlyMap<string, string>> {
    const { client, calls } = this.#source;
    const heard = new Map<string, string>();
    for (const { id, termination } of account.connectors) {
      if (termination !== undefined) {
        const found = await orMissing(
          calls.call("GetVoiceConnectorTerminationHealth", () =>
            client.getVoiceConnectorTerminationHealth({ VoiceConnectorId: id }),
          ),
        );
        const at = found?.TerminationHealth?.Timestamp;
        if (at !== undefined) {
          heard.set(id, at.toISOString());
        }
      }
    }
    return heard;
  }
}
