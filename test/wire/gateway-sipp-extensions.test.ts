/** What a carrier's SBC asks for beyond a plain call, by SIPp: 100rel, UPDATE, session timers. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { GatewayProcess } from "./support/gateway-process.ts";
import { sippInstalled } from "./support/sipp.ts";
import { startSippCall, WENT_AS_WRITTEN } from "./support/sipp-call.ts";
import { eventually } from "./support/waiting.ts";

let gateway: GatewayProcess;

describe.skipIf(!sippInstalled())("a call with extensions by SIPp", () => {
  beforeAll(async () => {
    gateway = await GatewayProcess.start();
  });

  afterAll(async () => {
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });

  afterEach(async () => {
    await eventually("no call left", async () => (await gateway.calls()).length === 0);
  });

  it.each([
    ["uac-requires-100rel", "UDP"],
    ["uac-requires-100rel", "TCP"],
    ["uac-update", "UDP"],
    ["uac-session-timer", "UDP"],
  ] as const)("goes as %s says over %s", async (scenario, transport) => {
    const call = await startSippCall({ gateway, scenario, transport, to: "ring-500" });
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const log = await gateway.callLog(call.sipCallId);
    expect(log.verdict).toMatchObject({ endedBy: "caller", outcome: "completed" });
  });
});
