/** Recording sessions over the wire: `trunkline siprec send` into a real gateway, and a client written by hand. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeWav } from "../../src/audio/wav.ts";
import { recordingBody, recordingSdp, recordingXml } from "../support/recording-client.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { PeerCall } from "./support/peer-call.ts";
import { HELLO } from "./support/recordings.ts";
import { type SipPeer, TcpPeer, UdpPeer } from "./support/sip-peer.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const RATE_HZ = 8000;

/** What the call log shows of a recording session. */
interface RecordedLog {
  readonly mode: string;
  readonly contactId: string | null;
  readonly participants: readonly { readonly id: string; readonly role: string }[];
  readonly transcript: readonly { readonly role?: string; readonly text: string }[];
  readonly stats: { readonly packetsReceived: number; readonly packetsLost: number };
}

interface SendReport {
  readonly answered: boolean;
  readonly sipCallId: string;
  readonly streams: readonly {
    readonly label: string;
    readonly answeredLabel: string;
    readonly accepted: boolean;
    readonly packetsSent: number;
  }[];
}

let gateway: GatewayProcess;
let folder: string;

/** A stereo WAV of 4 s: somebody says hello on one side, nobody on the other. */
function wav(side: "left" | "right"): string {
  const spoken = new Int16Array(4 * RATE_HZ);
  spoken.set(HELLO.subarray(0, 2 * RATE_HZ), RATE_HZ / 2);
  const silent = new Int16Array(spoken.length);
  const file = join(folder, `${side}.wav`);
  writeFileSync(file, writeWav(RATE_HZ, side === "left" ? [spoken, silent] : [silent, spoken]));
  return file;
}

function send(file: string, ...args: string[]): Promise<SendReport> {
  const program = [join(ROOT, "dist", "main.js"), "siprec", "send", file, "--json", ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, program, (error, stdout, stderr) => {
      if (error === null) {
        resolve(JSON.parse(stdout) as SendReport);
      } else {
        reject(new Error(`${stdout}\n${stderr}`));
      }
    });
  });
}

async function logOf(sipCallId: string): Promise<RecordedLog> {
  return (await gateway.callLog(sipCallId)) as unknown as RecordedLog;
}

describe("a recording session", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "siprec-"));
    gateway = await GatewayProcess.start();
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    expect((await gateway.stop()).leftBehind).toEqual([]);
  });

  it.each([
    ["tcp", "generic", "left", "customer"],
    ["udp", "generic", "right", "agent"],
    ["tcp", "cisco", "right", "agent"],
    ["udp", "cisco", "left", "customer"],
  ] as const)(
    "over %s in the %s way: who speaks on the %s is the %s",
    async (transport, dialect, side, role) => {
      const to = `sip:anything@${gateway.target};transport=${transport}`;
      const report = await send(wav(side), "--to", to, "--dialect", dialect);
      expect(report.streams).toMatchObject([
        { label: "1", answeredLabel: "1", accepted: true },
        { label: "2", answeredLabel: "2", accepted: true },
      ]);
      const log = await logOf(report.sipCallId);
      expect(log.mode).toBe("assist");
      expect(log.participants.map((one) => [one.id, one.role])).toEqual([
        ["1", "customer"],
        ["2", "agent"],
      ]);
      expect(new Set(log.transcript.map((line) => line.role))).toEqual(new Set([role]));
      const sent = report.streams.reduce((sum, { packetsSent }) => sum + packetsSent, 0);
      expect(sent).toBeGreaterThan(2 * 180);
      expect(log.stats.packetsReceived).toBeGreaterThan(sent - 20);
      expect(log.stats.packetsLost).toBe(0);
    },
  );

  it.each([
    ["UDP", (port: number) => UdpPeer.open(port, 0)],
    ["TCP", (port: number) => TcpPeer.open(port, 0)],
  ] as const)(
    "says over %s that we record, in the first answer and in later ones",
    async (_name, open) => {
      const peer: SipPeer = await open(gateway.sipPort);
      const call = new PeerCall(peer, gateway.sipPort, "anything");
      const streams = [
        { label: "a_leg", port: 46_600 },
        { label: "01", port: 46_602 },
      ];
      const local = (version: number): string =>
        recordingSdp(streams, version).replaceAll("192.0.2.10", "127.0.0.1");
      const people = [{ id: "pat", label: "01" }];
      const { text, contentType = "" } = recordingBody(local(1), recordingXml(people));
      const contact = "X-Amzn-ConnectContactId: 0f2e2b3c-0000-4000-8000-000000000001";
      call.contact = call.contact.replace(/>$/, ">;+sip.src");
      const headers = ["Require: 100relsiprec", contact];
      const answer = await call.establish({ body: text, contentType, headers });
      expect(answer.header("contact")).toContain("+sip.srs");
      expect(answer.body.match(/a=label:\S+/g)).toEqual(["a=label:a_leg", "a=label:01"]);
      // Right behind the ACK, which is when clients that begin inactive open their streams.
      const again = await call.exchange("INVITE", { body: local(2) });
      expect(again.startLine).toBe("SIP/2.0 200 OK");
      expect(again.header("contact")).toContain("+sip.srs");
      expect(again.body.match(/a=recvonly/g)).toHaveLength(2);
      call.send("ACK");
      const update = { body: recordingXml(people), contentType: "application/rs-metadata+xml" };
      const noted = await call.exchange("UPDATE", update);
      expect([noted.status, noted.body]).toEqual([200, ""]);
      await call.exchange("BYE");
      const log = await logOf(call.callId);
      expect(log.contactId).toBe("0f2e2b3c-0000-4000-8000-000000000001");
      await peer.close();
    },
  );

  it.each([
    ["UDP", (port: number) => UdpPeer.open(port, 0)],
    ["TCP", (port: number) => TcpPeer.open(port, 0)],
  ] as const)(
    "takes over %s a re-INVITE that overtakes the ACK of the first answer",
    async (_name, open) => {
      const peer: SipPeer = await open(gateway.sipPort);
      const call = new PeerCall(peer, gateway.sipPort, "anything");
      const local = (direction: "sendonly" | "inactive", version: number): string =>
        recordingSdp([{ label: "1", port: 46_610, direction }], version).replaceAll(
          "192.0.2.10",
          "127.0.0.1",
        );
      const { text, contentType = "" } = recordingBody(local("inactive", 1), recordingXml([]));
      call.send("INVITE", { body: text, contentType });
      call.learn(await peer.response(200, "INVITE"));
      const ack = call.build("ACK");
      const opened = await call.exchange("INVITE", { body: local("sendonly", 2) });
      expect([opened.status, opened.body.match(/a=recvonly/g)]).toEqual([200, ["a=recvonly"]]);
      peer.send(ack);
      call.send("ACK");
      expect((await call.exchange("BYE")).status).toBe(200);
      expect((await logOf(call.callId)).mode).toBe("assist");
      await peer.close();
    },
  );

  it("is refused with 415 where the flow of its route talks", async () => {
    const peer = await UdpPeer.open(gateway.sipPort, 0);
    const call = new PeerCall(peer, gateway.sipPort, "agent");
    call.send("INVITE", {
      body: "--x\r\n\r\nwords\r\n--x--\r\n",
      contentType: "multipart/mixed;boundary=x",
    });
    await peer.response(415, "INVITE");
    call.send("ACK");
    await peer.close();
    const refused = await gateway.metric("trunkline_invitations_refused_total", {
      reason: "badOffer",
    });
    expect(refused).toBe(1);
    const fused = await gateway.metric("trunkline_siprec_oddities_total", {
      code: "optionTagsFused",
    });
    expect(fused).toBe(2);
  });
});
