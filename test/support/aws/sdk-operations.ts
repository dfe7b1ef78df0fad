/** Operations of a service as its own SDK describes them: which request asks for which, and whether its input is right. */
import { NormalizedSchema } from "@smithy/core/schema";
import type { AwsRequest } from "./aws-stand-in.ts";

/** What a request asks for, or why it cannot be asked. */
export type ReadInput =
  | { readonly kind: "good"; readonly input: SdkInput }
  | { readonly kind: "bad"; readonly problem: string };

/** Members by name: from the path, the query and the body. */
export type SdkInput = Readonly<Record<string, unknown>>;

/** One operation of a REST service. */
export interface SdkOperation {
  readonly name: string;
  readonly method: string;
  /** Of the answer when all went well. */
  readonly status: number;
  readonly matches: (request: AwsRequest) => boolean;
  readonly read: (request: AwsRequest) => ReadInput;
}

type Schema = Parameters<typeof NormalizedSchema.of>[0];

/** How the SDK writes an operation down: kind 9, namespace, name, traits, input, output. */
type OperationSchema = readonly [9, string, string, { http: [string, string, number] }, Schema];

/** The operations that a client's module exports; the more exact path first. */
export function operationsOf(sdk: Readonly<Record<string, unknown>>): readonly SdkOperation[] {
  return Object.values(sdk)
    .filter(isOperation)
    .sort(([, , , one], [, , , other]) => labelCount(one.http[1]) - labelCount(other.http[1]))
    .map(operationOf);
}

/** The one that a request asks for. */
export function operationFor(
  operations: readonly SdkOperation[],
  request: AwsRequest,
): SdkOperation | undefined {
  return operations.find(({ matches }) => matches(request));
}

function isOperation(value: unknown): value is OperationSchema {
  return Array.isArray(value) && value[0] === 9 && Array.isArray(value[3]?.http);
}

function labelCount(path: string): number {
  return path.split("{").length;
}

function operationOf([, , name, { http }, schema]: OperationSchema): SdkOperation {
  const [method, template, status] = http;
  const [path = "", fixedQuery = ""] = template.split("?");
  const fixed = [...new URLSearchParams(fixedQuery)];
  const labels = [...path.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1] as string);
  const pattern = new RegExp(
    `^${path.replace(/\{\w+\}/g, "([^/]+)").replace(/\{\w+\+\}/g, "(.+)")}$`,
  );
  return {
    name,
    method,
    status,
    matches: (request) =>
      request.method === method &&
      pattern.test(request.path) &&
      fixed.every(([key, value]) => request.query.get(key) === value),
    read: (request) => {
      const found = pattern.exec(request.path)?.slice(1) ?? [];
      const fromPath = Object.fromEntries(labels.map((label, index) => [label, found[index]]));
      return readInput(NormalizedSchema.of(schema), request, {
        fromPath,
        fixed: new Set(fixed.map(([key]) => key)),
      });
    },
  };
}

interface Template {
  readonly fromPath: Readonly<Record<string, unknown>>;
  readonly fixed: ReadonlySet<string>;
}

function readInput(
  schema: NormalizedSchema,
  request: AwsRequest,
  { fromPath, fixed }: Template,
): ReadInput {
  const input: Record<string, unknown> = { ...fromPath };
  const inBody: string[] = [];
  const inQuery = new Set<string>(fixed);
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits();
    const key = traits.httpQuery;
    if (key !== undefined) {
      inQuery.add(key);
      const text = request.query.get(key);
      if (text !== null) {
        // A list is its parameter, repeated.
        input[name] = member.isListSchema() ? request.query.getAll(key) : fromText(text, member);
      }
    } else if (traits.httpLabel === undefined) {
      inBody.push(name);
    }
  }
  const strange = [...request.query.keys()].find((key) => !inQuery.has(key) && key !== "x-id");
  if (strange !== undefined) {
    return { kind: "bad", problem: `no query parameter ${strange}` };
  }
  const body = bodyOf(request);
  if (body === undefined) {
    return { kind: "bad", problem: "the body is no JSON object" };
  }
  Object.assign(input, body);
  const unknown = Object.keys(body).find((name) => !inBody.includes(name));
  const problem =
    unknown === undefined ? problemOf(schema, input, "input") : `no member ${unknown} in the body`;
  return problem === undefined ? { kind: "good", input } : { kind: "bad", problem };
}

function bodyOf({ body }: AwsRequest): Record<string, unknown> | undefined {
  if (body.length === 0) {
    return {};
  }
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function fromText(text: string, member: NormalizedSchema): unknown {
  if (member.isNumericSchema()) {
    return Number(text);
  }
  return member.isBooleanSchema() ? text === "true" : text;
}

/** What is wrong with a value, by its type alone; ranges and choices are the service's business. */
function problemOf(schema: NormalizedSchema, value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (schema.isStructSchema()) {
    return structProblem(schema, value, where);
  }
  if (schema.isListSchema()) {
    return Array.isArray(value)
      ? value
          .map((item, index) => problemOf(schema.getValueSchema(), item, `${where}[${index}]`))
          .find((problem) => problem !== undefined)
      : `${where} is no list`;
  }
  const expected = schema.isBooleanSchema()
    ? "boolean"
    : schema.isNumericSchema()
      ? "number"
      : schema.isStringSchema()
        ? "string"
        : undefined;
  const isWrong = expected !== undefined && typeof value !== expected;
  return isWrong ? `${where} is no ${expected}` : undefined;
}

function structProblem(
  schema: NormalizedSchema,
  value: unknown,
  where: string,
): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `${where} is no object`;
  }
  const members = new Map(schema.structIterator());
  const required = [...members.keys()].slice(0, requiredCount(schema));
  const missing = required.find((name) => (value as SdkInput)[name] === undefined);
  if (missing !== undefined) {
    return `${where}.${missing} is missing`;
  }
  for (const [name, child] of Object.entries(value)) {
    const member = members.get(name);
    const problem =
      member === undefined
        ? `no member ${name} in ${where}`
        : problemOf(member, child, `${where}.${name}`);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

/** Required members are written first; how many they are is the last entry of a structure. */
function requiredCount(schema: NormalizedSchema): number {
  const count = (schema.getSchema() as readonly unknown[])[6];
  return typeof count === "number" ? count : 0;
}
