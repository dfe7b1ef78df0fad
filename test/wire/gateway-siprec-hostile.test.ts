/** Hostile bodies of recording clients against a whole gateway: refused in bounded time and memory, the audio kept. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordingSdp } from "../support/recording-client.ts";
import { FormClient } from "./support/form-client.ts";
import { freeEarPort } from "./support/free-ports.ts";
import { HOSTILE_METADATA, hostileBody } from "./support/hostile-metadata.ts";
import {
  type ListeningGateway,
  linesOf,
  startListeningGateway,
} from "./support/listening-gateway.ts";
import { PeerCall, unique } from "./support/peer-call.ts";
import { readForm } from "./support/recorded-form.ts";
import { type RawMessage, TcpPeer, UdpPeer } from "./support/sip-peer.ts";
import { ToneSender } from "./support/tone-sender.ts";
import { eventually } from "./support/waiting.ts";

/** Generous: what is measured is printed. */
const ANSWER_LIMIT_MS = 2000;
const MEMORY_LIMIT_BYTES = 200_000_000;
const ROOM = { UDP: 60_000, TCP: 250_000 } as const;

let listening: ListeningGateway;
let witness: FormClient;
let startBytes = 0;
const slowest: { readonly what: string; readonly ms: number; readonly cpuMs: number }[] = [];

function peakBytes(): number {
  const status = readFileSync(`/proc/${listening.gateway.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

async function cpuMs(): Promise<number> {
  return (await listening.gateway.metric("process_cpu_seconds_total")) * 1000;
}

beforeAll(async () => {
  listening = await startListeningGateway();
  const form = readForm("cisco-cube-call");
  witness = await FormClient.open(listening, "TCP", form);
  for (const request of form) {
    await witness.speak(request, await witness.send(request));
  }
  startBytes = peakBytes();
});

afterAll(async () => {
  slowest.sort((one, other) => other.cpuMs - one.cpuMs);
  const worst = slowest
    .slice(0, 8)
    .map(({ what, ms, cpuMs: cpu }) => `${what}: ${ms.toFixed(0)} ms, CPU ${cpu.toFixed(1)} ms`);
  console.log(`hostile SIPREC, costliest of ${slowest.length} messages:\n${worst.join("\n")}`);
  const grownBytes = peakBytes() - startBytes;
  console.log(
    `peak memory grew by ${(grownBytes / 1e6).toFixed(1)} MB from ${(startBytes / 1e6).toFixed(1)} MB`,
  );
  expect(grownBytes).toBeLessThan(MEMORY_LIMIT_BYTES);
  expect((await listening.stop()).leftBehind).toEqual([]);
});

/** One client whose bodies are hostile and whose audio is not. */
class HostileClient {
  readonly call: PeerCall;
  /** Of its only stream; the metadata calls it `h`. */
  readonly label = unique("h");
  readonly #peer: UdpPeer | TcpPeer;
  readonly #mouth: ToneSender;
  readonly #port: number;
  #ports: readonly number[] = [];

  constructor(peer: UdpPeer | TcpPeer, mouth: ToneSender, port: number) {
    this.#peer = peer;
    this.#mouth = mouth;
    this.#port = port;
    this.call = new PeerCall(peer, listening.gateway.sipPort, "record");
    this.call.contact = this.call.contact.replace(/>$/, ">;+sip.src");
  }

  static async open(transport: "UDP" | "TCP"): Promise<HostileClient> {
    const { sipPort } = listening.gateway;
    const peer = await (transport === "UDP" ? UdpPeer.open(sipPort, 0) : TcpPeer.open(sipPort, 0));
    const port = await freeEarPort();
    const mouth = await ToneSender.open({ address: "127.0.0.1", port, law: "pcmu", ssrc: port });
    return new HostileClient(peer, mouth, port);
  }

  sdp(version: number): string {
    const text = recordingSdp([{ label: this.label, port: this.#port }], version);
    return text.replaceAll("192.0.2.10", "127.0.0.1");
  }

  /** Sends bytes as they are; the final response, and what it cost is remembered. */
  async send(
    what: string,
    method: string,
    contentType: string,
    bytes: Buffer,
  ): Promise<RawMessage> {
    this.call.sequence += 1;
    const room = "x".repeat(bytes.length);
    const text = this.call.build(method, { contentType, body: room });
    const head = Buffer.from(text.slice(0, text.length - room.length));
    const beforeCpuMs = await cpuMs();
    const startedMs = performance.now();
    this.#peer.sendBytes(Buffer.concat([head, bytes]));
    const isFinal = (m: RawMessage): boolean => (m.status ?? 0) >= 200 && m.method === method;
    const answer = await this.#peer.next(isFinal, `answer to ${what}`, ANSWER_LIMIT_MS);
    const ms = performance.now() - startedMs;
    slowest.push({ what, ms, cpuMs: (await cpuMs()) - beforeCpuMs });
    if (method === "INVITE" && answer.status === 200) {
      this.call.learn(answer);
      this.call.send("ACK");
      this.#ports = [...answer.body.matchAll(/^m=audio (\d+)/gm)].map((match) => Number(match[1]));
    }
    return answer;
  }

  async isHeard(tone: number): Promise<void> {
    this.#mouth.play(tone, this.#ports[0] ?? 0);
    const said = async (): Promise<true | undefined> =>
      (await listening.said()).includes(`${this.label}: tone ${tone}`) ? true : undefined;
    await eventually(`tone ${tone}`, said, 8000);
    this.#mouth.quiet();
  }

  async oddities(): Promise<readonly string[]> {
    const calls = await listening.gateway.calls();
    const dumps = await Promise.all(calls.map(({ callId }) => listening.gateway.dump(callId)));
    const all = dumps.map((dump) => (dump["session"] as { oddities: object }).oddities);
    return all.flatMap((found) => Object.keys(found));
  }

  async end() {
    expect((await this.call.exchange("BYE")).status).toBe(200);
    await this.close();
    return listening.logOf(this.call.callId);
  }

  async close(): Promise<void> {
    await this.#mouth.close();
    await this.#peer.close();
  }
}

describe.each(["UDP", "TCP"] as const)("over %s", (transport) => {
  it.each(HOSTILE_METADATA)(
    "$name costs no audio, in whatever request it comes",
    async (hostile) => {
      const client = await HostileClient.open(transport);
      const metadata = hostile.bytes(ROOM[transport]);
      const statuses: (number | undefined)[] = [];
      for (const version of [1, 2]) {
        const { contentType, bytes } = hostileBody(client.sdp(version), metadata, hostile.body);
        const what = `${hostile.name} in INVITE ${version} over ${transport}`;
        statuses.push((await client.send(what, "INVITE", contentType, bytes)).status);
        await client.isHeard(version);
      }
      for (const method of ["UPDATE", "INFO"]) {
        const what = `${hostile.name} in ${method} over ${transport}`;
        const type = "application/rs-metadata+xml";
        statuses.push((await client.send(what, method, type, metadata)).status);
      }
      await client.isHeard(3);
      expect(statuses).toEqual([200, 200, 200, 200]);
      if (hostile.code !== undefined) {
        expect(await client.oddities()).toContain(hostile.code);
      } else {
        console.log(hostile.name, await client.oddities());
      }
      const log = await client.end();
      expect(linesOf(log)).toEqual([1, 2, 3].map((tone) => `${client.label}: tone ${tone}`));
      expect(log.verdict.endedBy).toBe("caller");
    },
  );
});

describe("a message that is too large", () => {
  const huge = Buffer.alloc(5_000_000, "x");

  it("is refused with 413 before there is a session, and the connection goes on", async () => {
    const client = await HostileClient.open("TCP");
    for (const round of [1, 2, 3]) {
      const refused = await client.send(
        `5 MB, round ${round}`,
        "INVITE",
        "multipart/mixed;boundary=b1",
        huge,
      );
      expect(refused.status).toBe(413);
      client.call.send("ACK");
    }
    const { contentType, bytes } = hostileBody(
      client.sdp(1),
      Buffer.from("<recording/>"),
      undefined,
    );
    expect((await client.send("INVITE", "INVITE", contentType, bytes)).status).toBe(200);
    await client.isHeard(1);
    expect((await client.send("5 MB within", "INVITE", contentType, huge)).status).toBe(413);
    expect((await client.send("5 MB in UPDATE", "UPDATE", "text/xml", huge)).status).toBe(413);
    await client.isHeard(2);
    expect(linesOf(await client.end())).toEqual([
      `${client.label}: tone 1`,
      `${client.label}: tone 2`,
    ]);
    expect(
      await listening.gateway.metric("trunkline_sip_refused_total", { reason: "tooBig" }),
    ).toBe(5);
  });

  it("is refused with 413, and its connection closed, when it would never end", async () => {
    const peer = await TcpPeer.open(listening.gateway.sipPort, 0);
    const call = new PeerCall(peer, listening.gateway.sipPort, "record");
    const invite = call.build("INVITE", { body: "v=0" });
    peer.send(invite.replace("Content-Length: 3", "Content-Length: 900000000"));
    await peer.response(413, "INVITE");
    await eventually("a closed connection", () => (peer.closedByServer ? true : undefined));
    await peer.close();
  });
});

it("leaves other sessions as they were", async () => {
  const form = readForm("cisco-cube-call");
  expect(witness.lines).toEqual(form[0]?.lines);
  const log = await witness.end();
  expect(linesOf(log).toSorted()).toEqual(witness.expected.toSorted());
  expect(log.stats.packetsLost).toBe(0);
});
