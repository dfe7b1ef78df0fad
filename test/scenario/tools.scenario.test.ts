/** Tools that a model calls, on virtual time: whatever becomes of them, each call is answered once and the call goes on. */
import { afterEach, describe, expect, it } from "vitest";
import type { FlowTool, WebhookTool } from "../../src/call/tools/tool-schema.ts";
import { after, sleep } from "../../src/core/clock.ts";
import type { WebhookOutcome } from "../../src/ports/tool-webhook.ts";
import { FakeVoice } from "../support/fake-voice.ts";
import { Scenario } from "../support/scenario.ts";
import { expectGolden } from "../support/timeline.ts";

const ORDERS: WebhookTool = {
  name: "order_status",
  description: "Looks an order up.",
  parameters: {
    type: "object",
    properties: { order: { type: "string", pattern: "^[0-9]{4}$" } },
    required: ["order"],
    additionalProperties: false,
  },
  webhook: {
    url: "https://crm.example.com/orders",
    timeoutMs: 5000,
    maxBytes: 1000,
    secret: "0123456789abcdef",
  },
  filler: "One moment, please.",
  fillerAfterMs: 1200,
};
const SHIPPED: WebhookOutcome = { kind: "answered", json: '{"state":"shipped"}' };

let scenario: Scenario;

async function talking(tools: readonly FlowTool[] = [ORDERS]) {
  scenario = new Scenario({ hasVoice: true, plan: { tools, attributes: ["reason"] } });
  await scenario.start();
  const phone = await scenario.phone();
  const caller = scenario.call(phone);
  await scenario.clock.advanceMs(200);
  const { session } = scenario.model;
  const call = (id: string, json: string, name = "order_status"): void =>
    session.sink.onToolCall(id, name, json);
  return { phone, caller, session, call };
}

async function hangUp(caller: { hangUp(): void }) {
  caller.hangUp();
  await scenario.clock.advanceMs(100);
  return scenario.records[0];
}

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("a tool that is a service elsewhere", () => {
  it("is told the call and the arguments, and its answer reaches the model", async () => {
    const { caller, session, call } = await talking();
    scenario.webhook.answer = async () => {
      await sleep(scenario.clock, 300);
      return SHIPPED;
    };
    call("t1", '{"order":"0042"}');
    await scenario.clock.advanceMs(500);
    const [request] = scenario.webhook.requests;
    expect(JSON.parse(request?.body ?? "")).toMatchObject({
      tool: "order_status",
      toolCallId: "t1",
      arguments: { order: "0042" },
      call: { direction: "inbound", callingNumber: "+15550001111" },
    });
    expect(session.toolResults).toEqual(['t1 {"ok":true,"result":{"state":"shipped"}}']);
    expect(scenario.voice.said).toEqual([]);
    const record = await hangUp(caller);
    expect(record?.tools).toMatchObject([
      { name: "order_status", kind: "webhook", ms: 300, outcome: "done" },
    ]);
    expectGolden(scenario.timeline, "tool-webhook");
  });

  it("has a filler spoken once it takes its time", async () => {
    const { phone, caller, call } = await talking();
    scenario.webhook.answer = async () => {
      await sleep(scenario.clock, 2000);
      return SHIPPED;
    };
    call("t1", '{"order":"0042"}');
    await scenario.clock.advanceMs(1100);
    expect(scenario.voice.said).toEqual([]);
    await scenario.clock.advanceMs(1000);
    expect(scenario.voice.said).toEqual(["One moment, please."]);
    expect(phone.tonesHeard()).toEqual([FakeVoice.TONE]);
    const record = await hangUp(caller);
    expect(record?.turns).toMatchObject([{ source: "filler" }]);
  });

  it.each([
    ["timedOut", "did not answer in time"],
    ["tooBig", "too long"],
    ["notText", "could not be read"],
    ["redirect", "refused"],
    ["status", "refused"],
    ["addressRefused", "could not be reached"],
    ["hostRefused", "could not be reached"],
    ["unreachable", "could not be reached"],
    ["tls", "could not be reached"],
    ["plainHttp", "could not be reached"],
  ] as const)("fails with %s: the model is told, and the call goes on", async (failure, words) => {
    const { caller, session, call } = await talking();
    scenario.webhook.answer = () => Promise.resolve({ kind: "failed", failure });
    call("t1", '{"order":"0042"}');
    await scenario.clock.advanceMs(100);
    expect(session.toolResults).toHaveLength(1);
    expect(session.toolResults[0]).toContain(words);
    expect(session.closed).toBe(false);
    const key = `trunkline_tool_calls_total webhook ${failure}`;
    expect(scenario.metrics.counts.get(key)).toBe(1);
    const record = await hangUp(caller);
    expect(record?.verdict.outcome).toBe("completed");
  });

  it("breaks nothing when the way to it throws", async () => {
    const { caller, session, call } = await talking();
    scenario.webhook.answer = () => Promise.reject(new Error("a fault of ours"));
    call("t1", '{"order":"0042"}');
    await scenario.clock.advanceMs(100);
    expect(session.toolResults).toEqual(['t1 {"ok":false,"error":"The tool failed."}']);
    await hangUp(caller);
  });

  it("is given up when the call ends, and the model is told nothing more", async () => {
    const { caller, session, call } = await talking();
    call("t1", '{"order":"0042"}');
    await scenario.clock.advanceMs(500);
    const record = await hangUp(caller);
    expect(scenario.webhook.requests[0]?.signal.aborted).toBe(true);
    expect(session.toolResults).toEqual([]);
    expect(record?.tools).toMatchObject([{ outcome: "callEnded" }]);
  });

  it("is not called after the end of the call", async () => {
    const { caller, call } = await talking();
    await hangUp(caller);
    call("t1", '{"order":"0042"}');
    await scenario.clock.advanceMs(100);
    expect(scenario.webhook.requests).toEqual([]);
  });
});

describe("tool calls that are wrong", () => {
  it.each([
    ["not JSON", "{order", "arguments must be JSON"],
    ["no object", "[1]", "arguments must be object"],
    ["incomplete", "{}", "arguments.order is missing"],
    ["of another form", '{"order":"abc"}', "arguments.order must match"],
    ["more than asked for", '{"order":"0042","x":1}', "no other fields than order"],
    ["without end", `{"order":"${"1".repeat(20_000)}"}`, "at most 16384 characters"],
  ])("are told to the model: %s", async (_what, json, words) => {
    const { caller, session, call } = await talking();
    call("t1", json);
    await scenario.clock.advanceMs(100);
    expect(session.toolResults[0]).toContain(words);
    expect(scenario.webhook.requests).toEqual([]);
    expect(scenario.metrics.counts.get("trunkline_tool_calls_total webhook badArguments")).toBe(1);
    await hangUp(caller);
  });

  it("are refused for a tool that the flow does not have, whose name is kept nowhere", async () => {
    const { caller, session, call } = await talking();
    call("t1", "{}", "call +15550123");
    await scenario.clock.advanceMs(100);
    expect(session.toolResults[0]).toContain("no such tool");
    const record = await hangUp(caller);
    expect(record?.tools).toMatchObject([{ name: "unknown", kind: "unknown", outcome: "refused" }]);
  });

  it("are answered once when they come twice", async () => {
    const { caller, session, call } = await talking();
    scenario.webhook.answer = () => Promise.resolve(SHIPPED);
    call("t1", '{"order":"0042"}');
    call("t1", '{"order":"0042"}');
    await scenario.clock.advanceMs(100);
    expect(session.toolResults).toHaveLength(1);
    expect(scenario.webhook.requests).toHaveLength(1);
    await hangUp(caller);
  });

  it("run eight at a time, and each is answered", async () => {
    const { caller, session, call } = await talking();
    scenario.webhook.answer = () =>
      new Promise((resolve) => {
        after(scenario.clock, 300, () => resolve(SHIPPED));
      });
    for (let index = 0; index < 12; index += 1) {
      call(`t${index}`, '{"order":"0042"}');
    }
    await scenario.clock.advanceMs(500);
    expect(scenario.webhook.requests).toHaveLength(8);
    expect(session.toolResults.filter((text) => text.includes("Too many"))).toHaveLength(4);
    expect(session.toolResults).toHaveLength(12);
    await hangUp(caller);
  });
});

describe("set_attribute", () => {
  it("notes what the flow lists, within bounds, in the call's record", async () => {
    const { caller, session, call } = await talking(["set_attribute"]);
    const set = (id: string, value: string): void =>
      call(id, JSON.stringify({ name: "reason", value }), "set_attribute");
    set("t1", "wants a refund");
    set("t2", "wants to complain");
    set("t3", "x".repeat(1001));
    call("t4", '{"name":"other","value":"x"}', "set_attribute");
    await scenario.clock.advanceMs(100);
    const live = scenario.registry.find(scenario.registry.list()[0]?.callId ?? ("" as never));
    expect(live?.attributes).toEqual({ reason: "wants to complain" });
    const taken = session.toolResults.filter((text) => text.includes('"ok":true'));
    expect(taken.map((text) => text.slice(0, 2))).toEqual(["t1", "t2"]);
    expect(session.toolResults).toHaveLength(4);
    const record = await hangUp(caller);
    expect(record?.attributes).toEqual({ reason: "wants to complain" });
  });
});
