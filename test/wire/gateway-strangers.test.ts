/** Strangers, each from an address of its own: refused, ignored, and no burden to a trunk. */
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freeSipPort } from "./support/free-ports.ts";
import type { GatewayProcess, GatewaySettings } from "./support/gateway-process.ts";
import { PeerCall, SDP, unique } from "./support/peer-call.ts";
import { UdpPeer } from "./support/sip-peer.ts";
import { embeddedOnly } from "./support/sip-server-under-test.ts";
import { startTrunkGateway, type TrunkGateway } from "./support/trunk-gateway.ts";
import { eventually, pause } from "./support/waiting.ts";

const STRANGER = "127.0.0.2";
const TRUNK = "127.0.0.3";
const FLOODER = "127.0.0.9";
const SBC = `- { name: sbc, networks: [${TRUNK}] }`;

let running: TrunkGateway;
let gateway: GatewayProcess;

async function startWith(trunks: string, settings: GatewaySettings = {}): Promise<void> {
  running = await startTrunkGateway(trunks, settings);
  gateway = running.gateway;
}

describe.skipIf(embeddedOnly("a drachtio-server answers before it asks us"))(
  "a gateway with trunks only, among strangers",
  () => {
    beforeAll(() => startWith(SBC));
    afterAll(() => running.stop());

    it("refuses a stranger, names the decider, and keeps nothing of it", async () => {
      const stranger = await UdpPeer.open(gateway.sipPort, await freeSipPort(), STRANGER);
      const call = new PeerCall(stranger, gateway.sipPort);
      const requests = await gateway.metric("trunkline_sip_messages_total", { kind: "request" });
      call.send("INVITE", { body: SDP(4000) });
      await stranger.response(403, "INVITE");
      const refused = { msg: "request not admitted", decider: "source", source: STRANGER };
      await eventually("a log line", () =>
        gateway.log.some((line) =>
          Object.entries(refused).every(([field, value]) => line[field] === value),
        ),
      );
      expect(await gateway.metric("trunkline_sip_transactions")).toBe(0);
      const after = await gateway.metric("trunkline_sip_messages_total", { kind: "request" });
      expect(after).toBe(requests);
      expect(stranger.received.map(({ status }) => status)).toEqual([403]);
      await stranger.close();
    });

    it("sets up a trunk's calls as fast during a flood of 1,000 INVITEs a second", async () => {
      const calm = await setupTimes(200);
      const flood = await Flood.start(gateway.sipPort);
      const during = await setupTimes(200);
      const sent = await flood.stop();
      const dropped = await running.admissions("rateLimit", "dropped");
      const text = [calm, during].map((times) => `p50 ${at(times, 0.5)}, p99 ${at(times, 0.99)}`);
      console.log(`INVITE to 200, ms: calm ${text[0]}; flood of ${sent} INVITEs ${text[1]}`);
      expect(sent).toBeGreaterThan(2000);
      expect(dropped).toBeGreaterThan(sent * 0.8);
      expect(flood.answers).toBeLessThan(200);
      expect(Number(at(during, 0.5)) - Number(at(calm, 0.5))).toBeLessThan(50);
    });
  },
);

describe.skipIf(embeddedOnly("a drachtio-server answers before it asks us"))(
  "a gateway that hides from strangers",
  () => {
    beforeAll(() => startWith(SBC, { SIP__HIDE_FROM_STRANGERS: "true" }));
    afterAll(() => running.stop());

    it("gives them no byte, whatever they send, and its trunk what it asks for", async () => {
      const stranger = await UdpPeer.open(gateway.sipPort, await freeSipPort(), STRANGER);
      const call = new PeerCall(stranger, gateway.sipPort);
      const body = SDP(4000);
      for (const method of ["OPTIONS", "INVITE", "REGISTER", "BYE", "CANCEL", "INFO", "XYZZY"]) {
        call.send(method, method === "INVITE" ? { body } : {});
        call.remoteParty = `<sip:agent@127.0.0.1>;tag=${unique("guess")}`;
      }
      stranger.send("\r\n\r\n");
      stranger.send(call.build("INVITE").replace(/^Via.*$/m, "Via: nonsense"));
      const trunk = await UdpPeer.open(gateway.sipPort, await freeSipPort(), TRUNK);
      new PeerCall(trunk, gateway.sipPort).send("OPTIONS");
      await trunk.response(200, "OPTIONS");
      await pause(600);
      expect(await bytesOverTcp(gateway.sipPort, STRANGER)).toBe(0);
      expect(await bytesOverTcp(gateway.sipPort, TRUNK)).toBeGreaterThan(0);
      expect(stranger.received).toEqual([]);
      expect(await gateway.metric("trunkline_sip_dropped_total", { reason: "notAdmitted" })).toBe(
        9,
      );
      await Promise.all([stranger.close(), trunk.close()]);
    });
  },
);

/** How much comes back for a sign of life over TCP, until the connection ends or nothing more comes. */
async function bytesOverTcp(port: number, localAddress: string): Promise<number> {
  const socket = net.connect({ host: "127.0.0.1", port, localAddress });
  let bytes = 0;
  socket.on("data", (chunk) => {
    bytes += chunk.length;
  });
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => undefined);
  socket.write("\r\n\r\n");
  await Promise.race([ended, pause(300)]);
  socket.destroy();
  return bytes;
}

/** From INVITE to 200, in ms, of calls of the trunk one after the other. */
async function setupTimes(calls: number): Promise<readonly number[]> {
  const peer = await UdpPeer.open(gateway.sipPort, await freeSipPort(), TRUNK);
  const times: number[] = [];
  for (let serial = 0; serial < calls; serial += 1) {
    const call = new PeerCall(peer, gateway.sipPort, "echo");
    const startedMs = performance.now();
    await call.establish();
    times.push(performance.now() - startedMs);
    await call.exchange("BYE");
    await pause(20);
  }
  await peer.close();
  return times.sort((one, other) => one - other);
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
}

/** 1,000 INVITEs a second of one address, each of a call of its own. */
class Flood {
  readonly #peer: UdpPeer;
  readonly #done: Promise<number>;
  #stopping = false;

  private constructor(peer: UdpPeer, serverPort: number) {
    this.#peer = peer;
    this.#done = this.#run(serverPort);
  }

  static async start(serverPort: number): Promise<Flood> {
    const peer = await UdpPeer.open(serverPort, await freeSipPort(), FLOODER);
    return new Flood(peer, serverPort);
  }

  get answers(): number {
    return this.#peer.received.length;
  }

  /** How many were sent. */
  async stop(): Promise<number> {
    this.#stopping = true;
    const sent = await this.#done;
    await this.#peer.close();
    return sent;
  }

  async #run(serverPort: number): Promise<number> {
    const startedMs = performance.now();
    const body = SDP(4000);
    let sent = 0;
    while (!this.#stopping) {
      for (const due = performance.now() - startedMs; sent < due; sent += 1) {
        this.#peer.send(new PeerCall(this.#peer, serverPort).build("INVITE", { body }));
      }
      await pause(5);
    }
    return sent;
  }
}
