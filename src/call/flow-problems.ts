/** What does not go together in a flow, although each part of it is well written. */
import { unknownPlaceholders } from "./briefing/variables.ts";
import { type FlowTool, takenNames, toolName } from "./tools/tool-schema.ts";
import { type LastResort, namedTransfers } from "./transfer-schema.ts";

/** The parts that refer to one another. */
export interface RelatedParts {
  readonly mode: string;
  readonly ears?: unknown;
  readonly roles: readonly unknown[];
  readonly model?: string | undefined;
  readonly models?: readonly string[] | undefined;
  readonly tools: readonly FlowTool[];
  readonly transfers: Readonly<Record<string, unknown>>;
  readonly attributes: readonly string[];
  readonly lastResort?: LastResort | undefined;
  readonly instructions: string;
  readonly greeting?: string | undefined;
}

/** Where a flow goes wrong, and how. */
export interface FlowProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Empty when all goes together. */
export function flowProblems(flow: RelatedParts): readonly FlowProblem[] {
  if (flow.mode === "assist") {
    return listenerProblems(flow);
  }
  return [
    ...earProblems(flow),
    ...modelProblems(flow),
    ...toolProblems(flow),
    ...transferProblems(flow),
    ...textProblems(flow),
  ];
}

/** A flow that listens does not talk. */
function listenerProblems(flow: RelatedParts): readonly FlowProblem[] {
  const message = "is for flows that talk: mode assist has ears";
  const isThere = (name: "model" | "models" | "lastResort"): boolean => flow[name] !== undefined;
  return [
    ...(["model", "models", "lastResort"] as const).filter(isThere),
    ...(flow.tools.length > 0 ? ["tools"] : []),
  ].map((name) => ({ path: [name], message }));
}

function earProblems({ ears, roles }: RelatedParts): readonly FlowProblem[] {
  const message = "is for mode assist";
  return [...(ears === undefined ? [] : ["ears"]), ...(roles.length > 0 ? ["roles"] : [])].map(
    (name) => ({ path: [name], message }),
  );
}

function modelProblems({ model, models }: RelatedParts): readonly FlowProblem[] {
  if (model === undefined && models === undefined) {
    return [{ path: ["model"], message: "is missing: expected the name of a model, or models" }];
  }
  if (model !== undefined && models !== undefined) {
    return [{ path: ["models"], message: "goes without model: write one of the two" }];
  }
  return (models ?? []).flatMap((name, index, all) =>
    all.indexOf(name) === index
      ? []
      : [{ path: ["models", index], message: "names a model for the second time" }],
  );
}

function textProblems({ instructions, greeting = "" }: RelatedParts): readonly FlowProblem[] {
  const texts = { instructions, greeting };
  return Object.entries(texts).flatMap(([name, text]) =>
    unknownPlaceholders(text).map((found) => ({
      path: [name],
      message: `expected {{attributes.name}}, {{callingNumber}}, {{calledNumber}} or {{contactId}}, found ${found}`,
    })),
  );
}

function toolProblems({ tools, transfers, attributes }: RelatedParts): readonly FlowProblem[] {
  const needs = (tool: string, has: boolean, what: string): readonly FlowProblem[] => {
    const index = tools.findIndex((entry) => toolName(entry) === tool);
    const message = `${tool} needs ${what}`;
    return index < 0 || has ? [] : [{ path: ["tools", index], message }];
  };
  return [
    ...takenNames(tools).map((index) => ({
      path: ["tools", index],
      message: "has the name of another tool",
    })),
    ...needs("transfer", Object.keys(transfers).length > 0, "at least one entry of transfers"),
    ...needs("set_attribute", attributes.length > 0, "at least one name in attributes"),
  ];
}

function transferProblems({ transfers, lastResort }: RelatedParts): readonly FlowProblem[] {
  const known = Object.keys(transfers);
  const others = known.length === 0 ? "there is none" : `there are: ${known.join(", ")}`;
  return namedTransfers(lastResort)
    .filter(({ name }) => !Object.hasOwn(transfers, name))
    .map(({ name, path }) => ({
      path: ["lastResort", ...path],
      message: `expected one of the flow's transfers, found "${name}"; ${others}`,
    }));
}
