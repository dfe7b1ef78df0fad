/** Checks the parameters of a block against its type: names, shapes, ranges, references, and what excludes what. */
import { didYouMean } from "../../core/did-you-mean.ts";
import type { ValuePath } from "../../core/schema-outline.ts";
import { arnShape, readArn } from "./arns.ts";
import type { BlockFinding } from "./finding.ts";
import type { ParameterTable, ParameterType } from "./parameter-types.ts";
import { isReference, referenceProblem } from "./references.ts";

/** An ARN that was found, for whoever compares them. */
export interface FoundArn {
  readonly path: ValuePath;
  readonly text: string;
  readonly kind: Extract<ParameterType, { kind: "arn" }>["of"];
}

/** What came of it. */
export interface CheckedParameters {
  readonly findings: readonly BlockFinding[];
  readonly arns: readonly FoundArn[];
}

/** A placeholder of a template, which {@link renderFlow} replaces. */
const PLACEHOLDER = /<<[^<>]*>>/;
const MAX_SHOWN = 60;

/** Checks a structure whose fields are described by a table. */
export function checkFields(
  value: unknown,
  table: ParameterTable,
  path: ValuePath,
): CheckedParameters {
  const findings: BlockFinding[] = [];
  const arns: FoundArn[] = [];
  if (!isRecord(value)) {
    return { findings: [{ path, text: `expected fields, found ${shown(value)}` }], arns };
  }
  const names = Object.keys(table.members);
  for (const [name, member] of Object.entries(value)) {
    const rule = table.members[name];
    if (rule === undefined) {
      const known = names.length === 0 ? "it takes none" : `it takes ${names.join(", ")}`;
      const hint = didYouMean(name, names) || `; ${known}`;
      findings.push({ path: [...path, name], of: "key", text: `unknown parameter${hint}` });
    } else {
      const checked = checkValue(member, rule.type, [...path, name]);
      findings.push(...checked.findings);
      arns.push(...checked.arns);
    }
  }
  for (const [name, rule] of Object.entries(table.members)) {
    if (rule.required === true && value[name] === undefined) {
      const text = `is missing: expected ${words(rule.type)}`;
      findings.push({ path: [...path, name], of: "key", text });
    }
  }
  findings.push(...(table.oneOf ?? []).flatMap((group) => oneOfProblem(value, group, path)));
  return { findings, arns };
}

function oneOfProblem(
  value: Readonly<Record<string, unknown>>,
  group: readonly string[],
  path: ValuePath,
): readonly BlockFinding[] {
  const there = group.filter((name) => value[name] !== undefined);
  if (there.length === 1) {
    return [];
  }
  const [, second] = there;
  const found = there.length === 0 ? "none of them" : there.join(" and ");
  const at = second ?? group[0] ?? "";
  const text = `expected exactly one of ${group.join(", ")}, found ${found}`;
  return [{ path: [...path, at], of: "key", text }];
}

function checkValue(value: unknown, type: ParameterType, path: ValuePath): CheckedParameters {
  switch (type.kind) {
    case "any":
      return { findings: [], arns: [] };
    case "object":
      return checkFields(value, type.fields, path);
    case "list":
      return checkList(value, type, path);
    case "record":
      return { findings: recordProblems(value, type.maxEntries, path), arns: [] };
    default:
      return checkScalar(value, type, path);
  }
}

function checkList(
  value: unknown,
  { item, max }: Extract<ParameterType, { kind: "list" }>,
  path: ValuePath,
): CheckedParameters {
  if (!Array.isArray(value)) {
    return { findings: [{ path, text: `expected a list, found ${shown(value)}` }], arns: [] };
  }
  const bound =
    value.length > max
      ? [{ path, text: `expected at most ${max} entries, found ${value.length}` }]
      : [];
  const items = value.map((each: unknown, index) => checkValue(each, item, [...path, index]));
  return {
    findings: [...bound, ...items.flatMap(({ findings }) => findings)],
    arns: items.flatMap(({ arns }) => arns),
  };
}

function recordProblems(value: unknown, max: number, path: ValuePath): readonly BlockFinding[] {
  if (!isRecord(value)) {
    return [{ path, text: `expected names and values, found ${shown(value)}` }];
  }
  const entries = Object.entries(value);
  const bound =
    entries.length > max
      ? [{ path, text: `expected at most ${max} entries, found ${entries.length}` }]
      : [];
  return [
    ...bound,
    ...entries.flatMap(([name, member]) =>
      scalarProblem(member, { kind: "text", maxCharacters: 32_768 }, [...path, name]),
    ),
  ];
}

function checkScalar(value: unknown, type: ParameterType, path: ValuePath): CheckedParameters {
  const findings = scalarProblem(value, type, path);
  const isArn =
    type.kind === "arn" &&
    typeof value === "string" &&
    findings.length === 0 &&
    !isReference(value);
  return { findings, arns: isArn ? [{ path, text: value, kind: type.of }] : [] };
}

function scalarProblem(
  value: unknown,
  type: ParameterType,
  path: ValuePath,
): readonly BlockFinding[] {
  if (typeof value !== "string") {
    const isBare = typeof value === "number" || typeof value === "boolean";
    const hint = isBare ? `: all values are strings, write "${String(value)}"` : "";
    return [{ path, text: `expected ${words(type)}, found ${shown(value)}${hint}` }];
  }
  const placeholder = PLACEHOLDER.exec(value)?.[0];
  if (placeholder !== undefined) {
    return [{ path, text: `the placeholder ${placeholder} is not resolved` }];
  }
  if (isReference(value)) {
    const problem = referenceProblem(value);
    return problem === undefined ? [] : [{ path, text: problem }];
  }
  return isRight(value, type)
    ? []
    : [{ path, text: `expected ${words(type)}, found ${shown(value)}` }];
}

function isRight(value: string, type: ParameterType): boolean {
  switch (type.kind) {
    case "text":
      return (
        value !== "" &&
        value.length <= type.maxCharacters &&
        (type.pattern === undefined || type.pattern.test(value))
      );
    case "number":
      return /^\d{1,9}$/.test(value) && Number(value) >= type.min && Number(value) <= type.max;
    case "choice":
      return type.of.includes(value);
    case "arn":
      return readArn(type.of, value) !== undefined;
    default:
      return true;
  }
}

function words(type: ParameterType): string {
  switch (type.kind) {
    case "text":
      return type.words ?? `text of 1 to ${type.maxCharacters} characters`;
    case "number":
      return `a number from "${type.min}" to "${type.max}"`;
    case "choice":
      return type.of.map((word) => `"${word}"`).join(" or ");
    case "arn":
      return arnShape(type.of);
    case "list":
      return "a list";
    case "record":
      return "names and values";
    case "object":
      return "fields";
    case "any":
      return "a value";
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
