/** The embedded SIP server on real sockets: binding, framing, limits, hostile and broken peers. */
import net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { systemRandom } from "../../src/core/random.ts";
import { EmbeddedSipServer } from "../../src/signaling/embedded/server.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { PeerCall, respond, SDP } from "./support/peer-call.ts";
import { TcpPeer, UdpPeer } from "./support/sip-peer.ts";
import type { SrfDialog, SrfRequest, SrfResponse } from "./support/sip-server-under-test.ts";
import {
  deferred,
  embeddedOnly,
  nextEvent,
  nextPort,
  ServerUnderTest,
} from "./support/sip-server-under-test.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const OPTIONS_OK = (_req: SrfRequest, res: SrfResponse): void => res.send(200);

describe.skipIf(embeddedOnly("it is about the embedded server's own sockets"))("sockets", () => {
  let server: ServerUnderTest;
  const closers: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    server = await ServerUnderTest.start();
  });

  afterEach(async () => {
    for (const close of closers.splice(0)) {
      await close();
    }
    await server.close();
    expect(server.clock.pending).toBe(0);
  });

  async function tcp(): Promise<TcpPeer> {
    const peer = await TcpPeer.open(server.sipPort, nextPort());
    closers.push(() => peer.close());
    return peer;
  }

  async function udp(): Promise<UdpPeer> {
    const peer = await UdpPeer.open(server.sipPort, nextPort());
    closers.push(() => peer.close());
    return peer;
  }

  function counters(): Record<string, number> {
    return server.embedded?.toJSON().counters ?? {};
  }

  it("takes a message that arrives byte by byte, and two in one piece", async () => {
    await server.app((app) => app.use("options", OPTIONS_OK));
    const peer = await tcp();
    const text = new PeerCall(peer, server.sipPort).build("OPTIONS", { body: SDP(1) });
    for (const byte of Buffer.from(text)) {
      peer.sendBytes(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await peer.response(200, "OPTIONS");
    const build = (): string => new PeerCall(peer, server.sipPort).build("OPTIONS");
    peer.send(`${build()}\r\n\r\n${build()}`);
    await peer.response(200, "OPTIONS");
    await peer.response(200, "OPTIONS");
    expect(peer.pongs).toBe(1);
    expect(peer.connectionCount).toBe(1);
  });

  it("takes big messages: 60 KB over UDP, 200 KB over TCP, and answers as big", async () => {
    await server.app((app) =>
      app.use("message", (req, res) =>
        res.send(200, { headers: { "X-Size": `${req.body.length}` } }),
      ),
    );
    for (const [peer, size] of [
      [await udp(), 60_000],
      [await tcp(), 200_000],
    ] as const) {
      const body = "line\r\n".repeat(size / 6);
      new PeerCall(peer, server.sipPort).send("MESSAGE", { body, contentType: "text/plain" });
      expect((await peer.response(200, "MESSAGE")).header("x-size")).toBe(String(body.length));
    }
  });

  it("passes an application's body beyond 12 KB, where drachtio-server hangs", async () => {
    const app = await server.app(() => undefined);
    const peer = await udp();
    const body = `v=0\r\n${"a=x\r\n".repeat(8000)}`;
    const call = app.createUAC(`sip:x@${peer.address};transport=udp`, { localSdp: body });
    const invite = await peer.request("INVITE");
    expect(invite.body).toBe(body);
    respond(peer, invite, 486);
    await expect(call).rejects.toMatchObject({ status: 486 });
    await peer.request("ACK");
  });

  it("closes a connection that speaks something else, and one that sends too much", async () => {
    for (const text of [
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      `INVITE sip:a SIP/2.0\r\n${"a".repeat(300_000)}`,
    ]) {
      const peer = await tcp();
      peer.send(text);
      await expect.poll(() => peer.closedByServer).toBe(true);
    }
    expect(counters()).toMatchObject({ droppedBadFraming: 1, droppedTooBig: 1, faults: 0 });
  });

  it("survives a flood of rubbish and keeps serving", async () => {
    await server.app((app) => app.use("options", OPTIONS_OK));
    const peer = await udp();
    for (let index = 0; index < 2000; index += 1) {
      const bytes = Buffer.from(systemRandom.hex(20 + (index % 200)), "hex");
      peer.sendBytes(
        index % 2 === 0 ? bytes : Buffer.concat([Buffer.from("INVITE sip:a@b SIP/2.0\r\n"), bytes]),
      );
    }
    await sleep(200);
    new PeerCall(peer, server.sipPort).send("OPTIONS");
    await peer.response(200, "OPTIONS");
    expect(counters()["faults"]).toBe(0);
  });

  it("keeps a call whose connection broke, on a new connection", async () => {
    const answered = deferred<SrfDialog>();
    await server.app((app) =>
      app.invite(
        (req, res) => void app.createUAS(req, res, { localSdp: SDP(5000) }).then(answered.resolve),
      ),
    );
    const peer = await tcp();
    const call = new PeerCall(peer, server.sipPort);
    await call.establish();
    const dialog = await answered.promise;
    peer.drop();
    await sleep(50);
    expect((await call.exchange("INFO")).status).toBe(200);
    peer.drop();
    await sleep(50);
    const destroyed = dialog.destroy();
    const bye = await peer.request("BYE");
    expect(peer.connectionCount).toBe(3);
    respond(peer, bye, 200);
    await destroyed;
  });

  it("ends calls when the application's link is lost, and serves the next application", async () => {
    const app = await server.app((one) =>
      one.invite((req, res) => void one.createUAS(req, res, { localSdp: SDP(5000) })),
    );
    const peer = await udp();
    await new PeerCall(peer, server.sipPort).establish();
    await sleep(30);
    server.disconnect(app);
    const bye = await peer.request("BYE");
    expect(bye.header("reason")).toContain("application disconnected");
    respond(peer, bye, 200);
    await server.app((two) => two.use("options", OPTIONS_OK));
    new PeerCall(peer, server.sipPort).send("OPTIONS");
    await peer.response(200, "OPTIONS");
  });

  it("bridges two peers with createB2BUA", async () => {
    const far = await udp();
    const bridged = deferred<{ uas: SrfDialog; uac: SrfDialog }>();
    await server.app((app) =>
      app.invite(
        (req, res) =>
          void app
            .createB2BUA(req, res, `sip:far@${far.address};transport=udp`, {})
            .then(bridged.resolve, bridged.reject),
      ),
    );
    const near = await tcp();
    const call = new PeerCall(near, server.sipPort);
    call.send("INVITE", { body: SDP(4000) });
    const invite = await far.request("INVITE");
    expect(invite.body).toBe(SDP(4000));
    respond(far, invite, 200, { body: SDP(6000) });
    await far.request("ACK");
    const answer = await near.response(200, "INVITE");
    expect(answer.body).toBe(SDP(6000));
    call.learn(answer);
    call.send("ACK");
    const { uas, uac } = await bridged.promise;
    uas.on("destroy", () => void uac.destroy());
    expect((await call.exchange("BYE")).status).toBe(200);
    respond(far, await far.request("BYE"), 200);
  });

  it("says where a port cannot be bound, and leaves nothing open", async () => {
    const options = {
      clock: server.clock,
      random: systemRandom,
      logger: silentLogger,
      admin: { host: "127.0.0.1", port: 0 },
      secret: "x",
    };
    const sip = { host: "127.0.0.1", port: server.sipPort };
    const taken = new EmbeddedSipServer({ ...options, sip });
    await expect(taken.start()).rejects.toMatchObject({
      code: "SIP_BIND_FAILED",
      details: sip,
      cause: expect.objectContaining({ code: "EADDRINUSE" }),
    });
    const free = { host: "127.0.0.1", port: nextPort() };
    const admin = { host: "127.0.0.1", port: server.embedded?.adminPort ?? 0 };
    const half = new EmbeddedSipServer({ ...options, sip: free, admin });
    await expect(half.start()).rejects.toMatchObject({ code: "SIP_BIND_FAILED", details: admin });
    const whole = new EmbeddedSipServer({ ...options, sip: free });
    await whole.start();
    expect(whole.sipPort).toBe(free.port);
    await whole.close();
    await whole.close();
  });
});

describe.skipIf(embeddedOnly("it needs a clock of its own"))(
  "connections on a virtual clock",
  () => {
    it("are closed when slow to begin or to finish, and when idle for an hour", async () => {
      const clock = new VirtualClock();
      const server = new EmbeddedSipServer({
        clock,
        random: systemRandom,
        logger: silentLogger,
        sip: { host: "127.0.0.1", port: nextPort() },
        admin: { host: "127.0.0.1", port: nextPort() },
        secret: "x",
      });
      await server.start();
      const connect = async (text: string): Promise<net.Socket> => {
        const socket = net.connect(server.sipPort, "127.0.0.1");
        await nextEvent(socket, "connect");
        if (text !== "") {
          socket.write(text);
        }
        socket.resume();
        return socket;
      };
      const silent = await connect("");
      const slow = await connect("OPTIONS sip:a SIP/2.0\r\n");
      const idle = await connect(
        "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKx\r\n\r\n",
      );
      await nextEvent(idle, "data");
      await clock.advanceMs(64_000);
      await expect
        .poll(() => [silent.destroyed, slow.destroyed, idle.destroyed])
        .toEqual([true, true, false]);
      expect(server.toJSON()).toMatchObject({
        connections: { sip: 1 },
        counters: { droppedSlowPeer: 2 },
      });
      await clock.advanceMs(3_600_000);
      await expect.poll(() => idle.destroyed).toBe(true);
      await server.close();
      expect(clock.pending).toBe(0);
    });
  },
);
