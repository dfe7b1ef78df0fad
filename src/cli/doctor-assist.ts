/** What the doctor says of the services that agents are helped with: each was asked once. */
import type { Config } from "../app/config.ts";
import type { Check } from "./doctor-checks.ts";
import type { Machine } from "./machine.ts";

/** What failures mean, whoever fails. */
const MEANINGS: Readonly<Record<string, string>> = {
  unreachable: "cannot be reached",
  refused: "refused us: the key, the permission or the name is wrong",
  rateLimited: "is asked too often",
  status: "failed, or did not understand us",
  badAnswer: "does not keep to the shape that answers need",
  tooBig: "answers too much",
  timedOut: "gave no answer in time",
  busy: "is busy",
};

interface Service {
  readonly name: string;
  /** `undefined`: it is not configured. */
  readonly finding: string | number | undefined;
  readonly well: string;
  /** What happens while it fails. */
  readonly meanwhile: string;
  /** Which field mends it when it refuses, and when it cannot be reached. */
  readonly refused: string;
  readonly unreachable: string;
}

/** Warnings only: without any of them the gateway helps as far as it can. */
export async function assistChecks(config: Config, machine: Machine): Promise<readonly Check[]> {
  const { advisor, knowledgeSource, contactLens } = config.assist;
  const isConfigured =
    advisor.kind !== "local" || knowledgeSource.kind !== "folder" || contactLens !== undefined;
  if (!isConfigured) {
    return [];
  }
  const found = await machine.askAssist(config);
  const id = knowledgeSource.kind === "bedrock" ? "knowledgeBaseId" : "indexId";
  const services: readonly Service[] = [
    {
      name: "advisor",
      finding: found.advisor,
      well: `the ${advisor.kind} model answers`,
      meanwhile: "agents get answers from local knowledge",
      refused:
        advisor.kind === "openai"
          ? "look at assist.advisor.apiKey and assist.advisor.model"
          : "look at assist.advisor.region, model and keys; the keys need bedrock:InvokeModel",
      unreachable:
        advisor.kind === "openai"
          ? "look at assist.advisor.url, and for a way there"
          : "look at assist.advisor.endpoint and region, and for a way there",
    },
    {
      name: "knowledge source",
      finding: found.knowledge,
      well: `${knowledgeSource.kind} answers`,
      meanwhile: "answers rest on the folder of assist.knowledge",
      refused: `look at assist.knowledgeSource.${id} and aws.region; the keys need ${knowledgeSource.kind}:Retrieve`,
      unreachable: "look at aws.endpoint and aws.region, and for a way there",
    },
    {
      name: "contact lens",
      finding: found.contactLens,
      well: "lets itself be asked",
      meanwhile: "POST /assist/contacts follows no calls",
      refused:
        "look at assist.contactLens.instanceId and aws.region; the keys need connect:ListRealtimeContactAnalysisSegments",
      unreachable: "look at aws.endpoint and aws.region, and for a way there",
    },
    {
      name: "contact lens stream",
      finding: found.contactLensStream,
      well: `can be read, ${found.contactLensStream} shards`,
      meanwhile: "calls that Contact Lens transcribes are not followed",
      refused:
        "look at assist.contactLens.streamArn; the keys need kinesis:ListShards, GetShardIterator and GetRecords",
      unreachable: "look at aws.endpoint and aws.region, and for a way there",
    },
  ];
  return services.flatMap((service) => (service.finding === undefined ? [] : [checkOf(service)]));
}

function checkOf({ name, finding, well, meanwhile, refused, unreachable }: Service): Check {
  if (finding === "ok" || typeof finding === "number") {
    return { name, level: "ok", finding: well };
  }
  const isAway = finding === "unreachable" || finding === "timedOut";
  return {
    name,
    level: "warn",
    finding: `${MEANINGS[finding ?? ""] ?? "failed"}; meanwhile ${meanwhile}`,
    advice: isAway ? unreachable : refused,
  };
}
