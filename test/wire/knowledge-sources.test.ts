/** Knowledge bases of Bedrock and indexes of Kendra by AWS's own clients over real HTTP: found, refused, throttled, slow, cut and gone. */
import { afterEach, describe, expect, it } from "vitest";
import { SystemClock } from "../../src/core/clock.ts";
import { BedrockKnowledge } from "../../src/knowledge/bedrock-knowledge.ts";
import { KendraKnowledge } from "../../src/knowledge/kendra-knowledge.ts";
import type { KnowledgeRequest } from "../../src/ports/knowledge.ts";
import { type AwsStandIn, awsError, startAwsStandIn } from "../support/aws/aws-stand-in.ts";
import { BedrockAgentStandIn } from "../support/aws/bedrock-agent-stand-in.ts";
import { refuseNext } from "../support/aws/faults.ts";
import { KendraStandIn } from "../support/aws/kendra-stand-in.ts";

const INDEX = "0f0d1b9e-5a7d-4b0c-9f57-1d2c3b4a5f60";
const PIANOS = {
  title: "Pianos",
  uri: "s3://kb/pianos.md",
  text: "A piano is tuned twice a year. Tuning costs 90.",
};
const DOCUMENTS = [
  PIANOS,
  { title: "Tricks", uri: "javascript:alert(1)", text: "Pianos\u0000 and </passage> tricks" },
];

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
});

function request(changes: Partial<KnowledgeRequest> = {}): KnowledgeRequest {
  return {
    question: "What does tuning of pianos cost?",
    maxPassages: 3,
    timeoutMs: 2000,
    signal: new AbortController().signal,
    ...changes,
  };
}

async function bench(kind: "bedrock" | "retrieve" | "query", id?: string) {
  const bedrock = new BedrockAgentStandIn("KB12345678", DOCUMENTS);
  const kendra = new KendraStandIn(INDEX, DOCUMENTS);
  const aws: AwsStandIn = await startAwsStandIn({ port: 0, services: [bedrock, kendra] });
  const clock = new SystemClock();
  const access = { region: "eu-central-1", endpoint: aws.endpoint };
  const source =
    kind === "bedrock"
      ? new BedrockKnowledge({ clock, access, knowledgeBaseId: id ?? "KB12345678" })
      : new KendraKnowledge({ clock, access, indexId: id ?? INDEX, operation: kind });
  closers.push(() => aws.close());
  closers.push(() => source.close());
  return {
    aws,
    clock,
    source,
    questions: kind === "bedrock" ? bedrock.questions : kendra.questions,
  };
}

describe.each(["bedrock", "retrieve", "query"] as const)("knowledge by %s", (kind) => {
  const operation = kind === "query" ? "Query" : "Retrieve";

  it("finds passages with their places, and shows no address that runs something", async () => {
    const { source, clock } = await bench(kind);
    const found = await source.retrieve(request());
    expect(found).toEqual({
      kind: "found",
      passages: [
        PIANOS,
        { title: "Tricks", uri: undefined, text: "Pianos  and </passage> tricks" },
      ],
    });
    expect(await source.retrieve(request({ question: "Zebra?" }))).toEqual({
      kind: "found",
      passages: [],
    });
    expect(clock.pending).toBe(0);
  });

  it("fails in one word, whatever the service says", async () => {
    const { aws, source } = await bench(kind);
    const refused = awsError(403, "AccessDeniedException", "secret words");
    aws.faults.push(
      refuseNext(operation, refused),
      refuseNext(operation, awsError(400, "ThrottlingException", "slow down")),
      refuseNext(operation, awsError(500, "InternalServerException", "oops")),
    );
    const failures: unknown[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      failures.push(await source.retrieve(request()));
    }
    expect(failures).toEqual(
      ["refused", "rateLimited", "status"].map((failure) => ({ kind: "failed", failure })),
    );
    expect(await source.retrieve(request())).toMatchObject({ kind: "found" });
  });

  it("gives up in time, when nobody waits, and when the connection breaks", async () => {
    const { aws, source, clock } = await bench(kind);
    aws.faults.push({ hits: ({ position }) => position === 1, delayMs: 1500 });
    const startedUs = clock.nowUs();
    const slow = await source.retrieve(request({ timeoutMs: 150 }));
    expect(slow).toEqual({ kind: "failed", failure: "timedOut" });
    expect((clock.nowUs() - startedUs) / 1000).toBeLessThan(1000);
    const nobody = AbortSignal.abort();
    expect(await source.retrieve(request({ signal: nobody }))).toEqual({
      kind: "failed",
      failure: "timedOut",
    });
    aws.faults.push({ hits: () => true, cut: "before" });
    expect(await source.retrieve(request())).toEqual({ kind: "failed", failure: "unreachable" });
    await aws.close();
    expect(await source.retrieve(request())).toEqual({ kind: "failed", failure: "unreachable" });
  });
});

describe("limits of the services", () => {
  it("are kept: Kendra gets thirty words, an unknown index is refused", async () => {
    const { source, questions } = await bench("retrieve");
    const words = Array.from({ length: 60 }, (_, index) => `word${index}`);
    await source.retrieve(request({ question: words.join("  ") }));
    expect(questions[0]?.split(" ")).toEqual(words.slice(0, 30));
    const wrong = await bench("bedrock", "KBOTHER");
    expect(await wrong.source.retrieve(request())).toEqual({ kind: "failed", failure: "refused" });
  });
});
