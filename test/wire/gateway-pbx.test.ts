/** The gateway before a telephone system: registered, pinged, and calling out over it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freeSipPort } from "./support/free-ports.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { Pbx } from "./support/pbx.ts";
import { SDP } from "./support/peer-call.ts";
import { RtpEar } from "./support/rtp-ear.ts";
import { embeddedOnly } from "./support/sip-server-under-test.ts";
import { eventually } from "./support/waiting.ts";

const PASSWORD = "never-in-a-log";
const NUMBER = "+49301234567";

let folder: string;
let ear: RtpEar;
let pbx: Pbx;
let gateway: GatewayProcess;

interface TrunkView {
  readonly ping: { readonly state: string } | null;
  readonly registration: { readonly state: string; readonly reason: string | null } | null;
}

async function trunk(): Promise<TrunkView> {
  const { trunks } = JSON.parse((await gateway.get("/trunks")).text) as { trunks: TrunkView[] };
  return trunks[0] as TrunkView;
}

async function order(body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`http://127.0.0.1:${gateway.httpPort}/calls`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function trunksFile(port: number): string {
  const path = join(folder, "trunks.yaml");
  writeFileSync(
    path,
    `- name: office
  host: 127.0.0.1
  port: ${port}
  country: DE
  digest: { outbound: { username: gw, password: ${PASSWORD} } }
  register: { expiresSeconds: 60, retrySeconds: 1 }
  ping: { intervalSeconds: 5, timeoutSeconds: 1, downAfter: 1 }
  destinations: { allow: [DE] }
`,
  );
  return path;
}

describe.skipIf(embeddedOnly("the peer's address in Contact is the embedded server's"))(
  "the gateway before a telephone system",
  () => {
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "wire-trunks-"));
      const sipPort = await freeSipPort();
      ear = await RtpEar.open();
      pbx = await Pbx.open(sipPort, {
        username: "gw",
        password: PASSWORD,
        algorithm: "SHA-256",
        expiresSeconds: 60,
        sdp: SDP(ear.port),
      });
      gateway = await GatewayProcess.start({
        SIP__PORT: String(sipPort),
        TRUNKS: trunksFile(pbx.peer.port),
      });
    });

    afterEach(async () => {
      gateway.kill("SIGINT");
      const { leftBehind } = await gateway.exit();
      await pbx.close();
      await ear.close();
      rmSync(folder, { recursive: true, force: true });
      expect(leftBehind).toEqual([]);
    });

    it("is registered and pinged, shows it, and takes the registration back when it drains", async () => {
      await eventually("a registration", async () => {
        const { ping, registration } = await trunk();
        return registration?.state === "registered" && ping?.state === "up";
      });
      expect(pbx.contact).toMatch(
        new RegExp(`^<sip:gw@127\\.0\\.0\\.1:${gateway.sipPort};transport=udp;line=\\w+>$`),
      );
      expect(await gateway.metric("trunkline_trunk_up", { trunk: "office" })).toBe(1);
      expect(await gateway.metric("trunkline_trunk_registered", { trunk: "office" })).toBe(1);
      gateway.kill("SIGTERM");
      await eventually("the end of the registration", () => pbx.registrations.includes("0"));
      expect((await gateway.exit()).code).toBe(0);
      expect([pbx.registrations, pbx.wrongProofs]).toEqual([["60", "0"], 0]);
      expect(JSON.stringify(gateway.log)).not.toContain(PASSWORD);
    });

    it("notices that the trunk is down, and that it is back", async () => {
      await eventually("up", async () => (await trunk()).ping?.state === "up");
      pbx.alive = false;
      await eventually("down", async () => (await trunk()).ping?.state === "down", 10_000);
      expect((await order({ to: NUMBER, flow: "echo" })).body).toMatchObject({
        error: { code: "TRUNK_DOWN" },
      });
      pbx.alive = true;
      await eventually("up", async () => (await trunk()).ping?.state === "up", 10_000);
      const messages = gateway.log
        .map(({ msg }) => String(msg))
        .filter((m) => m.startsWith("trunk"));
      expect(messages).toEqual([
        "trunk is up",
        "trunk is down: it does not answer OPTIONS",
        "trunk is up",
      ]);
    }, 30_000);

    it("calls a number with its proof, talks, and hangs up", async () => {
      const placed = await order({ to: "030 1234567", flow: "agent", attributes: { why: "test" } });
      expect(placed.status).toBe(202);
      const invite = await eventually("a proven INVITE", () => pbx.invites[0]);
      expect(invite.startLine).toBe(
        `INVITE sip:${NUMBER}@127.0.0.1:${pbx.peer.port};transport=udp SIP/2.0`,
      );
      expect(invite.header("from")).toContain("<sip:gw@127.0.0.1>");
      await eventually("audio of the flow", () => ear.heard.length > 50);
      const calls = await gateway.calls();
      expect(calls).toMatchObject([{ direction: "outbound", trunk: "office", state: "talking" }]);
      await fetch(`http://127.0.0.1:${gateway.httpPort}/calls/${String(placed.body["callId"])}`, {
        method: "DELETE",
      });
      await eventually("a BYE", () => pbx.byes === 1);
      const [record] = await eventually("a record", async () => {
        const logs = await gateway.callLogs();
        return logs.length > 0 && logs;
      });
      expect(record).toMatchObject({
        direction: "outbound",
        calledNumber: NUMBER,
        phoneNumber: "gw",
        trunk: "office",
        attributes: { why: "test" },
        verdict: { endedBy: "operator", outcome: "completed" },
      });
      expect(JSON.stringify(gateway.log)).not.toContain(NUMBER.slice(1));
    });

    it("does not call where the trunk may not, and says why", async () => {
      for (const [to, status, code, outcome] of [
        ["0900 1234567", 403, "CALL_DESTINATION_DENIED", "premium"],
        ["+44 20 7946 0958", 403, "CALL_DESTINATION_DENIED", "notListed"],
        ["112", 400, "CALL_NUMBER_INVALID", "notANumber"],
      ] as const) {
        const refused = await order({ to, flow: "agent" });
        const error = { code, message: expect.any(String) };
        expect([refused.status, refused.body]).toEqual([status, { error }]);
        expect(await gateway.metric("trunkline_outbound_calls_total", { outcome })).toBe(1);
      }
      expect(pbx.invites).toEqual([]);
    });
  },
);
