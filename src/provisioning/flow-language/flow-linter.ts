/** Reads a contact flow and says everything that the service, or a caller, would find wrong with it. */
import { didYouMean, nearestName } from "../../core/did-you-mean.ts";
import type { ValuePath } from "../../core/schema-outline.ts";
import { pathText } from "../../core/schema-problems.ts";
import { readYamlTree, type YamlTree } from "../../core/yaml-document.ts";
import { type BlockType, FLOW_TYPES, type FlowType } from "./block-type.ts";
import { checkFields } from "./check-parameters.ts";
import { checkTransitions } from "./check-transitions.ts";
import { spellingProblems } from "./connector-spelling.ts";
import { CONTACT_BLOCKS } from "./contact-blocks.ts";
import type { BlockFinding, FlowFinding } from "./finding.ts";
import { type CheckedBlock, graphProblems, placeProblems } from "./flow-graph.ts";
import {
  flowProblems,
  identifierProblem,
  isBlock,
  type RawBlock,
  typeInMetadata,
} from "./flow-shape.ts";
import { ROUTING_BLOCKS } from "./routing-blocks.ts";
import { SPEAKING_BLOCKS } from "./speaking-blocks.ts";

/** What is known of the flow beside its text. */
export interface LintOptions {
  /** For places. */
  readonly file: string;
  /** `undefined`: as its Metadata says, or any. */
  readonly type?: FlowType | undefined;
  /** Of the instance; `undefined`: as most ARNs say. */
  readonly region?: string | undefined;
}

/** Every type of block that is known. */
const BLOCKS: Readonly<Record<string, BlockType>> = {
  ...SPEAKING_BLOCKS,
  ...CONTACT_BLOCKS,
  ...ROUTING_BLOCKS,
};

/** Empty when nothing is wrong; in the order of the lines. */
export function lintFlow(text: string, options: LintOptions): readonly FlowFinding[] {
  const { file } = options;
  const notJson = jsonProblem(text, file);
  const tree = readYamlTree(text, file);
  if (notJson !== undefined || tree.kind === "bad") {
    const [place = file, words = "this is not JSON"] = (
      notJson ??
      (tree.kind === "bad" ? tree.problems[0] : undefined) ??
      ""
    ).split("  ");
    return [{ severity: "error", place, block: undefined, parameter: undefined, text: words }];
  }
  const whole = (found: readonly BlockFinding[]): readonly FlowFinding[] =>
    found.map((finding) => located(tree, finding, [], undefined));
  const shape = flowProblems(tree.value);
  const raw = (tree.value as { Actions?: unknown } | null)?.Actions;
  if (!Array.isArray(raw)) {
    return whole(shape);
  }
  const type = options.type ?? typeInMetadata(tree.value);
  const blocks = raw.map((block: unknown, index) => checkBlock(block, index, type));
  const findings = [
    ...whole(shape),
    ...blocks.flatMap(({ index, identifier, findings: found }) =>
      found.map((finding) => located(tree, finding, ["Actions", index], identifier)),
    ),
    ...[...graphProblems(tree.value, blocks), ...placeProblems(blocks, options.region)].map(
      ({ block, finding }) =>
        located(
          tree,
          finding,
          block === undefined ? [] : ["Actions", block.index],
          block?.identifier,
        ),
    ),
  ];
  return findings.toSorted((one, other) => lineOf(one) - lineOf(other));
}

/** The parser of YAML takes more than JSON: comments, bare words. */
function jsonProblem(text: string, file: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const [, at] = /position (\d+)/.exec(String(error)) ?? [];
    const before = text.slice(0, at === undefined ? 0 : Number(at)).split("\n");
    return `${file}:${before.length}:${(before.at(-1) ?? "").length + 1}  expected JSON`;
  }
}

function checkBlock(value: unknown, index: number, flowType: FlowType | undefined): CheckedBlock {
  if (!isBlock(value)) {
    const text = "expected a block: {Identifier, Type, Parameters, Transitions}";
    return {
      index,
      identifier: `#${index + 1}`,
      findings: [{ path: [], text }],
      edges: [],
      arns: [],
    };
  }
  const { Identifier: identifier, Type: type, Parameters: parameters } = value;
  const known = BLOCKS[type];
  const transitions = checkTransitions(value.Transitions, known);
  const checked =
    known === undefined
      ? { findings: [], arns: [] }
      : checkFields(parameters ?? {}, known, ["Parameters"]);
  return {
    index,
    identifier,
    findings: [
      ...identifierProblem(identifier),
      ...typeProblems(value, known, flowType),
      ...checked.findings,
      ...(known === undefined ? [] : spellingProblems(parameters ?? {})),
      ...transitions.findings,
    ],
    edges: transitions.edges,
    arns: checked.arns,
  };
}

function typeProblems(
  { Type: type }: RawBlock,
  known: BlockType | undefined,
  flowType: FlowType | undefined,
): readonly BlockFinding[] {
  const path = ["Type"];
  if (known === undefined) {
    const names = Object.keys(BLOCKS);
    const isTypo = nearestName(type, names) !== undefined;
    const text = `no known type of block: "${type}"${didYouMean(type, names)}`;
    return [{ severity: isTypo ? "error" : "warning", path, text }];
  }
  if (flowType === undefined) {
    return [];
  }
  const { notIn, flows = FLOW_TYPES } = known;
  const allowed = flows.filter((each) => notIn?.includes(each) !== true);
  return allowed.includes(flowType)
    ? []
    : [
        {
          path,
          text: `${type} is not for flows of type ${flowType}, only for ${allowed.join(", ")}`,
        },
      ];
}

function located(
  tree: YamlTree,
  { severity = "error", path, of = "value", text }: BlockFinding,
  above: ValuePath,
  block: string | undefined,
): FlowFinding {
  const place = tree.locate([...above, ...path], of);
  const parameter = path.length === 0 ? undefined : pathText(path);
  return { severity, place, block, parameter, text };
}

function lineOf({ place }: FlowFinding): number {
  return Number(/:(\d+):\d+$/.exec(place)?.[1] ?? 0);
}

/** Where a problem is that the service told: at the block that it names, else at the start of the flow. */
export function placeOfProblem(content: string, file: string, problem: string): string {
  const tree = readYamlTree(content, file);
  const actions = tree.kind === "good" ? (tree.value as { Actions?: unknown } | null)?.Actions : [];
  if (tree.kind === "bad" || !Array.isArray(actions)) {
    return file;
  }
  const names = actions.map((block: unknown) => (isBlock(block) ? block.Identifier : ""));
  const named = names
    .filter((name) => name !== "" && problem.includes(name))
    .toSorted((one, other) => other.length - one.length)[0];
  return named === undefined
    ? tree.locate([], "value")
    : tree.locate(["Actions", names.indexOf(named), "Identifier"], "value");
}
