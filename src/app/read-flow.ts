/** Reads one flow: secrets of its webhooks filled in, and everything checked that it names. */
import { basename } from "node:path";
import { DEFAULT_EARS, type Flow, flowSchema } from "../call/flow.ts";
import { isReservedName } from "../call/route-table.ts";
import { didYouMean } from "../core/did-you-mean.ts";
import { resolveReferences } from "../core/env-references.ts";
import { childOf, type ValuePath } from "../core/schema-outline.ts";
import { checkValue, pathText, problemLine } from "../core/schema-problems.ts";
import { readYamlTree, type YamlDocument, type YamlTree } from "../core/yaml-document.ts";
import { AllowedHosts } from "../webhooks/allowed-hosts.ts";
import { readFailureText } from "./files.ts";
import type { TrunkSources } from "./trunks-file.ts";

/** A flow, or what is wrong with its file. */
export interface NamedFlow {
  readonly name: string;
  readonly file: string;
  readonly document: YamlDocument<Flow>;
}

/** What a flow may name. */
export interface FlowSurroundings {
  readonly models: readonly string[];
  /** Those of the models that never speak. */
  readonly listeners: readonly string[];
  /** `tools.allowedHosts`. */
  readonly allowedHosts: readonly string[];
}

/** Files that are flows. */
export const FLOW_FILE = /\.ya?ml$/;
const FLOW_NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** Never throws: what is wrong is in `problems`. */
export function readFlow(file: string, sources: TrunkSources): NamedFlow {
  const name = basename(file).replace(FLOW_FILE, "");
  try {
    const tree = readYamlTree(sources.files.read(file), file);
    const document =
      tree.kind === "bad"
        ? { value: undefined, problems: tree.problems, locate: () => file }
        : checkFlow(tree, sources);
    return { name, file, document };
  } catch (error) {
    return { name, file, document: unreadable(file, error) };
  }
}

/** A file that could not be read. */
export function unreadable<T>(file: string, error: unknown): YamlDocument<T> {
  const problems = [`${file}  ${readFailureText(error)}`];
  return { value: undefined, problems, locate: () => file };
}

function checkFlow(tree: YamlTree, sources: TrunkSources): YamlDocument<Flow> {
  const { locate } = tree;
  const { value, problems, hidden } = withWebhookSecrets(tree, sources);
  if (problems.length > 0) {
    return { value: undefined, problems, locate };
  }
  const isHidden = (path: ValuePath): boolean => hidden.has(pathText(path));
  const checked = checkValue(flowSchema, value, { locate, isHidden });
  return checked.kind === "good"
    ? { value: checked.value, problems: [], locate }
    : { value: undefined, problems: checked.problems, locate };
}

/** References are read in webhooks only: instructions may hold whatever people write. */
function withWebhookSecrets({ value, locate }: YamlTree, { environment, files }: TrunkSources) {
  const readFile = (path: string): string => files.read(path);
  const problems: string[] = [];
  const hidden = new Set<string>();
  const tools = childOf(value, "tools");
  if (!Array.isArray(tools)) {
    return { value, problems, hidden };
  }
  const resolved = tools.map((tool: unknown, index) => {
    const webhook = childOf(tool, "webhook");
    if (webhook === undefined) {
      return tool;
    }
    const place: ValuePath = ["tools", index, "webhook"];
    const found = resolveReferences(webhook, { environment, readFile });
    for (const path of found.replaced) {
      hidden.add(pathText([...place, ...path]));
    }
    for (const { path, text } of found.problems) {
      const at = [...place, ...path];
      problems.push(problemLine(locate(at, "value"), at, text));
    }
    return { ...(tool as object), webhook: found.value };
  });
  return { value: { ...(value as object), tools: resolved }, problems, hidden };
}

/** What is wrong with a flow that was read: in itself, and with what it names. */
export function flowFileProblems(
  { name, file, document }: NamedFlow,
  surroundings: FlowSurroundings,
): readonly string[] {
  const problems = [...document.problems];
  if (!FLOW_NAME.test(name)) {
    problems.push(`${file}  expected a file name of lower-case letters, digits and -`);
  }
  if (isReservedName(name)) {
    problems.push(`${file}  "${name}" is a built-in service: give the flow another name`);
  }
  const { value } = document;
  return value === undefined
    ? problems
    : [
        ...problems,
        ...modelProblems(document, value, surroundings),
        ...webhookProblems(document, value, surroundings.allowedHosts),
      ];
}

function modelProblems(
  document: YamlDocument<Flow>,
  { model, models, mode, ears }: Flow,
  { models: known, listeners }: FlowSurroundings,
): readonly string[] {
  const named = [
    ...(model === undefined ? [] : [{ path: ["model"], name: model }]),
    ...(models ?? []).map((name, index) => ({ path: ["models", index], name })),
  ];
  const heard = mode === "assist" ? [ears?.model ?? DEFAULT_EARS] : [];
  return [
    ...named.flatMap(({ path, name }) => unknownModel(document, path, name, known)),
    ...(mode === "assist" ? [] : named).flatMap(({ path, name }) =>
      silentModel(document, path, name, listeners),
    ),
    ...heard.flatMap((name) => unknownModel(document, ["ears", "model"], name, known)),
  ];
}

/** The problem of a model that only listens, where a caller waits for an answer; none when it speaks. */
export function silentModel(
  document: YamlDocument<unknown>,
  path: ValuePath,
  model: string,
  listeners: readonly string[],
): readonly string[] {
  const text = `"${model}" only listens and answers no calls: name it in ears.model of a flow of mode assist`;
  return listeners.includes(model) ? [problemLine(document.locate(path, "value"), path, text)] : [];
}

/** The problem of a name that is no configured model's; none when it is one. */
export function unknownModel(
  document: YamlDocument<unknown>,
  path: ValuePath,
  model: string,
  models: readonly string[],
): readonly string[] {
  const text = `expected a model of gateway.yaml${knownText(model, models)}`;
  return models.includes(model) ? [] : [problemLine(document.locate(path, "value"), path, text)];
}

/** What was found instead of one of the known names, and which it may have been. */
export function knownText(found: string, known: readonly string[]): string {
  const hint = didYouMean(found, known);
  const others = known.length === 0 ? "; there is none" : `; there are: ${known.join(", ")}`;
  return `, found "${found}"${hint === "" ? others : hint}`;
}

function webhookProblems(
  document: YamlDocument<Flow>,
  { tools }: Flow,
  allowedHosts: readonly string[],
): readonly string[] {
  const allowed = new AllowedHosts(allowedHosts);
  return tools.flatMap((tool, index) => {
    if (typeof tool === "string" || allowed.allows(new URL(tool.webhook.url))) {
      return [];
    }
    const path = ["tools", index, "webhook", "url"];
    const text = "the host is not in tools.allowedHosts of gateway.yaml";
    return [problemLine(document.locate(path, "value"), path, text)];
  });
}
