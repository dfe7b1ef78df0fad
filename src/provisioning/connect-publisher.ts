/** Brings an instance of Amazon Connect to what it shall have; cut off anywhere, the next run goes on from what is there. */
import type { AwsAccess } from "../core/aws-access.ts";
import type { Clock } from "../core/clock.ts";
import { codeOf, type GatewayError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import { ConnectAccount, connectClient } from "./connect-account.ts";
import type { ConnectInstance } from "./connect-instance.ts";
import { type ConnectPlan, type ConnectStep, contentOf, planConnect } from "./connect-plan.ts";
import { ConnectReader } from "./connect-reader.ts";
import type { ConnectWish, WishedFlow } from "./connect-wish.ts";
import { PacedCalls } from "./paced-calls.ts";
import { stepText } from "./step-text.ts";

/** What is to be there, and where. */
export interface ConnectPublisherOptions {
  readonly access: AwsAccess;
  readonly wish: ConnectWish;
  readonly flows: readonly WishedFlow[];
  /** Key of a connector in `sip-config/trunks.yaml` → its ARN. */
  readonly connectors: ReadonlyMap<string, string>;
  readonly clock: Clock;
  readonly random: Random;
  /** Between the starts of two calls. */
  readonly spacingMs: number;
  readonly onProgress: (line: string) => void;
  /** Nothing more is asked once it is aborted. */
  readonly until?: AbortSignal | undefined;
}

/** A flow that the service does not take, and why. */
export interface RefusedFlow {
  readonly flow: WishedFlow;
  /** As it was sent. */
  readonly content: string;
  readonly problems: readonly string[];
}

/** What came of a run. */
export interface PublishOutcome {
  readonly done: number;
  readonly refused: readonly RefusedFlow[];
}

/** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE from every method. */
export class ConnectPublisher {
  readonly #options: ConnectPublisherOptions;
  readonly #account: ConnectAccount;
  readonly #reader: ConnectReader;

  constructor(options: ConnectPublisherOptions) {
    const { access, wish, flows, clock, random, spacingMs, onProgress, until } = options;
    this.#options = options;
    const client = connectClient(access);
    const calls = new PacedCalls({
      clock,
      random,
      spacingMs,
      until,
      secrets: [],
      onWait: (operation, waitMs) =>
        onProgress(`${operation} was not taken; again in ${Math.round(waitMs / 100) / 10} s`),
    });
    this.#account = new ConnectAccount({ client, calls, instanceId: wish.instanceId });
    this.#reader = new ConnectReader({ client, calls, wish, flows });
  }

  async plan(): Promise<ConnectPlan> {
    return this.#planOf(await this.#reader.read());
  }

  /** Whether the instance keeps live audio anywhere. */
  async storesMedia(): Promise<boolean> {
    return (await this.#reader.mediaStreams()) !== undefined;
  }

  /** Name of a flow in the file → its content as the instance would have it now. */
  async render(): Promise<ReadonlyMap<string, string>> {
    const { wish, flows, connectors } = this.#options;
    const input = { wish, flows, instance: await this.#reader.read(), connectors };
    return new Map(flows.map((flow) => [flow.key, contentOf(input, flow)]));
  }

  /** Does all that can be done; a flow that the service refuses does not keep the others back. */
  async publish(): Promise<PublishOutcome> {
    const refused: RefusedFlow[] = [];
    let done = 0;
    const run = async (steps: readonly ConnectStep[]): Promise<void> => {
      for (const step of steps) {
        const problem = await this.#do(step);
        if (problem === undefined) {
          done += 1;
          this.#options.onProgress(`done: ${stepText(step)}`);
        } else {
          refused.push(problem);
        }
      }
    };
    const first = await this.plan();
    const isFirst = ({ kind }: ConnectStep): boolean =>
      kind !== "publishFlow" && kind !== "setCallerId" && kind !== "attachNumber";
    await run(first.steps.filter(isFirst));
    // Flows that were made just now have ARNs that others name.
    const isChanged = first.steps.some(({ kind }) => kind === "createFlow");
    const second = isChanged ? await this.plan() : first;
    const isSafe = (step: ConnectStep): boolean => !isFirst(step);
    await run(second.steps.filter(isSafe));
    return { done, refused };
  }

  #planOf(instance: ConnectInstance): ConnectPlan {
    const { wish, flows, connectors } = this.#options;
    return planConnect({ wish, flows, instance, connectors });
  }

  async #do(step: ConnectStep): Promise<RefusedFlow | undefined> {
    const account = this.#account;
    const reader = this.#reader;
    switch (step.kind) {
      case "createFlow":
        await account.createFlow(step.flow, () => reader.hasFlow(step.flow));
        return undefined;
      case "publishFlow":
        return await this.#publish(step);
      case "associateConnector":
        await account.associateConnector(step.arn, async () =>
          (await reader.connectors()).includes(step.arn),
        );
        return undefined;
      case "allowLambda":
        await account.allowLambda(step.arn);
        return undefined;
      case "approveOrigin":
        await account.approveOrigin(step.origin);
        return undefined;
      case "storeStreams": {
        const { mediaStreams } = this.#options.wish;
        if (mediaStreams !== undefined) {
          await account.storeStreams(
            mediaStreams,
            step.associationId,
            async () => (await reader.mediaStreams()) !== undefined,
          );
        }
        return undefined;
      }
      case "setCallerId":
        await account.setCallerId(step.queueId, step);
        return undefined;
      case "attachNumber":
        await account.attachNumber(step.numberId, step.flowId ?? "");
        return undefined;
    }
  }

  async #publish(
    step: Extract<ConnectStep, { kind: "publishFlow" }>,
  ): Promise<RefusedFlow | undefined> {
    const { flow, flowId, content } = step;
    if (flowId === undefined || content === undefined) {
      const problems = ["it has placeholders that nothing is known for"];
      return { flow, content: flow.template, problems };
    }
    try {
      await this.#account.publishFlow(flowId, content);
      return undefined;
    } catch (error) {
      if (codeOf(error) !== "FLOW_REFUSED") {
        throw error;
      }
      const found = (error as GatewayError).details["problems"];
      return { flow, content, problems: Array.isArray(found) ? found.map(String) : [] };
    }
  }
}
