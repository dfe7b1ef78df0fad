/** A call as Amazon Connect's transfer connector sends it: private Contact, Record-Route, two Vias, X-Amzn headers, hex User-to-User. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { levelDbfs } from "../../src/audio/signal.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws/aws-stand-in.ts";
import {
  type ConnectStandIn,
  connectStandIn,
  STAND_IN_INSTANCE,
  STAND_IN_INSTANCE_ARN,
} from "../support/aws/connect-stand-in.ts";
import { refuseNext } from "../support/aws/faults.ts";
import { STAND_IN_KEY, type StandIn, startOpenAiStandIn } from "../support/openai-stand-in.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { HELLO } from "./support/recordings.ts";
import { RtpEar } from "./support/rtp-ear.ts";
import { UdpPeer } from "./support/sip-peer.ts";
import { eventually } from "./support/waiting.ts";

const PROMPTS = fileURLToPath(new URL("../../flows/prompts", import.meta.url));
const CONTACT = "cccccccc-0000-0000-0000-000000000001";
const INITIAL = "cccccccc-0000-0000-0000-000000000002";
/** Shown to nobody but the model. */
const CUSTOMER = "Ada of Lovelace Street";
const ORDER = "order-0042-8731";
const FLOW = `model: openai
instructions: "The caller is {{attributes.customerName}}, about {{attributes.order}}."
tools: [hang_up, set_attribute]
attributes: [next]
contact: { tell: [tier] }
`;
const PRIVATE_CONTACT = "10.0.58.47:5060";

let aws: AwsStandIn;
let connect: ConnectStandIn;
let openAi: StandIn;
let gateway: GatewayProcess;
let peer: UdpPeer;
let ear: RtpEar;
/** In the order in which they happened. */
const seen: { readonly what: string; readonly heardMs: number }[] = [];
const folder = mkdtempSync(join(tmpdir(), "wire-connect-"));

function heardMs(): number {
  const samples = ear.samples();
  let ms = 0;
  for (let start = 0; start + 160 <= samples.length; start += 160) {
    ms += levelDbfs(samples.subarray(start, start + 160)) > -40 ? 20 : 0;
  }
  return ms;
}

beforeAll(async () => {
  connect = connectStandIn({
    onAttributes: () => seen.push({ what: "results", heardMs: heardMs() }),
  });
  aws = await startAwsStandIn({ port: 0, services: [connect] });
  openAi = await startOpenAiStandIn({
    port: 0,
    script: {
      speed: Number.POSITIVE_INFINITY,
      answers: [
        {
          durationMs: 1500,
          text: "Goodbye.",
          toolCalls: [
            { name: "set_attribute", arguments: '{"name":"next","value":"agent"}' },
            { name: "hang_up", arguments: "{}" },
          ],
        },
      ],
    },
  });
  mkdirSync(join(folder, "flows"));
  symlinkSync(PROMPTS, join(folder, "flows", "prompts"));
  writeFileSync(join(folder, "flows", "agent.yaml"), "model: local\n");
  writeFileSync(join(folder, "flows", "desk.yaml"), FLOW);
  writeFileSync(
    join(folder, "routes.yaml"),
    '- { match: { headers: { X-Amzn-SourceAccount: "111122223333" } }, flow: desk }\n',
  );
  writeFileSync(
    join(folder, "gateway.yaml"),
    `flows: ${join(folder, "flows")}
routes: ${join(folder, "routes.yaml")}
aws: { endpoint: "${aws.endpoint}" }
connect: { instanceId: ${STAND_IN_INSTANCE} }
models: { openai: { kind: openai, url: "${openAi.url}", apiKey: ${STAND_IN_KEY} } }
log: { level: debug }
`,
  );
  gateway = await GatewayProcess.start({ CONFIG: join(folder, "gateway.yaml") });
  peer = await UdpPeer.open(gateway.sipPort, 0);
  ear = await RtpEar.open();
});

afterAll(async () => {
  await ear.close();
  await peer.close();
  expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  await openAi.close();
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As fact A4 has it: the edge of the Voice Connector is this peer, what is behind it is private. */
function invite(): string {
  const sdp = [
    "v=0",
    "o=Sonus_UAC 1 1 IN IP4 127.0.0.1",
    "s=SIP Media Capabilities",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    `m=audio ${ear.port} RTP/AVP 0 101`,
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
    "a=ptime:20",
    "",
  ].join("\r\n");
  const uui = Buffer.from(JSON.stringify({ order: ORDER })).toString("hex");
  return [
    `INVITE sip:+12065550100@127.0.0.1:${gateway.sipPort};transport=UDP SIP/2.0`,
    `Record-Route: <sip:${peer.address};lr;ftag=Abc;did=1f2.3a;nat=yes>`,
    `Via: SIP/2.0/UDP ${peer.address};branch=z9hG4bK1`,
    "Via: SIP/2.0/UDP 10.0.58.47;rport=5060;branch=z9hG4bK2",
    "Max-Forwards: 69",
    "From: <sip:+12065550123@10.0.58.47:5060>;tag=Abc",
    `To: <sip:+12065550100@127.0.0.1:${gateway.sipPort}>;transport=UDP`,
    "Call-ID: connect-1",
    "CSeq: 1 INVITE",
    `Contact: <sip:${PRIVATE_CONTACT};alias=10.0.58.47~5060~1>`,
    "User-Agent: VineProx-v2.3",
    "X-VoiceConnector-ID: abcdef1ghij2klmno3pqr4",
    `X-Amzn-ConnectContactId: ${CONTACT}`,
    `X-Amzn-ConnectInitialContactId: ${INITIAL}`,
    "X-Amzn-SourceAccount: 111122223333",
    `X-Amzn-SourceArn: ${STAND_IN_INSTANCE_ARN}`,
    `User-to-User: ${uui};encoding=hex`,
    "Content-Type: application/sdp",
    `Content-Length: ${Buffer.byteLength(sdp)}`,
    "",
    sdp,
  ].join("\r\n");
}

function request(method: string, to: string, cseq: number): string {
  return [
    `${method} sip:127.0.0.1:${gateway.sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${peer.address};branch=z9hG4bK${method}`,
    "Max-Forwards: 69",
    "From: <sip:+12065550123@10.0.58.47:5060>;tag=Abc",
    `To: ${to}`,
    "Call-ID: connect-1",
    `CSeq: ${cseq} ${method}`,
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");
}

describe("a call of the transfer connector", () => {
  it("reaches its flow, its model knows the contact, and the contact has the results before BYE", async () => {
    const attributes = { customerName: CUSTOMER, tier: "gold", accountKey: "not-for-models" };
    connect.contacts.set(INITIAL, {
      id: INITIAL,
      initiation: "INBOUND",
      attributes,
      disconnected: false,
    });
    // The first attempt to write is turned away: another one follows in time.
    aws.faults.push(
      refuseNext("UpdateContactAttributes", {
        status: 429,
        headers: { "x-amzn-errortype": "ThrottlingException" },
        body: { message: "slow down" },
      }),
    );
    peer.send(invite());
    const ok = await peer.response(200, "INVITE", 10_000);
    expect(ok.headers("via")).toHaveLength(2);
    expect(ok.header("record-route")).toContain("did=1f2.3a");
    peer.send(request("ACK", ok.header("to") ?? "", 1));
    await ear.say(HELLO);
    const bye = await peer.request("BYE", 15_000);
    seen.push({ what: "BYE", heardMs: heardMs() });
    peer.send(
      `SIP/2.0 200 OK\r\n${["via", "from", "to", "call-id", "cseq"]
        .map((name) =>
          bye
            .headers(name)
            .map((value) => `${name}: ${value}\r\n`)
            .join(""),
        )
        .join("")}Content-Length: 0\r\n\r\n`,
    );
    expect(bye.startLine).toContain(`sip:${PRIVATE_CONTACT}`);
    expect(bye.header("route")).toContain("did=1f2.3a");
    const { instructions } = openAi.brains[0]?.session ?? {};
    expect(instructions).toContain(`The caller is ${CUSTOMER}, about ${ORDER}.`);
    expect(instructions).toContain("tier: gold");
    expect(instructions).not.toContain("not-for-models");
    expect(seen.map(({ what }) => what)).toEqual(["results", "BYE"]);
    expect(seen[0]?.heardMs).toBeGreaterThan(1300);
    expect(connect.contacts.get(INITIAL)?.attributes).toMatchObject({
      ...attributes,
      next: "agent",
      trunkline_outcome: "completed",
      trunkline_ended_by: "model",
    });
    expect(aws.asked.map(({ operation }) => operation)).toEqual([
      "GetContactAttributes",
      "UpdateContactAttributes",
      "UpdateContactAttributes",
    ]);
  });

  it("is found by its contact, and nothing of it is in log or metrics", async () => {
    const log = await eventually("the record", async () => (await gateway.callLogs()).at(0));
    expect(log).toMatchObject({
      flow: "desk",
      contactId: CONTACT,
      contact: {
        initialContactId: INITIAL,
        instanceId: STAND_IN_INSTANCE,
        accountId: "111122223333",
        foundBy: "headers",
        results: "written",
      },
    });
    const readable = [gateway.stderr, JSON.stringify(gateway.log)];
    readable.push((await gateway.get("/metrics")).text);
    const secrets = [CUSTOMER, ORDER, "not-for-models", "+12065550123"];
    expect(secrets.filter((text) => readable.some((page) => page.includes(text)))).toEqual([]);
  });
});
