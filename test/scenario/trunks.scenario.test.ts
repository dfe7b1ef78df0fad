/** Calls over trunks: whose they are, what is kept of them, how many there may be. */
import { afterEach, describe, expect, it } from "vitest";
import { offerOf, Scenario } from "../support/scenario.ts";
import { trunksOf } from "../support/trunks.ts";

const TRUNKS = trunksOf(
  [
    "- name: sbc",
    "  networks: [203.0.113.0/24]",
    "  maxCalls: 1",
    "  identity: { trustAsserted: true }",
    "  headers: { keep: [X-Department, X-Absent] }",
    "- { name: european, networks: [198.51.100.0/24], codecs: [pcma, pcmu] }",
    "- { name: only-pcma, networks: [192.0.2.0/24], codecs: [pcma] }",
    "- { name: plain, networks: [203.0.113.128/25] }",
  ].join("\n"),
);

let scenario: Scenario;

async function started(): Promise<void> {
  scenario = new Scenario({ trunks: TRUNKS });
  await scenario.start();
}

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

function source(address: string) {
  return { address, port: 5060, transport: "udp" } as const;
}

describe("a call over a trunk", () => {
  it("is listed and recorded with its trunk, its caller and the headers that are kept", async () => {
    await started();
    const caller = scenario.call(await scenario.phone(), {
      source: source("203.0.113.9"),
      from: "anonymous",
      asserted: "+15550003333",
      headers: { "X-Department": "sales", "X-Other": "no" },
    });
    await scenario.clock.advanceMs(100);
    expect(scenario.registry.list()).toMatchObject([{ trunk: "sbc" }]);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]).toMatchObject({
      trunk: "sbc",
      callingNumber: "+15550003333",
      attributes: { "X-Department": "sales" },
    });
    expect(scenario.records[0]?.attributes).not.toHaveProperty("X-Absent");
  });

  it("believes an asserted number only where the trunk says so", async () => {
    await started();
    const call = { from: "+15550001111", asserted: "+15550003333" };
    const caller = scenario.call(await scenario.phone(), {
      ...call,
      source: source("203.0.113.200"),
    });
    await scenario.clock.advanceMs(100);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]).toMatchObject({ trunk: "plain", callingNumber: "+15550001111" });
  });

  it("is agreed on with the codecs of its trunk", async () => {
    await started();
    const pcma = scenario.call(await scenario.phone(4000), { source: source("192.0.2.1") });
    const offered = scenario.call(await scenario.phone(4010), {
      source: source("198.51.100.1"),
      offer: undefined,
      lateAnswer: offerOf(await scenario.phone(4020)),
    });
    const offer = offerOf(await scenario.phone(4030)).replace("RTP/AVP 0 8", "RTP/AVP 0");
    const none = scenario.call(await scenario.phone(4040), { source: source("192.0.2.1"), offer });
    await scenario.clock.advanceMs(100);
    expect(pcma.answerSdp).toMatch(/RTP\/AVP 8 101\r\n/);
    expect(offered.answerSdp).toMatch(/RTP\/AVP 8 0 101\r\n/);
    expect(none.statuses).toEqual([488]);
  });

  it("counts against its trunk's cap and no other's, until it ends", async () => {
    await started();
    const first = scenario.call(await scenario.phone(4000), { source: source("203.0.113.9") });
    await scenario.clock.advanceMs(100);
    const second = scenario.call(await scenario.phone(4010), { source: source("203.0.113.9") });
    const other = scenario.call(await scenario.phone(4020), { source: source("203.0.113.200") });
    const local = scenario.call(await scenario.phone(4030));
    await scenario.clock.advanceMs(100);
    expect([second.statuses, other.statuses, local.statuses]).toEqual([[503], [200], [200]]);
    expect(second.refusalHeaders).toEqual({ "Retry-After": "5" });
    first.hangUp();
    await scenario.clock.advanceMs(100);
    const third = scenario.call(await scenario.phone(4040), { source: source("203.0.113.9") });
    await scenario.clock.advanceMs(100);
    expect(third.statuses).toEqual([200]);
    expect(scenario.metrics.counts.get("trunkline_admission_total trunkCap refused")).toBe(1);
  });
});
