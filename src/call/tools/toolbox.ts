/** From the names and descriptions of a flow to tools that can be called. */
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { ToolWebhook } from "../../ports/tool-webhook.ts";
import type { TransferTarget } from "../transfer-schema.ts";
import { builtInTool } from "./built-in-tools.ts";
import type { Tool } from "./tool.ts";
import type { FlowTool } from "./tool-schema.ts";
import { webhookTool } from "./webhook-tool.ts";

/** What a flow allows its model. */
export interface ToolPlan {
  readonly tools: readonly FlowTool[];
  readonly transfers: Readonly<Record<string, TransferTarget>>;
  /** Names that `set_attribute` may set. */
  readonly attributes: readonly string[];
}

/** What tools work with. */
export interface ToolParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly webhook: ToolWebhook;
}

/** The tools of a flow, in its order. */
export function toolbox({ tools, transfers, attributes }: ToolPlan, parts: ToolParts): Tool[] {
  const { metrics } = parts;
  return tools.map((tool) =>
    typeof tool === "string"
      ? builtInTool(tool, { metrics, transfers, attributes })
      : webhookTool(tool, parts),
  );
}
