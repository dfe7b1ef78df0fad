/** Checks a value against a schema and says everything that is wrong with it, in words for the person who wrote it. */
import type { z } from "zod";
import { didYouMean } from "./did-you-mean.ts";
import { GatewayError } from "./errors.ts";
import { maskNumbers } from "./logger.ts";
import {
  expectation,
  type SchemaNode,
  SchemaOutline,
  type ValuePath,
  valueAt,
} from "./schema-outline.ts";

/** Whether a place is asked for by the key itself or by its value. */
export type PlaceOf = "key" | "value";

/** Says where a path was written, for example `gateway.yaml:3:9`. */
export type Locate = (path: ValuePath, of: PlaceOf) => string;

/** What is known of the places that a value was put together from. */
export interface Places {
  readonly locate: Locate;
  /** Whether the value at a path came from where secrets are kept, and must not be shown. */
  readonly isHidden?: (path: ValuePath) => boolean;
}

/** A checked value, or every problem as `place  path: what was expected, what was found`. */
export type Checked<T> =
  | { readonly kind: "good"; readonly value: T }
  | { readonly kind: "bad"; readonly problems: readonly string[] };

type Issue = z.core.$ZodIssue;

interface Problem {
  readonly path: ValuePath;
  readonly of: PlaceOf;
  readonly text: string;
}

/** What was checked, against what. */
interface Subject {
  readonly input: unknown;
  readonly outline: SchemaOutline;
  readonly isSecret: (path: ValuePath) => boolean;
}

const MAX_SHOWN_CHARACTERS = 40;

/**
 * Checks `input`; values of secret fields are never shown. A message of the schema's own is a whole sentence, or what
 * completes "expected …"; what was found is added to the latter.
 */
export function checkValue<T>(schema: z.ZodType<T>, input: unknown, places: Places): Checked<T> {
  const result = schema.safeParse(input, { error: () => "" });
  if (result.success) {
    return { kind: "good", value: result.data };
  }
  const outline = new SchemaOutline(schema);
  const isSecret = (path: ValuePath): boolean =>
    outline.isSecret(path) || places.isHidden?.(path) === true;
  const problems = result.error.issues
    .flatMap((issue) => problemsOf(issue, [], { input, outline, isSecret }))
    .map(({ path, of, text }) => problemLine(places.locate(path, of), path, text));
  return { kind: "bad", problems };
}

/** One line of a problem list. */
export function problemLine(place: string, path: ValuePath, text: string): string {
  return path.length === 0 ? `${place}  ${text}` : `${place}  ${pathText(path)}: ${text}`;
}

/** The error that carries a list of problems in its message, each file's in the order of its lines. */
export function configInvalid(problems: readonly string[]): GatewayError {
  const placed = problems.map((problem) => ({ problem, ...placeOf(problem) }));
  const files = [...new Set(placed.map(({ file }) => file))];
  placed.sort(
    (one, other) =>
      files.indexOf(one.file) - files.indexOf(other.file) ||
      one.line - other.line ||
      one.column - other.column,
  );
  return new GatewayError("CONFIG_INVALID", { problems: placed.map(({ problem }) => problem) });
}

function placeOf(problem: string): { file: string; line: number; column: number } {
  const match = /^(.+?):(\d+):(\d+) {2}/.exec(problem);
  return match === null
    ? { file: "", line: 0, column: 0 }
    : { file: match[1] as string, line: Number(match[2]), column: Number(match[3]) };
}

/** `models.openai.apiKey`, `[2].match.called`. */
export function pathText(path: ValuePath): string {
  return path
    .map((segment) => (typeof segment === "number" ? `[${segment}]` : `.${String(segment)}`))
    .join("")
    .replace(/^\./, "");
}

function problemsOf(issue: Issue, above: ValuePath, subject: Subject): readonly Problem[] {
  const { input, outline } = subject;
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = outline.namesAt(path, input);
    return issue.keys.map((key) => ({
      path: [...path, key],
      of: "key",
      text: `unknown key${didYouMean(key, known) || knownNames(known)}`,
    }));
  }
  if (issue.code === "invalid_key") {
    const expected = issue.message || issue.issues[0]?.message || "another name";
    return [{ path, of: "key", text: `expected ${expected.replace(/^expected /, "")}` }];
  }
  if (issue.code === "invalid_union" && issue.message === "") {
    const nested = nearestAlternative(issue.errors, valueAt(input, path));
    if (nested !== undefined) {
      return nested.flatMap((inner) => problemsOf(inner, path, subject));
    }
  }
  const isSentence = issue.code === "custom" && !/^expected (?!.*found )/.test(issue.message);
  const text = isSentence ? issue.message : mismatch(issue, path, subject);
  return [{ path, of: "value", text }];
}

/** The alternative that takes this kind of value and only minds what is inside it. */
function nearestAlternative(
  alternatives: readonly (readonly Issue[])[],
  value: unknown,
): readonly Issue[] | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  return alternatives.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
  );
}

function mismatch(issue: Issue, path: ValuePath, { input, outline, isSecret }: Subject): string {
  const value = valueAt(input, path);
  const nodes = outline.nodesAt(path, discriminated(issue) ? undefined : input);
  const told = issue.message.replace(/^expected /, "");
  const expected = told || expectation(nodes) || "another value";
  if (value === undefined || value === null) {
    return `is missing: expected ${expected}`;
  }
  const hint = hintFor(nodes, value);
  const found = foundText(value, nodes, isSecret(path));
  return `expected ${expected}, found ${found}${hint}`;
}

/** The wrong value of a union's fixed field must not narrow what is offered. */
function discriminated(issue: Issue): boolean {
  return issue.code === "invalid_union" && issue.errors.length === 0;
}

function hintFor(nodes: readonly SchemaNode[], value: unknown): string {
  if (typeof value === "number" && nodes.some((node) => node.type === "string")) {
    return ": quote it, or YAML drops its + and leading zeros";
  }
  const isNumeric = typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value);
  if (isNumeric && nodes.some(({ type }) => type === "integer" || type === "number")) {
    return ": write it without quotes";
  }
  const choices = nodes.flatMap((node) => [...(node.enum ?? []), node.const]);
  const names = choices.filter((choice): choice is string => typeof choice === "string");
  return typeof value === "string" ? didYouMean(value, names) : "";
}

function foundText(value: unknown, nodes: readonly SchemaNode[], secret: boolean): string {
  if (Array.isArray(value)) {
    return "a list";
  }
  switch (typeof value) {
    case "object":
      return "fields";
    case "number":
      return secret || nodes.some(({ type }) => type === "string") ? "a number" : String(value);
    case "string":
      return secret || nodes.every(({ type }) => type === "object") ? "text" : shown(value);
    default:
      return secret ? "another value" : String(value);
  }
}

function shown(text: string): string {
  const cut = text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
  return JSON.stringify(maskNumbers(cut));
}

function knownNames(known: readonly string[]): string {
  return known.length === 0 ? "" : `; known here: ${known.join(", ")}`;
}
