/** How the gateway stops and refuses to start, with calls by SIPp in progress. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GatewayProcess } from "./support/gateway-process.ts";
import { RtpEar } from "./support/rtp-ear.ts";
import { embeddedOnly } from "./support/sip-server-under-test.ts";
import { sippInstalled } from "./support/sipp.ts";
import { startSippCall, WENT_AS_WRITTEN } from "./support/sipp-call.ts";
import { reportStream } from "./support/stream-report.ts";
import { eventually } from "./support/waiting.ts";

let gateway: GatewayProcess;
let ear: RtpEar;

describe.skipIf(!sippInstalled())("a gateway with a call in progress", () => {
  beforeEach(async () => {
    gateway = await GatewayProcess.start();
    ear = await RtpEar.open();
  });

  afterEach(async () => {
    await ear.close();
    gateway.kill("SIGINT");
    await gateway.exit();
  });

  it("lets the call finish after SIGTERM, refuses others with 503, then ends with 0", async () => {
    const talkMs = 5000;
    const call = await startSippCall({ gateway, scenario: "uac-talk", to: "echo", ear, talkMs });
    await eventually("audio", () => ear.heard.length > 20);
    expect((await gateway.get("/ready")).status).toBe(200);
    gateway.kill("SIGTERM");
    const status = async (path: string): Promise<number> => (await gateway.get(path)).status;
    await eventually("not ready", async () => (await status("/ready")) === 503);
    expect(await status("/health")).toBe(200);
    const refused = await startSippCall({ gateway, scenario: "uac-draining-expect-503" });
    expect(await refused.done).toMatchObject(WENT_AS_WRITTEN);
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const endedMs = performance.now();
    expect(await gateway.exit()).toMatchObject({ code: 0, signal: null, leftBehind: [] });
    expect(performance.now() - endedMs).toBeLessThan(1500);
    expect(reportStream(ear.heard)).toMatchObject({ ssrcs: 1, sequenceBreaks: 0 });
    expect(ear.heard.length).toBeGreaterThan((talkMs / 20) * 0.97);
  });

  it("ends calls with BYE at once on SIGINT", async () => {
    const call = await startSippCall({ gateway, scenario: "uac-wait-for-bye", ear });
    await eventually("audio", () => ear.heard.length > 20);
    const killedMs = performance.now();
    gateway.kill("SIGINT");
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    expect(await gateway.exit()).toMatchObject({ code: 0, signal: null, leftBehind: [] });
    expect(performance.now() - killedMs).toBeLessThan(2000);
  });

  const keepsItsPort = it.skipIf(embeddedOnly("gateways may share a drachtio-server"));

  keepsItsPort(
    "keeps its SIP port: a second one says so in plain words and ends with 1",
    async () => {
      const second = await GatewayProcess.launch({ SIP__PORT: String(gateway.sipPort) });
      const exit = await second.exit();
      console.log(`a second gateway says: ${exit.stderr.trim()}`);
      expect(exit).toMatchObject({ code: 1, signal: null, leftBehind: [] });
      expect(exit.stderr).toContain(String(gateway.sipPort));
      expect(exit.stderr).not.toMatch(/\n\s+at /);
      expect(exit.stderr).not.toContain(" is ready ");
      expect((await gateway.get("/ready")).status).toBe(200);
    },
  );

  it("keeps its HTTP port: a second gateway says so in plain words and ends with 1", async () => {
    const second = await GatewayProcess.launch({ HTTP__PORT: String(gateway.httpPort) });
    const exit = await second.exit();
    console.log(`a second gateway says: ${exit.stderr.trim()}`);
    expect(exit).toMatchObject({ code: 1, signal: null, leftBehind: [] });
    expect(exit.stderr).toContain(String(gateway.httpPort));
    expect(exit.stderr).not.toMatch(/\n\s+at /);
  });
});
