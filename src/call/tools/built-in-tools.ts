/** The tools that need nothing but the call: hang up, press keys, hand over, note something down. */
import type { Metrics } from "../../core/metrics.ts";
import type { ToolDefinition } from "../../ports/realtime-model.ts";
import { handOver, TRANSFER_WORDS } from "../hand-over.ts";
import type { TransferTarget } from "../transfer-schema.ts";
import { MODEL_HUNG_UP, transferred } from "../verdicts.ts";
import { DONE, refusal, type Tool } from "./tool.ts";
import type { BuiltInTool } from "./tool-schema.ts";

/** What the built-in tools work with. */
export interface BuiltInToolOptions {
  readonly metrics: Metrics;
  readonly transfers: Readonly<Record<string, TransferTarget>>;
  /** Names that may be set. */
  readonly attributes: readonly string[];
}

const MAX_ATTRIBUTE_CHARACTERS = 1000;

function definition(
  name: BuiltInTool,
  description: string,
  properties: Readonly<Record<string, unknown>>,
): ToolDefinition {
  const parameters = {
    type: "object",
    properties,
    ...(Object.keys(properties).length === 0 ? {} : { required: Object.keys(properties) }),
    additionalProperties: false,
  };
  return { name, description, parameters };
}

/** The tool of this name. */
export function builtInTool(name: BuiltInTool, options: BuiltInToolOptions): Tool {
  switch (name) {
    case "hang_up":
      return HANG_UP;
    case "send_dtmf":
      return SEND_DTMF;
    case "transfer":
      return transferTool(options);
    case "set_attribute":
      return attributeTool(options.attributes);
  }
}

const HANG_UP: Tool = {
  kind: "hangUp",
  definition: definition(
    "hang_up",
    "Ends the phone call. Say goodbye first; what you said is played to the end.",
    {},
  ),
  // A model that is answered speaks again: this one is not, before its last words were played.
  run: async ({ line }) => {
    line.farewell(MODEL_HUNG_UP);
    await untilEnding(line.signal);
    return DONE;
  },
};

function untilEnding(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

const SEND_DTMF: Tool = {
  kind: "sendDtmf",
  definition: definition(
    "send_dtmf",
    "Presses keys on the phone, for instance to get through a menu.",
    { digits: { type: "string", pattern: "^[0-9*#A-D]{1,32}$" } },
  ),
  run: async ({ line, arguments: { digits } }) => {
    try {
      await line.execute({ kind: "sendDigits", digits: String(digits) });
      return DONE;
    } catch {
      return refusal("failed", "The keys could not be pressed.");
    }
  },
};

function transferTool({ transfers, metrics }: BuiltInToolOptions): Tool {
  const names = Object.keys(transfers);
  const known = names.map((name) => {
    const about = transfers[name]?.description;
    return about === undefined ? name : `${name} (${about})`;
  });
  return {
    kind: "transfer",
    definition: definition(
      "transfer",
      `Hands the call over to somebody else and leaves it. Tell the caller first. There are: ${known.join(", ")}.`,
      { to: { type: "string", enum: names } },
    ),
    run: async ({ line, arguments: { to } }) => {
      const name = String(to);
      const target = transfers[name];
      if (target === undefined) {
        return refusal("refused", "There is nobody of this name.");
      }
      const outcome = await handOver(line, target, metrics);
      return outcome === "done"
        ? { ...DONE, afterwards: () => line.end(transferred(name, "model")) }
        : refusal(outcome === "callEnded" ? outcome : "failed", TRANSFER_WORDS[outcome]);
    },
  };
}

function attributeTool(names: readonly string[]): Tool {
  return {
    kind: "setAttribute",
    definition: definition(
      "set_attribute",
      "Notes something about this call for those who read its record.",
      {
        name: { type: "string", enum: names },
        value: { type: "string", maxLength: MAX_ATTRIBUTE_CHARACTERS },
      },
    ),
    run: ({ line, arguments: { name, value } }) =>
      Promise.resolve(
        line.record.setAttribute(String(name), String(value))
          ? DONE
          : refusal("refused", "No more can be noted about this call."),
      ),
  };
}
