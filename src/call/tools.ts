/** The functions a model may call during a call: what it is told of them, and what they take. */
import type { ToolDefinition } from "../ports/realtime-model.ts";

/** The tools of this version; a flow chooses among them. */
export const TOOL_NAMES = ["hang_up", "send_dtmf"] as const;

/** A name of {@link TOOL_NAMES}. */
export type ToolName = (typeof TOOL_NAMES)[number];

const DEFINITIONS: Readonly<Record<ToolName, ToolDefinition>> = {
  hang_up: {
    name: "hang_up",
    description: "Ends the phone call. Say goodbye first; what you said is played to the end.",
    parameters: { type: "object", properties: {}, additionalProperties: false },
  },
  send_dtmf: {
    name: "send_dtmf",
    description: "Presses keys on the phone, for instance to get through a menu.",
    parameters: {
      type: "object",
      properties: { digits: { type: "string", pattern: "^[0-9*#A-D]{1,32}$" } },
      required: ["digits"],
      additionalProperties: false,
    },
  },
};

/** What the model is told of the tools a flow allows. */
export function toolDefinitions(names: readonly ToolName[]): readonly ToolDefinition[] {
  return names.map((name) => DEFINITIONS[name]);
}

/** A tool call that was checked, or what was wrong with it, in words the model understands. */
export type CheckedToolCall =
  | { readonly kind: "hangUp" }
  | { readonly kind: "sendDtmf"; readonly digits: string }
  | { readonly kind: "refused"; readonly error: string };

/** Checks a call against the flow's tools; arguments are untrusted text. */
export function checkToolCall(
  name: string,
  argumentsJson: string,
  allowed: readonly string[],
): CheckedToolCall {
  if (!allowed.includes(name)) {
    return { kind: "refused", error: "There is no such tool in this call." };
  }
  if (name === "hang_up") {
    return { kind: "hangUp" };
  }
  const digits = digitsOf(argumentsJson);
  return digits === undefined
    ? { kind: "refused", error: "digits must be 1 to 32 of 0-9, *, # and A-D." }
    : { kind: "sendDtmf", digits };
}

function digitsOf(argumentsJson: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(argumentsJson);
  } catch {
    return undefined;
  }
  const digits = (parsed as { digits?: unknown } | null)?.digits;
  return typeof digits === "string" && /^[0-9*#A-D]{1,32}$/.test(digits) ? digits : undefined;
}
