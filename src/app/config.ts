/** The configuration: environment over file over defaults, checked as a whole and frozen. */
import type { z } from "zod";
import {
  type ReferenceProblem,
  type ReferenceSources,
  type ResolvedTree,
  resolveReferences,
} from "../core/env-references.ts";
import {
  childOf,
  jsonSchemaOf,
  SchemaOutline,
  type ValuePath,
  valueAt,
} from "../core/schema-outline.ts";
import { checkValue, configInvalid, pathText, problemLine } from "../core/schema-problems.ts";
import type { YamlTree } from "../core/yaml-document.ts";
import { findOverrides, type Override, typedText, withField } from "./config-environment.ts";
import { configSchema } from "./config-schema.ts";
import type { Environment } from "./environment.ts";
import type { TextFiles } from "./files.ts";
import { readYamlFile } from "./yaml-files.ts";

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** Every setting, with defaults filled in; frozen. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

/** Where settings come from. */
export interface ConfigSources {
  /** As given on the command line. */
  readonly file?: string | undefined;
  readonly environment: Environment;
  readonly files: TextFiles;
}

/** A configuration, and where it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read; `undefined`: there is none. */
  readonly file: string | undefined;
  /** Environment variables that set a field. */
  readonly variables: readonly string[];
}

const DEFAULT_FILE = "gateway.yaml";

/**
 * Reads the configuration.
 *
 * @throws GatewayError CONFIG_INVALID with every problem; never with a secret.
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const outline = new SchemaOutline(configSchema);
  const file = chosenFile(sources);
  const tree = file === undefined ? undefined : readYamlFile(file, sources.files);
  const references = referenceSources(sources);
  const resolved = resolveReferences(tree?.value ?? {}, references);
  const typed = resolved.replaced.reduce((value, path) => {
    const text = valueAt(value, path);
    return typeof text === "string" && path.every((segment) => typeof segment === "string")
      ? withField(value, path, typedText(text, outline.nodesAt(path, value)))
      : value;
  }, resolved.value);
  const { overrides, problems } = findOverrides(sources.environment, outline, typed);
  const overlaid = applyOverrides(typed, overrides, outline, references);
  const locate = placeFinder(overrides, tree, file);
  const hidden = [...resolved.replaced, ...overlaid.replaced];
  const isHidden = (path: ValuePath): boolean => hidden.some((above) => startsWith(path, above));
  const checked = checkValue(configSchema, overlaid.value, { locate, isHidden });
  const unresolved = [...resolved.problems, ...overlaid.problems];
  const failed = unresolved.map(({ path }) => `  ${pathText(path)}: `);
  const all = [
    ...unresolved.map(({ path, text }) => problemLine(locate(path, "value"), path, text)),
    ...problems,
    ...(checked.kind === "bad" ? checked.problems.filter((line) => !holdsAny(line, failed)) : []),
  ];
  if (checked.kind === "bad" || all.length > 0) {
    throw configInvalid(all);
  }
  const variables = overrides.map(({ variable }) => variable);
  return { config: deepFreeze(checked.value), file, variables };
}

function chosenFile({ file, environment, files }: ConfigSources): string | undefined {
  const named = file ?? environment["TRUNKLINE_CONFIG"];
  if (named !== undefined && named !== "") {
    return named;
  }
  return files.exists(DEFAULT_FILE) ? DEFAULT_FILE : undefined;
}

function referenceSources({ environment, files }: ConfigSources): ReferenceSources {
  return { environment, readFile: (path) => files.read(path) };
}

function applyOverrides(
  tree: unknown,
  overrides: readonly Override[],
  outline: SchemaOutline,
  references: ReferenceSources,
): ResolvedTree {
  const problems: ReferenceProblem[] = [];
  const replaced: ValuePath[] = [];
  let value = withGroupDefaults(tree, overrides);
  for (const { path, text } of overrides) {
    const resolved = resolveReferences(text, references);
    problems.push(...resolved.problems.map((problem) => ({ path, text: problem.text })));
    replaced.push(...resolved.replaced.map(() => path));
    const nodes = outline.nodesAt(path, undefined);
    value = withField(value, path, typedText(String(resolved.value), nodes));
  }
  return { value: withModelKinds(value, overrides, outline), problems, replaced };
}

/** A variable sets one field of a group; what the file does not say of the group is as if there were no variable. */
function withGroupDefaults(tree: unknown, overrides: readonly Override[]): unknown {
  const groups = jsonSchemaOf(configSchema).properties ?? {};
  return overrides.reduce((value, { path }) => {
    const group = path.slice(0, 1);
    const isOpen = path.length > 1 && valueAt(value, group) === undefined;
    return isOpen ? withField(value, group, groups[String(group[0])]?.default) : value;
  }, tree);
}

/** A model that only variables name is of the kind it is named after: `…MODELS__OPENAI__API_KEY` is enough. */
function withModelKinds(
  tree: unknown,
  overrides: readonly Override[],
  outline: SchemaOutline,
): unknown {
  return overrides.reduce((value, { path: [first, name] }) => {
    if (first !== "models" || name === undefined) {
      return value;
    }
    const path = [first, name, "kind"];
    const kinds = outline.nodesAt(path, undefined).map((node) => node.const);
    const isNamedAfterKind = valueAt(value, path) === undefined && kinds.includes(name);
    return isNamedAfterKind ? withField(value, path, name) : value;
  }, tree);
}

/** A variable for what it set, otherwise a place in the file. */
function placeFinder(
  overrides: readonly Override[],
  tree: YamlTree | undefined,
  file: string | undefined,
): YamlTree["locate"] {
  return (path, of) => {
    const setter = overrides.find((override) => startsWith(path, override.path));
    if (setter !== undefined) {
      return setter.variable;
    }
    const inFile = tree !== undefined && isWritten(tree.value, path.slice(0, -1));
    const sibling = overrides.find((override) => startsWith(override.path, path.slice(0, -1)));
    return inFile || sibling === undefined
      ? (tree?.locate(path, of) ?? file ?? "configuration")
      : sibling.variable;
  };
}

function startsWith(path: ValuePath, beginning: ValuePath): boolean {
  return beginning.every((segment, index) => path[index] === segment);
}

function isWritten(root: unknown, path: ValuePath): boolean {
  return path.reduce(childOf, root) !== undefined;
}

/** A field whose reference failed is already told of. */
function holdsAny(line: string, parts: readonly string[]): boolean {
  return parts.some((part) => line.includes(part));
}

function deepFreeze<T>(value: T): DeepReadonly<T> {
  if (typeof value === "object" && value !== null) {
    for (const child of Object.values(value)) {
      deepFreeze(child);
    }
    Object.freeze(value);
  }
  return value as DeepReadonly<T>;
}
