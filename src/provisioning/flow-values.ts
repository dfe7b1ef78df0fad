/** Values for the placeholders of templates: from the file and the instance, or made up where nothing but shapes is checked. */
import type { ConnectWish } from "./connect-wish.ts";
import type { Placeholder, Resolve } from "./flow-template.ts";

const EXAMPLE = "11111111-2222-3333-4444-555555555555";

/** What the instance adds to the file. */
export interface InstanceValues {
  /** Name of a queue in the instance → its ARN. */
  readonly queues: ReadonlyMap<string, string>;
  /** Name of a flow in the file → its ARN. */
  readonly flows: ReadonlyMap<string, string>;
  /** Key of a connector in `sip-config/trunks.yaml` → its ARN. */
  readonly connectors: ReadonlyMap<string, string>;
}

/** Values as they are. */
export function valuesOf(wish: ConnectWish, instance: InstanceValues): Resolve {
  return ({ kind, name }) => {
    switch (kind) {
      case "connector": {
        const wanted = own(wish.connectors, name);
        return wanted?.startsWith("arn:") === true ? wanted : instance.connectors.get(wanted ?? "");
      }
      case "queue":
        return instance.queues.get(own(wish.queues, name)?.name ?? "");
      case "flow":
        return instance.flows.get(name);
      case "lambda":
        return own(wish.lambdas, name);
      case "lex":
        return own(wish.bots, name);
      case "text":
        return own(wish.texts, name);
      case "value":
        return own(wish.values, name);
    }
  };
}

/** Values of the file, and where only an instance would know, ARNs of the right shape: nobody is asked. */
export function exampleValues(wish: ConnectWish, region: string): Resolve {
  const queues = Object.values(wish.queues);
  const connectors = Object.values(wish.connectors).filter((text) => !text.startsWith("arn:"));
  return valuesOf(wish, {
    queues: new Map(queues.map(({ name }) => [name, exampleArn({ kind: "queue", name }, region)])),
    flows: new Map(
      Object.keys(wish.flows).map((name) => [name, exampleArn({ kind: "flow", name }, region)]),
    ),
    connectors: new Map(
      connectors.map((name) => [name, exampleArn({ kind: "connector", name }, region)]),
    ),
  });
}

/** Every placeholder has a value of its kind: for templates that the file does not list. */
export function anyValues(wish: ConnectWish, region: string): Resolve {
  const known = exampleValues(wish, region);
  return (placeholder) => known(placeholder) ?? exampleArn(placeholder, region);
}

function exampleArn({ kind, name }: Placeholder, region: string): string {
  const at = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:111122223333:${resource}`;
  switch (kind) {
    case "connector":
      return at("chime", "vc/abcdef1ghij2klmno3pqr4");
    case "queue":
      return at("connect", `instance/${EXAMPLE}/queue/${EXAMPLE}`);
    case "flow":
      return at("connect", `instance/${EXAMPLE}/contact-flow/${EXAMPLE}`);
    case "lambda":
      return at("lambda", `function:${name}`);
    case "lex":
      return at("lex", "bot-alias/ABCDEFGHIJ/KLMNOPQRST");
    case "text":
      return name;
    case "value":
      return "+12065550100";
  }
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
