/** The difference between what an instance shall have and what it has, as steps in their order; pure. */

import { blocksOf, type ConnectBlock, type ConnectPlanInput, flowOf } from "./connect-blocks.ts";
import type { InstanceQueue } from "./connect-instance.ts";
import type { WishedFlow } from "./connect-wish.ts";
import { canonicalFlow, placeholdersOf, renderFlow } from "./flow-template.ts";
import { valuesOf } from "./flow-values.ts";

/** One thing to do. */
export type ConnectStep =
  | { readonly kind: "associateConnector"; readonly arn: string }
  | { readonly kind: "allowLambda"; readonly arn: string }
  | { readonly kind: "storeStreams"; readonly associationId: string | undefined }
  | { readonly kind: "approveOrigin"; readonly origin: string }
  | { readonly kind: "createFlow"; readonly flow: WishedFlow }
  /** `content` is `undefined` where it names a flow that is not there yet. */
  | {
      readonly kind: "publishFlow";
      readonly flow: WishedFlow;
      readonly flowId: string | undefined;
      readonly content: string | undefined;
    }
  | {
      readonly kind: "setCallerId";
      readonly queue: string;
      readonly queueId: string;
      readonly numberId: string;
      readonly name: string | undefined;
      readonly flowId: string | undefined;
    }
  | {
      readonly kind: "attachNumber";
      readonly number: string;
      readonly numberId: string;
      readonly flow: string;
      readonly flowId: string | undefined;
    };

/** What would be done. */
export interface ConnectPlan {
  readonly steps: readonly ConnectStep[];
  readonly blocks: readonly ConnectBlock[];
}

/** No steps and no blocks: all is as it shall be. */
export function planConnect(input: ConnectPlanInput): ConnectPlan {
  const { flows, instance } = input;
  const missing = flows.filter((flow) => flowOf(instance, flow) === undefined);
  return {
    blocks: blocksOf(input),
    steps: [
      ...integrationSteps(input),
      ...missing.map((flow): ConnectStep => ({ kind: "createFlow", flow })),
      ...byDependency(flows).flatMap((flow) => publishStep(input, flow)),
      ...callerIdSteps(input),
      ...numberSteps(input),
    ],
  };
}

/** The content of a flow as the instance shall have it; placeholders that nobody knows stay. */
export function contentOf(input: ConnectPlanInput, flow: WishedFlow): string {
  const { wish, flows, instance, connectors } = input;
  const resolve = valuesOf(wish, {
    queues: new Map(instance.queues.map(({ name, arn }) => [name, arn])),
    flows: new Map(
      flows.flatMap((each): [string, string][] => {
        const found = flowOf(instance, each);
        return found === undefined ? [] : [[each.key, found.arn]];
      }),
    ),
    connectors,
  });
  return renderFlow(flow.template, resolve, wish.connectorBlock);
}

function integrationSteps({
  wish,
  instance,
  connectors,
}: ConnectPlanInput): readonly ConnectStep[] {
  const arns = Object.values(wish.connectors).flatMap((text) =>
    text.startsWith("arn:") ? [text] : (connectors.get(text) ?? []),
  );
  const { mediaStreams } = wish;
  const stored = instance.mediaStreams;
  const isStored =
    mediaStreams === undefined ||
    (stored?.prefix === mediaStreams.prefix &&
      stored.retentionHours === mediaStreams.retentionHours &&
      stored.keyArn === mediaStreams.keyArn);
  const missing = (wanted: readonly string[], there: readonly string[]): readonly string[] =>
    [...new Set(wanted)].filter((each) => !there.includes(each));
  return [
    ...missing(arns, instance.connectors).map(
      (arn): ConnectStep => ({ kind: "associateConnector", arn }),
    ),
    ...missing(Object.values(wish.lambdas), instance.lambdas).map(
      (arn): ConnectStep => ({ kind: "allowLambda", arn }),
    ),
    ...(isStored ? [] : [{ kind: "storeStreams" as const, associationId: stored?.associationId }]),
    ...missing(wish.origins, instance.origins).map(
      (origin): ConnectStep => ({ kind: "approveOrigin", origin }),
    ),
  ];
}

function publishStep(input: ConnectPlanInput, flow: WishedFlow): readonly ConnectStep[] {
  const found = flowOf(input.instance, flow);
  const content = contentOf(input, flow);
  const isComplete = placeholdersOf(content).length === 0;
  if (isComplete && canonicalFlow(found?.content ?? "") === canonicalFlow(content)) {
    return [];
  }
  return [
    { kind: "publishFlow", flow, flowId: found?.id, content: isComplete ? content : undefined },
  ];
}

function callerIdSteps({ wish, flows, instance }: ConnectPlanInput): readonly ConnectStep[] {
  return Object.values(wish.queues).flatMap(({ name, outbound }): readonly ConnectStep[] => {
    const queue = instance.queues.find((each) => each.name === name);
    const number = instance.numbers.find((each) => each.number === outbound?.number);
    if (outbound === undefined || queue === undefined || number === undefined) {
      return [];
    }
    const flow = flows.find(({ key }) => key === outbound.flow);
    const flowId = flow === undefined ? undefined : flowOf(instance, flow)?.id;
    const isNew = flow !== undefined && flowId === undefined;
    const step = {
      queue: name,
      queueId: queue.id,
      numberId: number.id,
      name: outbound.name,
      flowId,
    };
    return isNew || !hasCallerId(queue, step) ? [{ kind: "setCallerId", ...step }] : [];
  });
}

function hasCallerId(
  { outbound }: InstanceQueue,
  wanted: {
    readonly numberId: string;
    readonly name: string | undefined;
    readonly flowId: string | undefined;
  },
): boolean {
  return (
    outbound.numberId === wanted.numberId &&
    outbound.name === wanted.name &&
    outbound.flowId === wanted.flowId
  );
}

function numberSteps({ wish, flows, instance }: ConnectPlanInput): readonly ConnectStep[] {
  return Object.entries(wish.numbers).flatMap(([text, key]): readonly ConnectStep[] => {
    const number = instance.numbers.find((each) => each.number === text);
    const flow = flows.find((each) => each.key === key);
    if (number === undefined || flow === undefined) {
      return [];
    }
    const flowId = flowOf(instance, flow)?.id;
    return flowId !== undefined && number.flowId === flowId
      ? []
      : [{ kind: "attachNumber", number: text, numberId: number.id, flow: key, flowId }];
  });
}

/** A flow comes after those that it names; where they name each other, as they are written. */
export function byDependency(flows: readonly WishedFlow[]): readonly WishedFlow[] {
  const ordered: WishedFlow[] = [];
  const visited = new Set<string>();
  const visit = (flow: WishedFlow): void => {
    if (visited.has(flow.key)) {
      return;
    }
    visited.add(flow.key);
    for (const { kind, name } of placeholdersOf(flow.template)) {
      const named = kind === "flow" ? flows.find(({ key }) => key === name) : undefined;
      if (named !== undefined) {
        visit(named);
      }
    }
    ordered.push(flow);
  };
  flows.forEach(visit);
  return ordered;
}
