/** Builds the help for agents: local knowledge, the model where one is configured, and the assistant of chats. */
import { AdviceDesk } from "../assist/advice-desk.ts";
import { LocalChatAssistant } from "../assist/local-chat-assistant.ts";
import type { NoticeBoard } from "../assist/notice-board.ts";
import type { AgentHelp } from "../call/recording/recording-service.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Scope } from "../core/scope.ts";
import { OpenAiAdvisor } from "../models/openai-advisor.ts";
import type { Advisor } from "../ports/advisor.ts";
import type { Bus } from "../ports/bus.ts";
import type { ChatAssistant } from "../ports/chat-assistant.ts";
import { createTextFetcher } from "../webhooks/text-fetcher.ts";
import { composeKnowledge } from "./compose-knowledge.ts";
import type { Config } from "./config.ts";
import type { CallScripts } from "./load-flows.ts";

/** What the help runs on. */
export interface AssistParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly bus: Bus;
  readonly scope: Scope;
  /** Where parts of this node say that they fail. */
  readonly notices: NoticeBoard;
  readonly scripts: Pick<CallScripts, "assist">;
}

/** What helps agents. */
export interface AssistComposition {
  /** In calls. */
  readonly help: AgentHelp;
  /** In chats. */
  readonly assistant: ChatAssistant;
}

/** The client of AWS is loaded only where a model of Bedrock advises. */
export async function composeAssist(
  config: Config,
  parts: AssistParts,
): Promise<AssistComposition> {
  const { clock, logger, metrics, bus, scope, notices, scripts } = parts;
  const { advisor: settings, cors, chatsPerSecond, chatBurst, snsTopics } = config.assist;
  const desk = new AdviceDesk({
    clock,
    logger,
    metrics,
    notices,
    knowledge: await composeKnowledge(config, {
      ...parts,
      knowledge: scripts.assist.knowledge,
    }),
    advisor: await createAdvisor(config, clock, scope),
    timeoutMs: settings.kind === "local" ? 0 : settings.timeoutMs,
  });
  scope.defer("advisor", () => desk.close());
  const { playbook } = scripts.assist;
  const assistant = new LocalChatAssistant({
    clock,
    metrics,
    bus,
    desk,
    playbook,
    corsOrigins: cors,
    rate: { perSecond: chatsPerSecond, burst: chatBurst },
    topics: snsTopics,
    fetchText: createTextFetcher(clock),
  });
  return { help: { desk, playbook }, assistant };
}

/** `undefined`: no model is configured. */
export async function createAdvisor(
  { assist: { advisor } }: Pick<Config, "assist">,
  clock: Clock,
  scope: Scope,
): Promise<Advisor | undefined> {
  switch (advisor.kind) {
    case "local":
      return undefined;
    case "openai":
      return new OpenAiAdvisor({ clock, ...advisor });
    case "bedrock": {
      const { BedrockAdvisor } = await import("../models/bedrock-advisor.ts");
      const { region, endpoint, model, accessKeyId, secretAccessKey, sessionToken } = advisor;
      const keys =
        accessKeyId === undefined || secretAccessKey === undefined
          ? undefined
          : { accessKeyId, secretAccessKey, sessionToken };
      const bedrock = new BedrockAdvisor({ clock, address: { region, endpoint, keys }, model });
      scope.defer("bedrock", () => bedrock.close());
      return bedrock;
    }
  }
}
