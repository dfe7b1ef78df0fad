/** Which addresses peers see and use: per destination behind NAT, and IPv6 throughout. */
import { execFile } from "node:child_process";
import dgram from "node:dgram";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { freeSipPort } from "./support/free-ports.ts";
import { GatewayProcess, type GatewaySettings } from "./support/gateway-process.ts";
import { SDP, unique } from "./support/peer-call.ts";
import { type RawMessage, readMessage } from "./support/sip-peer.ts";
import { embeddedOnly } from "./support/sip-server-under-test.ts";

const LEFT_OUT = embeddedOnly("addresses in Via and Contact are the embedded server's");

let gateway: GatewayProcess;

async function start(settings: GatewaySettings): Promise<void> {
  gateway = await GatewayProcess.start(settings);
}

/** INVITE from an address; resolves with the 200, which is never acknowledged. */
async function invite(from: string): Promise<RawMessage> {
  const socket = dgram.createSocket("udp4");
  const port = await freeSipPort();
  await new Promise<void>((resolve) => socket.bind(port, from, resolve));
  const answer = new Promise<RawMessage>((resolve) => {
    socket.on("message", (bytes) => {
      const message = readMessage(bytes.toString());
      if ((message.status ?? 0) >= 200) {
        resolve(message);
      }
    });
  });
  const body = SDP(4000);
  const lines = [
    `INVITE sip:echo@127.0.0.1:${gateway.sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${from}:${port};branch=z9hG4bK${unique("b")}`,
    `From: <sip:peer@${from}>;tag=${unique("t")}`,
    `To: <sip:echo@127.0.0.1>`,
    `Call-ID: ${unique("c")}`,
    "CSeq: 1 INVITE",
    `Contact: <sip:peer@${from}:${port}>`,
    "Max-Forwards: 70",
    "Content-Type: application/sdp",
    `Content-Length: ${body.length}`,
  ];
  socket.send(`${lines.join("\r\n")}\r\n\r\n${body}`, gateway.sipPort, "127.0.0.1");
  const message = await answer;
  socket.close();
  return message;
}

function named(message: RawMessage): { readonly contact: string; readonly media: string } {
  return {
    contact: /@?([\d.]+):/.exec(message.header("contact") ?? "")?.[1] ?? "",
    media: /c=IN IP4 (\S+)/.exec(message.body)?.[1] ?? "",
  };
}

function call(uri: string): Promise<{ answered: boolean; rtp?: { packetsReceived: number } }> {
  const program = [join("dist", "main.js"), "call", uri, "--seconds", "2", "--json"];
  return new Promise((resolve) => {
    execFile(process.execPath, program, (_error, stdout) => resolve(JSON.parse(stdout)));
  });
}

/** False, with a printed reason, where this machine has no loopback address of IPv6. */
function hasIpv6(): boolean {
  const has =
    existsSync("/proc/net/if_inet6") && / lo$/m.test(readFileSync("/proc/net/if_inet6", "utf8"));
  if (!has) {
    console.log("left out: this machine has no loopback address of IPv6");
  }
  return has;
}

describe.skipIf(LEFT_OUT)("the addresses of a gateway", () => {
  afterEach(async () => {
    gateway.kill("SIGINT");
    expect((await gateway.exit()).leftBehind).toEqual([]);
  });

  it("are told by the network of the peer, in Contact and SDP", async () => {
    const rules = [
      { to: "127.0.0.2/32", address: "10.0.0.5" },
      { to: "0.0.0.0/0", address: "203.0.113.5" },
    ];
    await start({ SIP__ADVERTISE: JSON.stringify(rules) });
    expect(named(await invite("127.0.0.2"))).toEqual({ contact: "10.0.0.5", media: "10.0.0.5" });
    const public_ = { contact: "203.0.113.5", media: "203.0.113.5" };
    expect(named(await invite("127.0.0.3"))).toEqual(public_);
  });

  it.skipIf(!hasIpv6()).each(["::1", "::"])("may be of IPv6: bound to %s", async (host) => {
    await start({ SIP__HOST: host });
    expect(gateway.stderr).toContain(`sip:agent@[${host}]:${gateway.sipPort} `);
    const { answered, rtp } = await call(`sip:echo@[::1]:${gateway.sipPort}`);
    expect(answered).toBe(true);
    expect(rtp?.packetsReceived).toBeGreaterThan(50);
    const tcp = await call(`sip:echo@[::1]:${gateway.sipPort};transport=tcp`);
    expect(tcp.answered).toBe(true);
    if (host === "::") {
      for (const suffix of ["", ";transport=tcp"]) {
        const four = await call(`sip:echo@127.0.0.1:${gateway.sipPort}${suffix}`);
        expect(four.rtp?.packetsReceived).toBeGreaterThan(50);
      }
    }
  });
});
