/** What the gateway answers to what it does not take, as SIPp sees it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GatewayProcess } from "./support/gateway-process.ts";
import { embeddedOnly } from "./support/sip-server-under-test.ts";
import { sippInstalled } from "./support/sipp.ts";
import { startSippCall, WENT_AS_WRITTEN } from "./support/sipp-call.ts";
import { eventually } from "./support/waiting.ts";

let gateway: GatewayProcess;

describe.skipIf(!sippInstalled())("a gateway with room for one call", () => {
  beforeAll(async () => {
    gateway = await GatewayProcess.start({ CALLS__MAX: "1", CALLS__RETRY_AFTER_SECONDS: "7" });
  });

  afterAll(async () => {
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });

  const unknownMethod = ["uac-unknown-method-expect-405", "UDP", "agent"] as const;

  it.each([
    ["uac-options-expect-200", "UDP", "agent"],
    ["uac-options-expect-200", "TCP", "agent"],
    ["uac-no-common-codec-expect-488", "UDP", "agent"],
    ["uac-no-common-codec-expect-488", "TCP", "agent"],
    ["uac-no-route-expect-404", "UDP", "ring-99999999"],
    ["uac-subscribe-expect-405", "UDP", "agent"],
    ...(embeddedOnly("drachtio-server drops methods it does not know") ? [] : [unknownMethod]),
    ["uac-bye-without-dialog-expect-481", "UDP", "agent"],
    ["uac-info-without-dialog-expect-481", "UDP", "agent"],
    ["uac-reinvite-without-dialog-expect-481", "UDP", "agent"],
  ] as const)("plays %s over %s", async (scenario, transport, to) => {
    const call = await startSippCall({ gateway, scenario, transport, to });
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    expect(await gateway.calls()).toEqual([]);
  });

  it("refuses a second call with 503 and Retry-After, and takes one when the first is over", async () => {
    const first = await startSippCall({ gateway, scenario: "uac-talk", to: "echo", talkMs: 2500 });
    await eventually("the first call", async () => (await gateway.calls()).length === 1);
    const second = await startSippCall({ gateway, scenario: "uac-full-expect-503" });
    expect(await second.done).toMatchObject(WENT_AS_WRITTEN);
    const refused = { reason: "capReached" };
    expect(await gateway.metric("trunkline_invitations_refused_total", refused)).toBe(1);
    expect(await first.done).toMatchObject(WENT_AS_WRITTEN);
    const third = await startSippCall({ gateway, scenario: "uac-talk", to: "echo", talkMs: 200 });
    expect(await third.done).toMatchObject(WENT_AS_WRITTEN);
  });
});
