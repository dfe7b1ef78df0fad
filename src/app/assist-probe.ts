/** Asks each service that agents are helped with once, as the gateway would: model, knowledge, Contact Lens and its stream. */
import type { AwsFailure } from "../core/aws-failure.ts";
import { awsFailure } from "../core/aws-failure.ts";
import { after, type Clock } from "../core/clock.ts";
import { Scope } from "../core/scope.ts";
import type { AdviceFailure } from "../ports/advisor.ts";
import type { KnowledgeFailure } from "../ports/knowledge.ts";
import { createAdvisor } from "./compose-assist.ts";
import { createKnowledgeSource } from "./compose-knowledge.ts";
import type { Config } from "./config.ts";
import { awsAccess } from "./config-aws.ts";

/** What each said; absent: it is not configured. */
export interface AssistFindings {
  readonly advisor?: AdviceFailure | "ok" | undefined;
  readonly knowledge?: KnowledgeFailure | "ok" | undefined;
  readonly contactLens?: AwsFailure | "ok" | undefined;
  /** Or how many shards there are. */
  readonly contactLensStream?: AwsFailure | number | undefined;
}

const TIMEOUT_MS = 10_000;
const QUESTION = "Are you there?";

/** Never rejects. */
export async function probeAssist(config: Config, clock: Clock): Promise<AssistFindings> {
  const ending = new AbortController();
  const timer = after(clock, TIMEOUT_MS, () => ending.abort());
  try {
    const { signal } = ending;
    const [advisor, knowledge, contactLens, contactLensStream] = await Promise.all([
      askAdvisor(config, clock, signal),
      askKnowledge(config, clock, signal),
      askContactLens(config, signal),
      askStream(config, signal),
    ]);
    return { advisor, knowledge, contactLens, contactLensStream };
  } finally {
    timer.cancel();
  }
}

async function askAdvisor(config: Config, clock: Clock, signal: AbortSignal) {
  const scope = new Scope("probe", () => undefined);
  const advisor = await createAdvisor(config, clock, scope);
  try {
    const outcome = await advisor?.advise({
      question: QUESTION,
      history: [],
      knowledge: [],
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    return outcome?.kind === "failed" ? outcome.failure : outcome && ("ok" as const);
  } finally {
    await scope.close();
  }
}

async function askKnowledge(config: Config, clock: Clock, signal: AbortSignal) {
  const source = await createKnowledgeSource(config, clock);
  const outcome = await source?.retrieve({
    question: QUESTION,
    maxPassages: 1,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  source?.close();
  return outcome?.kind === "failed" ? outcome.failure : outcome && ("ok" as const);
}

async function askContactLens({ aws, assist }: Config, signal: AbortSignal) {
  if (assist.contactLens === undefined) {
    return undefined;
  }
  const { probeContactLens } = await import("../ingress/contact-lens-probe.ts");
  const { instanceId } = assist.contactLens;
  return (await probeContactLens(awsAccess(aws), instanceId, signal)) ?? "ok";
}

async function askStream({ aws, assist }: Config, signal: AbortSignal) {
  const streamArn = assist.contactLens?.streamArn;
  if (streamArn === undefined) {
    return undefined;
  }
  const { KinesisStreamApi } = await import("../ingress/kinesis-api.ts");
  const api = new KinesisStreamApi(awsAccess(aws), streamArn);
  try {
    return (await api.openShards(signal)).length;
  } catch (error) {
    return awsFailure(error);
  } finally {
    api.close();
  }
}
