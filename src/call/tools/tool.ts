/** What a tool of a model is to the call: what the model is told of it, and what it does. */
import type { ToolUse } from "../../ports/call-store.ts";
import type { ToolDefinition } from "../../ports/realtime-model.ts";
import type { CallLine } from "../call-service.ts";

/** A call of a tool whose arguments were checked. */
export interface ToolCall {
  readonly line: CallLine;
  readonly toolCallId: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What the model is told, and what follows. */
export interface ToolAnswer {
  readonly outcome: ToolUse["outcome"];
  /** JSON. */
  readonly outputJson: string;
  /** Done once the model was told. */
  readonly afterwards?: () => void;
}

/** One tool of a flow. */
export interface Tool {
  readonly kind: ToolUse["kind"];
  readonly definition: ToolDefinition;
  run(call: ToolCall): Promise<ToolAnswer>;
}

/** The answer of a tool that did what it was asked. */
export const DONE: ToolAnswer = { outcome: "done", outputJson: '{"ok":true}' };

/** The answer of a tool that did not, with what the model may make of it. */
export function refusal(outcome: ToolUse["outcome"], error: string): ToolAnswer {
  return { outcome, outputJson: JSON.stringify({ ok: false, error }) };
}
