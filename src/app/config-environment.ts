/** Single fields from environment variables: `TRUNKLINE_SIP__PORT=5070`, `TRUNKLINE_MODELS__OPENAI__API_KEY=…`. */
import { didYouMean, nearestName } from "../core/did-you-mean.ts";
import {
  childOf,
  type SchemaNode,
  type SchemaOutline,
  type ValuePath,
  valueAt,
} from "../core/schema-outline.ts";
import type { Environment } from "./environment.ts";

const PREFIX = "TRUNKLINE_";
/** Variables with a meaning of their own. */
const NOT_FIELDS: ReadonlySet<string> = new Set([
  "TRUNKLINE_CONFIG",
  "TRUNKLINE_DEBUG",
  "TRUNKLINE_URL",
  "TRUNKLINE_TOKEN",
]);
/** Kubernetes sets these in every container when a Service is called `trunkline`. */
const SERVICE_LINK = /^TRUNKLINE_(?:SERVICE_(?:HOST|PORT)|PORT)(?:_|$)/;
/** Short names that documents promise. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  TRUNKLINE_AWS_ENDPOINT: "TRUNKLINE_AWS__ENDPOINT",
};
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** A variable that was taken, and the field it sets. */
export interface Override {
  readonly variable: string;
  readonly path: ValuePath;
  readonly text: string;
}

/** The variables that set fields, and those that look as if they should. */
export interface Overrides {
  readonly overrides: readonly Override[];
  readonly problems: readonly string[];
}

/** Finds the field of every `TRUNKLINE_…` variable; an empty variable counts as not set. */
export function findOverrides(
  environment: Environment,
  outline: SchemaOutline,
  tree: unknown,
): Overrides {
  const overrides: Override[] = [];
  const problems: string[] = [];
  for (const variable of Object.keys(environment).sort()) {
    const text = environment[variable] ?? "";
    if (!variable.startsWith(PREFIX) || isOther(variable) || text === "") {
      continue;
    }
    const name = SHORT_NAMES[variable] ?? variable;
    const found = findField(name.slice(PREFIX.length).split("__"), outline, tree);
    if (found.kind === "field") {
      overrides.push({ variable, path: found.path, text });
    } else {
      problems.push(`${variable}  no field of the configuration${found.hint}`);
    }
  }
  return { overrides, problems };
}

/** `tree` with the field at `path` set; whatever is no group of fields on the way is replaced by one. */
export function withField(tree: unknown, path: ValuePath, value: unknown): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) {
    return value;
  }
  const isGroup = typeof tree === "object" && tree !== null && !Array.isArray(tree);
  return { ...(isGroup ? tree : {}), [segment]: withField(childOf(tree, segment), rest, value) };
}

/** Text from a variable or a reference, as the type that the field has. */
export function typedText(text: string, nodes: readonly SchemaNode[]): unknown {
  const types = new Set(nodes.map(({ type }) => type));
  if (nodes.some((node) => node.const === text || node.enum?.includes(text) === true)) {
    return text;
  }
  if ((types.has("integer") || types.has("number")) && NUMBER.test(text)) {
    return Number(text);
  }
  if (types.has("boolean") && (text === "true" || text === "false")) {
    return text === "true";
  }
  return (types.has("array") || types.has("object")) && /^[[{]/.test(text) ? parsed(text) : text;
}

/** `apiKey` → `API_KEY`. */
export function upperSnake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toUpperCase();
}

function isOther(variable: string): boolean {
  return NOT_FIELDS.has(variable) || SERVICE_LINK.test(variable);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function findField(
  segments: readonly string[],
  outline: SchemaOutline,
  tree: unknown,
):
  | { readonly kind: "field"; readonly path: ValuePath }
  | { readonly kind: "unknown"; readonly hint: string } {
  const path: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const known = outline.namesAt(path, undefined);
    const name =
      known.find((candidate) => upperSnake(candidate) === segment) ??
      freeName(segment, outline.nodesAt(path, undefined), valueAt(tree, path));
    if (name === undefined) {
      return { kind: "unknown", hint: hintFor(segments, index, known.map(upperSnake)) };
    }
    path.push(name);
  }
  return { kind: "field", path };
}

/** The name of an entry where names are free, as in `models`: one of the file, or a new one. */
function freeName(
  segment: string,
  nodes: readonly SchemaNode[],
  entries: unknown,
): string | undefined {
  const isFree = nodes.some(({ additionalProperties }) => typeof additionalProperties === "object");
  if (!isFree || !/^[A-Z0-9_]+$/.test(segment)) {
    return undefined;
  }
  const written = Object.keys((entries ?? {}) as object);
  const newName = segment.toLowerCase().replaceAll("_", "-");
  return written.find((name) => upperSnake(name) === segment) ?? newName;
}

/** A slip in one segment, or one underscore where two belong. */
function hintFor(segments: readonly string[], index: number, known: readonly string[]): string {
  const before = segments.slice(0, index);
  const after = segments.slice(index + 1);
  const wrong = segments[index] as string;
  const split = known.find((name) => wrong.startsWith(`${name}_`));
  const right =
    split === undefined ? nearestName(wrong, known) : `${split}__${wrong.slice(split.length + 1)}`;
  if (right === undefined) {
    return didYouMean(wrong, known);
  }
  return `; did you mean ${PREFIX}${[...before, right, ...after].join("__")}?`;
}
