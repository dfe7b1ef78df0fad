/** Reads a YAML file against a schema; every problem is told with its line and column. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from "yaml";
import type { z } from "zod";
import type { ValuePath } from "./schema-outline.ts";
import { checkValue, configInvalid, type Locate, type PlaceOf } from "./schema-problems.ts";

/** A file that is YAML, whatever it says. */
export interface YamlTree {
  /** Plain values; `null` for an empty file. */
  readonly value: unknown;
  /** `file:line:column` of a path; of its nearest written ancestor when it is not in the file. */
  readonly locate: Locate;
}

/** A file that was checked: `value` is there if, and only if, there is no problem. */
export interface YamlDocument<T> {
  readonly value: T | undefined;
  readonly problems: readonly string[];
  readonly locate: Locate;
}

const MAX_CHARACTERS = 1024 * 1024;
const MAX_ALIASES = 100;
/** One unclosed bracket can make everything after it wrong. */
const MAX_FAULTS = 20;

/**
 * Parses and checks a whole file.
 *
 * @throws GatewayError CONFIG_INVALID, whose message lists every problem as `file:line:column  path: …`.
 */
export function parseYamlDocument<T>(text: string, fileName: string, schema: z.ZodType<T>): T {
  const { value, problems } = readYamlDocument(text, fileName, schema);
  if (value === undefined || problems.length > 0) {
    throw configInvalid(problems);
  }
  return value;
}

/** Like {@link parseYamlDocument}, for callers that collect the problems of several files. */
export function readYamlDocument<T>(
  text: string,
  fileName: string,
  schema: z.ZodType<T>,
): YamlDocument<T> {
  const tree = readYamlTree(text, fileName);
  if (tree.kind === "bad") {
    return { value: undefined, problems: tree.problems, locate: () => fileName };
  }
  const checked = checkValue(schema, tree.value, tree);
  return checked.kind === "good"
    ? { value: checked.value, problems: [], locate: tree.locate }
    : { value: undefined, problems: checked.problems, locate: tree.locate };
}

/** Parses a file without a schema; syntax errors, foreign tags and alias bombs are problems. */
export function readYamlTree(
  text: string,
  fileName: string,
): (YamlTree & { readonly kind: "good" }) | { readonly kind: "bad"; problems: readonly string[] } {
  if (text.length > MAX_CHARACTERS) {
    return bad(`${fileName}:1:1  expected at most ${MAX_CHARACTERS} characters`);
  }
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const faults = [...document.errors, ...document.warnings].slice(0, MAX_FAULTS);
    if (faults.length > 0) {
      return bad(
        ...faults.map(({ code, message, pos }) => `${place(pos[0])}  ${faultText(code, message)}`),
      );
    }
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { kind: "good", value, locate: (path, of) => place(offsetOf(document, path, of)) };
  } catch (error) {
    return bad(`${fileName}:1:1  ${refusalText(error)}`);
  }
}

function bad(...problems: readonly string[]): { kind: "bad"; problems: readonly string[] } {
  return { kind: "bad", problems };
}

/** Words for the faults people make most; the parser's own without what it quotes from the file. */
function faultText(code: string, message: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "expected each key once, found this one again";
    case "TAB_AS_INDENT":
      return "expected spaces for indentation, found a tab";
    case "MULTIPLE_DOCS":
      return "expected one document, found a second after ---";
    case "TAG_RESOLVE_FAILED":
      return "expected plain values, found a tag (!…)";
    default:
      return `not YAML: ${message.replace(/:\s.*$/s, "").replace(/"[^"]*"/g, "…")}`;
  }
}

function refusalText(error: unknown): string {
  if (error instanceof RangeError) {
    return "nested too deeply";
  }
  return error instanceof ReferenceError && error.message.startsWith("Excessive")
    ? "aliases (*name) repeat too much of the file"
    : "expected every alias (*name) to come after its anchor (&name)";
}

interface Step {
  readonly keyOffset: number;
  readonly value: Node | null;
}

/** Offset of the path's key or value, or of the deepest ancestor that is written. */
function offsetOf(document: Document, path: ValuePath, of: PlaceOf): number {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, segment] of path.entries()) {
    const step = stepInto(isAlias(node) ? (node.resolve(document) ?? null) : node, segment);
    if (step === undefined) {
      return offset;
    }
    const wantsValue = of === "value" && index === path.length - 1;
    offset = wantsValue ? valueOffset(step) : step.keyOffset;
    node = step.value;
  }
  return offset;
}

function valueOffset({ keyOffset, value }: Step): number {
  const empty = value === null || (isScalar(value) && value.value === null);
  return empty ? keyOffset : (value.range?.[0] ?? keyOffset);
}

function stepInto(node: Node | null, segment: PropertyKey): Step | undefined {
  if (isSeq(node)) {
    const value = node.items[Number(segment)] as Node | null | undefined;
    return value?.range === undefined || value.range === null
      ? undefined
      : { keyOffset: value.range[0], value };
  }
  if (!isMap(node)) {
    return undefined;
  }
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
  return pair === undefined
    ? undefined
    : {
        keyOffset: (pair.key as Node).range?.[0] ?? 0,
        value: pair.value as Node | null,
      };
}
