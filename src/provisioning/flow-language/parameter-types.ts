/** Types of the parameters of blocks: what a value may be, as data, so that the table of blocks reads like the documents. */
import type { ArnKind } from "./arns.ts";

/** What a parameter may hold. All scalars of the flow language are strings, numbers and truth values too. */
export type ParameterType =
  | {
      readonly kind: "text";
      readonly maxCharacters: number;
      readonly pattern?: RegExp;
      readonly words?: string;
    }
  | { readonly kind: "number"; readonly min: number; readonly max: number }
  | { readonly kind: "choice"; readonly of: readonly string[] }
  | { readonly kind: "arn"; readonly of: ArnKind }
  /** Names and values of the author's own. */
  | { readonly kind: "record"; readonly maxEntries: number }
  | { readonly kind: "list"; readonly item: ParameterType; readonly max: number }
  | { readonly kind: "object"; readonly fields: ParameterTable }
  /** Not looked into. */
  | { readonly kind: "any" };

/** A parameter and whether it has to be there. */
export interface ParameterRule {
  readonly type: ParameterType;
  readonly required?: boolean;
}

/** Parameters by name, and how they go together. */
export interface ParameterTable {
  readonly members: Readonly<Record<string, ParameterRule>>;
  /** Exactly one of each group has to be there. */
  readonly oneOf?: readonly (readonly string[])[];
}

/** Text of the author's, or a reference. */
export function text(maxCharacters = 1024, pattern?: RegExp, words?: string): ParameterType {
  return {
    kind: "text",
    maxCharacters,
    ...(pattern === undefined ? {} : { pattern }),
    ...(words === undefined ? {} : { words }),
  };
}

/** A whole number, written as a string. */
export function number(min: number, max: number): ParameterType {
  return { kind: "number", min, max };
}

/** One of a few words. */
export function choice(...of: readonly string[]): ParameterType {
  return { kind: "choice", of };
}

/** An ARN. */
export function arn(of: ArnKind): ParameterType {
  return { kind: "arn", of };
}

/** A list. */
export function list(item: ParameterType, max = 50): ParameterType {
  return { kind: "list", item, max };
}

/** A structure. */
export function object(
  members: ParameterTable["members"],
  oneOf: readonly (readonly string[])[] = [],
): ParameterType {
  return { kind: "object", fields: { members, oneOf } };
}

/** Names and values. */
export function record(maxEntries = 100): ParameterType {
  return { kind: "record", maxEntries };
}

/** It has to be there. */
export function required(type: ParameterType): ParameterRule {
  return { type, required: true };
}

/** It may be there. */
export function optional(type: ParameterType): ParameterRule {
  return { type };
}
