/** Builds what finds passages: the folder, and the service in front of it where one is configured. */
import { KnowledgeIndex } from "../assist/knowledge.ts";
import { KnowledgeDesk } from "../assist/knowledge-desk.ts";
import type { NoticeBoard } from "../assist/notice-board.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Scope } from "../core/scope.ts";
import type { KnowledgeSource } from "../ports/knowledge.ts";
import type { Config } from "./config.ts";
import { awsAccess } from "./config-aws.ts";
import type { AssistScripts } from "./load-assist.ts";

/** What it runs on. */
export interface KnowledgeParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly notices: NoticeBoard;
  readonly scope: Scope;
  readonly knowledge: AssistScripts["knowledge"];
}

/** The client of AWS is loaded only where a service is asked. */
export async function composeKnowledge(
  config: Config,
  { clock, logger, metrics, notices, scope, knowledge }: KnowledgeParts,
): Promise<KnowledgeDesk> {
  const { knowledgeSource } = config.assist;
  const source = await createKnowledgeSource(config, clock);
  const bounds =
    knowledgeSource.kind === "folder" ? { timeoutMs: 0, maxAsked: 0 } : knowledgeSource;
  const desk = new KnowledgeDesk({
    clock,
    logger,
    metrics,
    notices,
    folder: new KnowledgeIndex(knowledge),
    source,
    timeoutMs: bounds.timeoutMs,
    maxAsked: bounds.maxAsked,
  });
  if (source !== undefined) {
    scope.defer("knowledge source", () => source.close());
  }
  scope.defer("knowledge", () => desk.close());
  return desk;
}

/** Whoever gets one closes it; `undefined`: the folder is all there is. */
export async function createKnowledgeSource(
  { aws, assist: { knowledgeSource } }: Pick<Config, "aws" | "assist">,
  clock: Clock,
): Promise<(KnowledgeSource & { close(): void }) | undefined> {
  const access = awsAccess(aws);
  switch (knowledgeSource.kind) {
    case "folder":
      return undefined;
    case "bedrock": {
      const { BedrockKnowledge } = await import("../knowledge/bedrock-knowledge.ts");
      return new BedrockKnowledge({ clock, access, ...knowledgeSource });
    }
    case "kendra": {
      const { KendraKnowledge } = await import("../knowledge/kendra-knowledge.ts");
      return new KendraKnowledge({ clock, access, ...knowledgeSource });
    }
  }
}
