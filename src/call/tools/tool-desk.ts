/** Takes the tool calls of one conversation: checks them, runs a few at a time, and answers each exactly once. */
import { BoundedMap } from "../../core/bounded-map.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { ToolDefinition } from "../../ports/realtime-model.ts";
import type { CallLine } from "../call-service.ts";
import { readArguments } from "./arguments.ts";
import { refusal, type Tool, type ToolAnswer } from "./tool.ts";

/** What the desk works with. */
export interface ToolDeskOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tools: readonly Tool[];
}

/** A tool call as the model made it: untrusted text. */
export interface RequestedTool {
  readonly toolCallId: string;
  readonly name: string;
  readonly argumentsJson: string;
}

/** Webhooks of one call that may be asked at the same time. */
const MAX_RUNNING = 8;
/** Calls remembered, so that one that comes twice is answered once. */
const REMEMBERED_CALLS = 256;

/** The tools of one call. */
export class ToolDesk {
  readonly #options: ToolDeskOptions;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #known = new BoundedMap<string, true>(REMEMBERED_CALLS);
  #running = 0;

  constructor(options: ToolDeskOptions) {
    this.#options = options;
    this.#tools = new Map(options.tools.map((tool) => [tool.definition.name, tool]));
  }

  /** What the model is told. */
  get definitions(): readonly ToolDefinition[] {
    return this.#options.tools.map(({ definition }) => definition);
  }

  /** Never throws, never rejects: a tool that fails is a tool that says so. */
  async take(line: CallLine, request: RequestedTool): Promise<void> {
    const { clock } = this.#options;
    const tool = this.#tools.get(request.name);
    if (this.#known.get(request.toolCallId) === true) {
      this.#count(tool, "repeated");
      return;
    }
    this.#known.set(request.toolCallId, true);
    const startedUs = clock.nowUs();
    const atMs = clock.wallMs();
    const answer = await this.#answer(line, tool, request);
    const ms = Math.round((clock.nowUs() - startedUs) / 1000);
    const name = tool === undefined ? "unknown" : request.name;
    const kind = tool?.kind ?? "unknown";
    line.record.addTool({ name, kind, atMs, ms, outcome: answer.outcome });
    this.#count(tool, answer.outcome);
    this.#options.metrics.observe("trunkline_tool_ms", ms);
    this.#tell(line, request.toolCallId, answer);
  }

  async #answer(
    line: CallLine,
    tool: Tool | undefined,
    { toolCallId, argumentsJson }: RequestedTool,
  ): Promise<ToolAnswer> {
    if (tool === undefined) {
      return refusal("refused", "There is no such tool in this call.");
    }
    const read = readArguments(argumentsJson, tool.definition.parameters);
    if (read.kind === "bad") {
      return refusal("badArguments", read.problem);
    }
    const isCounted = tool.kind === "webhook";
    if (isCounted && this.#running >= MAX_RUNNING) {
      return refusal("busy", "Too many tools are running. Wait for their results.");
    }
    this.#running += isCounted ? 1 : 0;
    try {
      return await tool.run({ line, toolCallId, arguments: read.value });
    } catch (error) {
      this.#options.logger.error("tool failed on a fault of ours", { tool: tool.kind, error });
      return refusal("failed", "The tool failed.");
    } finally {
      this.#running -= isCounted ? 1 : 0;
    }
  }

  #tell(line: CallLine, toolCallId: string, { outputJson, afterwards }: ToolAnswer): void {
    line.execute({ kind: "toolResult", toolCallId, outputJson }).catch((error: unknown) => {
      this.#options.logger.debug("tool result came too late", { error });
    });
    afterwards?.();
  }

  #count(tool: Tool | undefined, outcome: ToolAnswer["outcome"]): void {
    const labels = { tool: tool?.kind ?? "unknown", outcome };
    this.#options.metrics.increment("trunkline_tool_calls_total", labels);
  }
}
