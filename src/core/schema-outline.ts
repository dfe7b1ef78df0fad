/** What a schema expects at a path, in plain words: names, types, ranges, and which values are secret. */
import { z } from "zod";

/** Keys and list positions from the root to a value. */
export type ValuePath = readonly PropertyKey[];

/** The part of JSON Schema that zod writes and people need. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly description?: string;
  readonly default?: unknown;
  readonly writeOnly?: boolean;
}

/** Keys whose values are never shown, even where the schema does not know them. */
const SECRET_KEY = /key$|secret|token|password|credential/i;

/** Answers questions about a schema; made when a value was refused, not on the way of good ones. */
export class SchemaOutline {
  readonly #root: SchemaNode;

  constructor(schema: z.ZodType) {
    this.#root = jsonSchemaOf(schema);
  }

  /** Every alternative the schema has at `path`; `input` narrows unions by their fixed fields. */
  nodesAt(path: ValuePath, input: unknown): readonly SchemaNode[] {
    let nodes = alternatives(this.#root, input);
    let value = input;
    for (const segment of path) {
      value = childOf(value, segment);
      nodes = nodes.flatMap((node) => {
        const child = childNode(node, segment);
        return child === undefined ? [] : alternatives(child, value);
      });
    }
    return nodes;
  }

  /** Names of the fields that may stand under `path`. */
  namesAt(path: ValuePath, input: unknown): readonly string[] {
    const nodes = this.nodesAt(path, input);
    return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
  }

  /** Whether the value at `path`, or anything above it, must not be shown. */
  isSecret(path: ValuePath): boolean {
    return path.some((segment, index) => {
      const above = path.slice(0, index + 1);
      return (
        (typeof segment === "string" && SECRET_KEY.test(segment)) ||
        this.nodesAt(above, undefined).some((node) => node.writeOnly === true)
      );
    });
  }
}

/** The JSON Schema of what may be written; `writeOnly` marks secrets. */
export function jsonSchemaOf(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as SchemaNode;
}

/** What is expected, for example `a whole number from 0 to 65535 or "auto"`. */
export function expectation(nodes: readonly SchemaNode[]): string {
  const choices = nodes.flatMap((node) => node.enum ?? ("const" in node ? [node.const] : []));
  const others = nodes.filter((node) => node.enum === undefined && !("const" in node));
  const phrases = [...new Set(others.map(phraseOf))];
  const listed = choices.map((choice) => JSON.stringify(choice)).join(", ");
  const offered = choices.length > 1 ? [`one of ${listed}`] : choices.length === 1 ? [listed] : [];
  return [...offered, ...phrases].join(" or ");
}

/** The value under `segment`, if `value` has children. */
export function childOf(value: unknown, segment: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) {
    return undefined;
  }
  return (value as Readonly<Record<PropertyKey, unknown>>)[segment];
}

/** The value at `path`. */
export function valueAt(root: unknown, path: ValuePath): unknown {
  return path.reduce(childOf, root);
}

function alternatives(node: SchemaNode, value: unknown): readonly SchemaNode[] {
  const options = node.anyOf ?? node.oneOf;
  if (options === undefined) {
    return [node];
  }
  const fitting = options.filter((option) => hasFixedFields(option, value));
  return (fitting.length > 0 ? fitting : options).flatMap((option) => alternatives(option, value));
}

/** Whether every field the option fixes, and `value` has, agrees. */
function hasFixedFields(option: SchemaNode, value: unknown): boolean {
  return Object.entries(option.properties ?? {}).every(([name, property]) => {
    const found = childOf(value, name);
    return !("const" in property) || found === undefined || found === property.const;
  });
}

function childNode(node: SchemaNode, segment: PropertyKey): SchemaNode | undefined {
  if (typeof segment === "number") {
    return node.items;
  }
  const name = String(segment);
  const properties = node.properties ?? {};
  if (Object.hasOwn(properties, name)) {
    return properties[name];
  }
  return typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
}

function phraseOf(node: SchemaNode): string {
  switch (node.type) {
    case "integer":
      return `a whole number${span(node.minimum, node.maximum)}`;
    case "number":
      return `a number${span(node.minimum, node.maximum)}`;
    case "boolean":
      return "true or false";
    case "string":
      return `text${count(node.minLength, node.maxLength, "characters")}`;
    case "array":
      return `a list${count(node.minItems, node.maxItems, "entries")}`;
    case "object":
      return node.properties === undefined
        ? "named entries"
        : `fields (${Object.keys(node.properties).join(", ")})`;
    default:
      return "another value";
  }
}

function span(minimum: number | undefined, maximum: number | undefined): string {
  const low = Number.MIN_SAFE_INTEGER === minimum ? undefined : minimum;
  const high = Number.MAX_SAFE_INTEGER === maximum ? undefined : maximum;
  if (low !== undefined && high !== undefined) {
    return ` from ${low} to ${high}`;
  }
  return low !== undefined ? ` of at least ${low}` : high !== undefined ? ` up to ${high}` : "";
}

function count(minimum: number | undefined, maximum: number | undefined, unit: string): string {
  const range = span(minimum === 0 ? undefined : minimum, maximum);
  return range === "" || (minimum === 1 && maximum === undefined) ? "" : `${range} ${unit}`;
}
