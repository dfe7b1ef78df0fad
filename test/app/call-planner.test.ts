/** From a flow to what answers the call: which models, in which order, and how the conversation outlives them. */
import { describe, expect, it } from "vitest";
import { type CallPlannerOptions, planFlow } from "../../src/app/call-planner.ts";
import { isRecording } from "../../src/call/call-plan.ts";
import type { CallLine, LegCommandOf } from "../../src/call/call-service.ts";
import { type Flow, flowSchema } from "../../src/call/flow.ts";
import { RouteTable } from "../../src/call/route-table.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { noMetrics } from "../../src/core/metrics.ts";
import { readYamlDocument } from "../../src/core/yaml-document.ts";
import type { MediaFact } from "../../src/ports/media-facts.ts";
import { FakeWebhook } from "../support/fake-webhook.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const flowOf = (text: string): Flow => {
  const { value, problems } = readYamlDocument(text, "f.yaml", flowSchema);
  expect(problems).toEqual([]);
  return value as Flow;
};

/** What the model is attached with when the call of this flow is prepared. */
async function attachmentOf(text: string, model?: string) {
  const options: CallPlannerOptions = {
    clock: new VirtualClock(),
    logger: silentLogger,
    metrics: noMetrics,
    webhook: new FakeWebhook(),
    help: undefined,
    routes: new RouteTable([], new Set(), new Set(["ears"])),
    flows: new Map([["desk", flowOf(text)]]),
    apologyModel: "local",
    readyTimeoutMs: 1000,
  };
  const callId = asCallId("a");
  const { service } = planFlow(options, { callId, flow: "desk", model, attributes: {} });
  if (isRecording(service)) {
    throw new Error("the flow only listens");
  }
  const commands: LegCommandOf[] = [];
  const line = {
    signal: new AbortController().signal,
    execute: (command: LegCommandOf) => {
      commands.push(command);
      return Promise.resolve();
    },
  } as unknown as CallLine;
  const prepared = service.prepare(line);
  service.onFact({ kind: "modelReady", model: "any", afterMs: 1 } as MediaFact);
  await prepared;
  return { service, command: commands[0] };
}

describe("the models of a flow", () => {
  it("are one, without which the call is over", async () => {
    const { service, command } = await attachmentOf("model: nova\n");
    expect(service.model).toBe("nova");
    expect(command).toMatchObject({ kind: "attachModel", model: "nova", continuity: undefined });
  });

  it("are several in their order", async () => {
    const { command } = await attachmentOf("models: [nova, openai, local]\n");
    expect(command).toMatchObject({
      model: "nova",
      continuity: { fallbacks: ["openai", "local"], answerTimeoutMs: undefined, filler: undefined },
    });
  });

  it.each([
    ["openai", ["nova", "local"]],
    ["gemini", ["nova", "openai", "local"]],
  ])("come after the one that a route names: %s", async (preferred, fallbacks) => {
    const { service, command } = await attachmentOf("models: [nova, openai, local]\n", preferred);
    expect(service.model).toBe(preferred);
    expect(command).toMatchObject({ model: preferred, continuity: { fallbacks } });
  });

  it("are never one that only listens, whichever door names it", async () => {
    await expect(attachmentOf("model: nova\n", "ears")).rejects.toMatchObject({
      code: "ROUTE_NOT_FOUND",
      message: expect.stringContaining('the model "ears" only listens'),
    });
  });

  it("are replaced as soon as the flow says, with its filler", async () => {
    const { command } = await attachmentOf(
      "models: [nova, openai]\ncontinuity: { answerTimeoutMs: 4000, filler: { text: One moment. } }\n",
    );
    expect(command).toMatchObject({
      continuity: {
        fallbacks: ["openai"],
        answerTimeoutMs: 4000,
        filler: { text: "One moment.", afterMs: 700 },
      },
    });
  });
});
