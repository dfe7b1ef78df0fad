/** Reads the arguments that a model wrote for a tool: text that nobody has checked. */
import { type ArgumentSchema, argumentProblem } from "./argument-schema.ts";

/** Arguments that can be used, or what is wrong with them, in words the model understands. */
export type ReadArguments =
  | { readonly kind: "good"; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: "bad"; readonly problem: string };

/** Longer arguments are not read. */
const MAX_CHARACTERS = 16_384;

/** Arguments that do not matter, because none are expected, are not read: some models write none, or not JSON. */
export function readArguments(
  argumentsJson: string,
  schema: Readonly<Record<string, unknown>>,
): ReadArguments {
  const expected = schema as ArgumentSchema;
  const expectsNone = Object.keys(expected.properties ?? {}).length === 0;
  if (expectsNone && expected.additionalProperties === false) {
    return { kind: "good", value: {} };
  }
  if (argumentsJson.length > MAX_CHARACTERS) {
    return { kind: "bad", problem: `arguments must have at most ${MAX_CHARACTERS} characters` };
  }
  let value: unknown;
  try {
    value = JSON.parse(argumentsJson.trim() === "" ? "{}" : argumentsJson);
  } catch {
    return { kind: "bad", problem: "arguments must be JSON" };
  }
  const problem = argumentProblem(expected, value);
  return problem === undefined
    ? { kind: "good", value: value as Readonly<Record<string, unknown>> }
    : { kind: "bad", problem };
}
