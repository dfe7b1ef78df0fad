/** What stands in the way of a plan for Amazon Connect: flows of others, numbers and queues that are not there. */
import { type ConnectInstance, FLOW_TAG, type InstanceFlow } from "./connect-instance.ts";
import type { ConnectWish, WishedFlow } from "./connect-wish.ts";

/** What stands in the way, and what to do about it. */
export interface ConnectBlock {
  readonly subject: string;
  readonly problem: string;
  readonly advice: string;
}

/** All that a plan is made from. */
export interface ConnectPlanInput {
  readonly wish: ConnectWish;
  readonly flows: readonly WishedFlow[];
  readonly instance: ConnectInstance;
  /** Key of a connector in `sip-config/trunks.yaml` → its ARN. */
  readonly connectors: ReadonlyMap<string, string>;
}

/** The flow of the instance that a wish means: by name and type, which are unique there. */
export function flowOf(
  { flows }: ConnectInstance,
  { name, type }: WishedFlow,
): InstanceFlow | undefined {
  return flows.find((flow) => flow.name === name && flow.type === type);
}

/** What a person has to do first. */
export function blocksOf({
  wish,
  flows,
  instance,
  connectors,
}: ConnectPlanInput): readonly ConnectBlock[] {
  const claimed = instance.numbers.map(({ number }) => number);
  const wanted = [
    ...Object.keys(wish.numbers),
    ...Object.values(wish.queues).flatMap(({ outbound }) => outbound?.number ?? []),
  ];
  const foreign = flows.filter((flow) => {
    const found = flowOf(instance, flow);
    return found !== undefined && found.tags[FLOW_TAG] !== flow.key;
  });
  return [
    ...foreign.map(({ name }) => ({
      subject: `contact flow "${name}"`,
      problem: "the instance has one of this name that is not ours",
      advice: `give ours another name in connect.yaml, or tag the other one ${FLOW_TAG} with the flow's name in the file to take it over`,
    })),
    ...[...new Set(wanted)]
      .filter((number) => !claimed.includes(number))
      .map((number) => ({
        subject: `number ending in ${number.slice(-2)}`,
        problem: "it is not claimed for this instance",
        advice:
          "claim it in the console of Amazon Connect; trunkline connect numbers lists those that are",
      })),
    ...Object.values(wish.queues)
      .filter(({ name }) => !instance.queues.some((queue) => queue.name === name))
      .map(({ name }) => ({
        subject: `queue "${name}"`,
        problem: "the instance has none of this name",
        advice: `it has: ${instance.queues.map((queue) => queue.name).join(", ")}`,
      })),
    ...Object.entries(wish.connectors)
      .filter(([, text]) => !text.startsWith("arn:") && !connectors.has(text))
      .map(([name, key]) => ({
        subject: `connector ${name}`,
        problem: `there is no Voice Connector "${key}"`,
        advice: "run trunkline trunks apply first, or write its ARN",
      })),
  ];
}
