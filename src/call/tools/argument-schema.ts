/** The part of JSON Schema that a tool's arguments may be described with, and how a model's arguments are checked against it. */
import { z } from "zod";
import { compilePattern, patternProblem } from "../route-pattern.ts";

const TYPES = ["object", "array", "string", "integer", "number", "boolean", "null"] as const;
type TypeName = (typeof TYPES)[number];
type Scalar = string | number | boolean | null;

/** One place of the arguments. What is not here is refused when the flow is read. */
export interface ArgumentSchema {
  readonly type?: TypeName | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, ArgumentSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: boolean | undefined;
  readonly items?: ArgumentSchema | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly enum?: readonly Scalar[] | undefined;
  readonly const?: Scalar | undefined;
  readonly pattern?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const length = z.number().int().min(0);
const pattern = z
  .string()
  .min(1)
  .max(200)
  .superRefine((text, context) => {
    const expected = patternProblem(`/${text}/`);
    if (expected !== undefined) {
      context.addIssue({ code: "custom", message: `expected ${expected}` });
    }
  });

const place: z.ZodType<ArgumentSchema> = z.lazy(() =>
  z.strictObject({
    type: z.enum(TYPES).optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    properties: z.record(z.string(), place).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.boolean().optional(),
    items: place.optional(),
    minItems: length.optional(),
    maxItems: length.optional(),
    enum: z.array(scalar).min(1).optional(),
    const: scalar.optional(),
    pattern: pattern.optional(),
    minLength: length.optional(),
    maxLength: length.optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  }),
);

/** What the arguments of a tool may look like: always an object. */
export const argumentSchema = place.refine(
  (schema) => schema.type === "object",
  "expected type: object at the top, because arguments are named",
);

const TYPE_TESTS: Readonly<Record<TypeName, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  integer: Number.isSafeInteger,
  number: (value) => typeof value === "number" && Number.isFinite(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

type Check = (value: unknown, schema: ArgumentSchema, path: string) => string | undefined;

const CHECKS: readonly Check[] = [checkType, checkChoice, checkText, checkNumber, checkItems];

/**
 * What is wrong with a model's arguments, in words the model understands; `undefined`: nothing. The words name places,
 * never values.
 */
export function argumentProblem(
  schema: ArgumentSchema,
  value: unknown,
  path = "arguments",
): string | undefined {
  for (const check of CHECKS) {
    const problem = check(value, schema, path);
    if (problem !== undefined) {
      return problem;
    }
  }
  return isObject(value) ? objectProblem(schema, value, path) : undefined;
}

function checkType(value: unknown, { type }: ArgumentSchema, path: string): string | undefined {
  return type === undefined || TYPE_TESTS[type](value) ? undefined : `${path} must be ${type}`;
}

function checkChoice(value: unknown, schema: ArgumentSchema, path: string): string | undefined {
  const choices = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  return choices === undefined || choices.some((choice) => choice === value)
    ? undefined
    : `${path} must be one of ${JSON.stringify(choices)}`;
}

function checkText(value: unknown, schema: ArgumentSchema, path: string): string | undefined {
  if (typeof value !== "string") {
    return undefined;
  }
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const characters = [...value].length;
  if (characters < minLength || characters > maxLength) {
    return `${path} must have ${rangeText(minLength, maxLength)} characters`;
  }
  return schema.pattern === undefined || compilePattern(`/${schema.pattern}/`)(value)
    ? undefined
    : `${path} must match ${schema.pattern}`;
}

function checkNumber(value: unknown, schema: ArgumentSchema, path: string): string | undefined {
  if (typeof value !== "number") {
    return undefined;
  }
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  return value >= minimum && value <= maximum
    ? undefined
    : `${path} must be ${rangeText(minimum, maximum)}`;
}

function checkItems(value: unknown, schema: ArgumentSchema, path: string): string | undefined {
  if (!Array.isArray(value)) {
    return undefined;
  }
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = schema;
  if (value.length < minItems || value.length > maxItems) {
    return `${path} must have ${rangeText(minItems, maxItems)} entries`;
  }
  return items === undefined
    ? undefined
    : firstProblem(value, (item, index) => argumentProblem(items, item, `${path}[${index}]`));
}

function objectProblem(
  { properties = {}, required = [], additionalProperties = true }: ArgumentSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
): string | undefined {
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) {
    return `${path}.${missing} is missing`;
  }
  if (
    !additionalProperties &&
    Object.keys(value).some((name) => !Object.hasOwn(properties, name))
  ) {
    const known = Object.keys(properties);
    return `${path} must have no other fields than ${known.length === 0 ? "none" : known.join(", ")}`;
  }
  const present = Object.entries(properties).filter(([name]) => Object.hasOwn(value, name));
  return firstProblem(present, ([name, property]) =>
    argumentProblem(property, value[name], `${path}.${name}`),
  );
}

function firstProblem<Entry>(
  entries: readonly Entry[],
  check: (entry: Entry, index: number) => string | undefined,
): string | undefined {
  for (const [index, entry] of entries.entries()) {
    const problem = check(entry, index);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

function rangeText(minimum: number, maximum: number): string {
  if (!Number.isFinite(maximum)) {
    return `at least ${minimum}`;
  }
  return Number.isFinite(minimum) ? `${minimum} to ${maximum}` : `at most ${maximum}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
