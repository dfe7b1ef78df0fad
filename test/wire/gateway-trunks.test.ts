/** Calls over trunks: known by their address, or by a password. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Baresip, baresipInstalled } from "./support/baresip.ts";
import type { GatewayProcess, GatewaySettings } from "./support/gateway-process.ts";
import { sippInstalled } from "./support/sipp.ts";
import { startSippCall, WENT_AS_WRITTEN } from "./support/sipp-call.ts";
import { startTrunkGateway, type TrunkGateway } from "./support/trunk-gateway.ts";
import { eventually } from "./support/waiting.ts";

const TRUNK = "127.0.0.3";
const ROAMING = "127.0.0.4";
const SBC = `- { name: sbc, networks: [${TRUNK}] }`;
const BRANCH = "- { name: branch, digest: { inbound: { username: branch, password: s3cret } } }";

let running: TrunkGateway;
let gateway: GatewayProcess;

async function startWith(trunks: string, settings: GatewaySettings = {}): Promise<void> {
  running = await startTrunkGateway(trunks, settings);
  gateway = running.gateway;
}

describe.skipIf(!sippInstalled())("a gateway with trunks", () => {
  beforeAll(() => startWith(`${SBC}\n${BRANCH}\n`));
  afterAll(() => running.stop());

  it("takes a call of a trunk and names it", async () => {
    const scenario = "uac-talk";
    const call = await startSippCall({ gateway, scenario, to: "echo", from: TRUNK, talkMs: 500 });
    await eventually("the call", async () => (await gateway.calls()).length === 1);
    expect(await gateway.calls()).toMatchObject([{ trunk: "sbc" }]);
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    expect(await gateway.callLog(call.sipCallId)).toMatchObject({ trunk: "sbc" });
  });

  it("challenges who may prove himself, takes the right password, and not a wrong one", async () => {
    const right = { username: "branch", password: "s3cret" };
    const call = await startSippCall({
      gateway,
      scenario: "uac-talk-with-password",
      to: "echo",
      from: ROAMING,
      credentials: right,
      talkMs: 200,
    });
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    expect(await gateway.callLog(call.sipCallId)).toMatchObject({ trunk: "branch" });
    const wrong = await startSippCall({
      gateway,
      scenario: "uac-wrong-password-expect-401",
      from: ROAMING,
      credentials: { ...right, password: "guess" },
    });
    expect(await wrong.done).toMatchObject(WENT_AS_WRITTEN);
    expect(await running.admissions("digest", "admitted")).toBe(1);
    expect(await running.admissions("digest", "challenged")).toBe(3);
  });
});

describe.skipIf(!baresipInstalled())("a gateway that asks baresip for a password", () => {
  beforeAll(() => startWith(BRANCH));
  afterAll(() => running.stop());

  it("takes its calls, one after the other, and not those of a wrong password", async () => {
    const right = { username: "branch", password: "s3cret" };
    const baresip = await Baresip.start(new Int16Array(8000), { credentials: right });
    for (const call of [1, 2]) {
      await baresip.dial(`sip:echo@${gateway.target}`);
      await eventually("the call", async () => (await gateway.calls()).length === 1);
      await baresip.command("hangup");
      await eventually("a record", async () => (await gateway.callLogs()).length === call);
    }
    expect((await gateway.callLogs()).map(({ trunk }) => trunk)).toEqual(["branch", "branch"]);
    await baresip.quit();
    const guessing = await Baresip.start(new Int16Array(8000), {
      credentials: { ...right, password: "guess" },
    });
    await guessing.command("dial", `sip:echo@${gateway.target}`);
    await eventually("a refusal", () => /401|Unauthorized|failed/.test(guessing.printed));
    expect(await gateway.calls()).toEqual([]);
    expect(await running.admissions("digest", "admitted")).toBe(2);
    await guessing.quit();
  });
});
