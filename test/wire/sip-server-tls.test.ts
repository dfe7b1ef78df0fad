/** SIP over TLS on real sockets: calls both ways, whose certificate is believed, what is refused, limits. */
import net from "node:net";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { systemRandom } from "../../src/core/random.ts";
import { EmbeddedSipServer } from "../../src/signaling/embedded/server.ts";
import type { SipTlsOptions } from "../../src/signaling/embedded/server-transports.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { Authority, opensslInstalled, readPair } from "./support/certificates.ts";
import { PeerCall, respond, SDP } from "./support/peer-call.ts";
import { TcpPeer, tlsSockets } from "./support/sip-peer.ts";
import type { SrfDialog, SrfRequest, SrfResponse } from "./support/sip-server-under-test.ts";
import {
  deferred,
  embeddedOnly,
  nextEvent,
  ServerUnderTest,
} from "./support/sip-server-under-test.ts";

const OPTIONS_OK = (_req: SrfRequest, res: SrfResponse): void => res.send(200);
const LEFT_OUT = embeddedOnly("it is about the embedded server's own sockets");

describe.skipIf(LEFT_OUT || !opensslInstalled())("SIP over TLS", () => {
  let authority: Authority;
  let stranger: Authority;
  let own: ReturnType<typeof readPair>;
  let other: ReturnType<typeof readPair>;
  let server: ServerUnderTest;
  const closers: (() => Promise<void>)[] = [];

  beforeAll(() => {
    authority = new Authority();
    stranger = new Authority("Nobody We Know");
    own = readPair(authority.issue(["gateway.test", "127.0.0.1"]));
    other = readPair(authority.issue(["*.other.test"]));
  });

  afterAll(() => {
    authority.remove();
    stranger.remove();
  });

  afterEach(async () => {
    for (const close of closers.splice(0)) {
      await close();
    }
    await server.close();
    expect(server.clock.pending).toBe(0);
    expect(counters()["faults"]).toBe(0);
  });

  function tlsOptions(changes: Partial<SipTlsOptions> = {}): SipTlsOptions {
    return {
      port: 0,
      clientCertificates: "none",
      verify: true,
      load: () => ({
        pair: own,
        ca: { text: authority.ca, file: "ca.pem" },
        serverNames: [{ ...other, name: "*.other.test" }],
      }),
      ...changes,
    };
  }

  async function start(
    changes: Partial<SipTlsOptions> = {},
    connectionLimits = { total: 1024, perSource: 1024 },
  ): Promise<void> {
    server = await ServerUnderTest.start({ port: 0, tls: tlsOptions(changes), connectionLimits });
  }

  const tlsPort = (): number => server.embedded?.tlsPort ?? 0;

  function counters(): Record<string, number> {
    return server.embedded?.toJSON().counters ?? {};
  }

  /** A peer with a certificate of `issuer` for 127.0.0.1. */
  async function peer(
    issuer: Authority = authority,
    names: readonly string[] = ["127.0.0.1"],
  ): Promise<TcpPeer> {
    const pair = readPair(issuer.issue(names));
    const streams = tlsSockets({ server: pair, client: { ca: authority.ca } });
    const opened = await TcpPeer.open(tlsPort(), 0, streams);
    closers.push(() => opened.close());
    return opened;
  }

  /** A client's side of a handshake; resolves with the open socket. */
  async function dial(options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
    const socket = tls.connect({
      port: tlsPort(),
      host: "127.0.0.1",
      ca: authority.ca,
      ...options,
    });
    closers.push(async () => void socket.destroy());
    await nextEvent(socket, "secureConnect");
    socket.on("error", () => undefined);
    return socket;
  }

  it("takes a call, answers with a Contact over TLS, and ends it over the same connection", async () => {
    await start();
    const answered = deferred<SrfDialog>();
    const protocols: string[] = [];
    await server.app((app) =>
      app.invite((req, res) => {
        protocols.push(req.protocol);
        void app.createUAS(req, res, { localSdp: SDP(5000) }).then(answered.resolve);
      }),
    );
    const caller = await peer();
    const call = new PeerCall(caller, tlsPort());
    const answer = await call.establish();
    expect(answer.header("contact")).toBe(`<sip:127.0.0.1:${tlsPort()};transport=tls>`);
    expect(protocols).toEqual(["tls"]);
    const destroyed = (await answered.promise).destroy();
    const bye = await caller.request("BYE");
    expect(bye.header("via")).toMatch(new RegExp(`^SIP/2.0/TLS 127.0.0.1:${tlsPort()};`));
    respond(caller, bye, 200);
    await destroyed;
    expect(caller.connectionCount).toBe(1);
  });

  it("dials again by the Contact when the caller's connection broke", async () => {
    await start();
    const answered = deferred<SrfDialog>();
    await server.app((app) =>
      app.invite(
        (req, res) => void app.createUAS(req, res, { localSdp: SDP(5000) }).then(answered.resolve),
      ),
    );
    const caller = await peer();
    await new PeerCall(caller, tlsPort()).establish();
    const dialog = await answered.promise;
    caller.drop();
    await expect.poll(() => server.embedded?.toJSON().connections.sip).toBe(0);
    const destroyed = dialog.destroy();
    respond(caller, await caller.request("BYE"), 200);
    await destroyed;
    expect(caller.connectionCount).toBe(2);
  });

  it("places calls to a peer that proves its address, over one connection", async () => {
    await start();
    const app = await server.app(() => undefined);
    const callee = await peer();
    for (const uri of [`sips:far@${callee.address}`, `sip:far@${callee.address};transport=tls`]) {
      const dialogs = app.createUAC(uri, { localSdp: SDP(5000) });
      const invite = await callee.request("INVITE");
      expect(invite.header("via")).toMatch(/^SIP\/2.0\/TLS /);
      respond(callee, invite, 200, { body: SDP(6000) });
      const dialog = await dialogs;
      await callee.request("ACK");
      const destroyed = dialog.destroy();
      respond(callee, await callee.request("BYE"), 200);
      await destroyed;
    }
    expect(callee.connectionCount).toBe(1);
  });

  it("dials a peer again by the name it has proved, though its Contact is an address", async () => {
    await start();
    const app = await server.app(() => undefined);
    const callee = await peer(authority, ["localhost"]);
    const dialling = app.createUAC(`sips:far@localhost:${callee.port}`, { localSdp: SDP(5000) });
    const invite = await callee.request("INVITE");
    expect(invite.header("contact")).toBe(`<sips:127.0.0.1:${tlsPort()};transport=tls>`);
    respond(callee, invite, 200, { body: SDP(6000) });
    const dialog = await dialling;
    await callee.request("ACK");
    callee.drop();
    await expect.poll(() => server.embedded?.toJSON().connections.sip).toBe(0);
    const destroyed = dialog.destroy();
    respond(callee, await callee.request("BYE"), 200);
    await destroyed;
    expect(callee.connectionCount).toBe(2);
  });

  it.each([
    ["a certificate of nobody we know", () => stranger, ["127.0.0.1"]],
    ["a certificate for another name", () => authority, ["other.test"]],
  ] as const)("sends nothing to a peer with %s", async (_what, issuer, names) => {
    await start();
    const app = await server.app(() => undefined);
    const callee = await peer(issuer(), names);
    const call = app.createUAC(`sips:far@${callee.address}`, { localSdp: SDP(5000) });
    await expect(call).rejects.toMatchObject({
      status: 503,
      reason: "Peer Certificate Refused",
    });
    expect(callee.received).toEqual([]);
    expect(counters()).toMatchObject({ transportErrors: 1, sendFailures: 1 });
  });

  it("believes any peer when told so", async () => {
    await start({ verify: false });
    const app = await server.app(() => undefined);
    const callee = await peer(stranger, ["other.test"]);
    const call = app.createUAC(`sips:far@${callee.address}`, { localSdp: SDP(5000) });
    respond(callee, await callee.request("INVITE"), 486);
    await expect(call).rejects.toMatchObject({ status: 486 });
  });

  it("shows the certificate of the name that is asked for", async () => {
    await start();
    const names: (string | undefined)[] = [];
    for (const servername of ["gateway.test", "sip.other.test", "unknown.test"]) {
      const socket = await dial({ servername, checkServerIdentity: () => undefined });
      names.push(socket.getPeerCertificate().subjectaltname);
    }
    const [first, second] = ["DNS:gateway.test, IP Address:127.0.0.1", "DNS:*.other.test"];
    expect(names).toEqual([first, second, first]);
  });

  it("speaks TLS 1.2 and 1.3 with forward secrecy, and nothing older", async () => {
    await start();
    const newest = await dial();
    expect([newest.getProtocol(), newest.getCipher().name]).toEqual([
      "TLSv1.3",
      "TLS_AES_256_GCM_SHA384",
    ]);
    const suites = ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"];
    for (const ciphers of suites) {
      const socket = await dial({ maxVersion: "TLSv1.2", ciphers });
      expect([socket.getProtocol(), socket.getCipher().name]).toEqual(["TLSv1.2", ciphers]);
    }
    const old: tls.ConnectionOptions = { minVersion: "TLSv1", maxVersion: "TLSv1.1" };
    await expect(dial({ ...old, ciphers: "DEFAULT:@SECLEVEL=0" })).rejects.toThrow();
    const weak: tls.ConnectionOptions = { maxVersion: "TLSv1.2", ciphers: "AES128-GCM-SHA256" };
    await expect(dial(weak)).rejects.toThrow();
    expect(counters()["droppedHandshake"]).toBe(2);
  });

  it.each([
    ["require", "none", false],
    ["require", "ours", true],
    ["require", "foreign", false],
    ["request", "none", true],
    ["request", "ours", true],
    ["request", "foreign", false],
    ["none", "foreign", true],
  ] as const)(
    "with client certificates %s, a client with %s is served: %s",
    async (mode, which, served) => {
      await start({ clientCertificates: mode });
      await server.app((app) => app.use("options", OPTIONS_OK));
      const issuer = which === "foreign" ? stranger : authority;
      const shown = which === "none" ? {} : readPair(issuer.issue(["client.test"]));
      const socket = await dial(shown).catch(() => undefined);
      const chunks: string[] = [];
      socket?.on("data", (chunk) => chunks.push(String(chunk)));
      const caller = { protocol: "TLS", address: "127.0.0.1:9", port: 9 } as TcpPeer;
      socket?.write(new PeerCall(caller, tlsPort()).build("OPTIONS"));
      const outcome = (): boolean | undefined =>
        chunks.join("").startsWith("SIP/2.0 200")
          ? true
          : socket?.closed === false
            ? undefined
            : false;
      await expect.poll(outcome).toBe(served);
      expect(counters()["droppedHandshake"]).toBe(served ? 0 : 1);
    },
  );

  it("takes new certificates while a call goes on, and keeps the old ones when the new are bad", async () => {
    let pair = own;
    const load = (): ReturnType<SipTlsOptions["load"]> => ({
      pair,
      ca: undefined,
      serverNames: [],
    });
    await start({ load });
    await server.app((app) =>
      app.invite((req, res) => void app.createUAS(req, res, { localSdp: SDP(5000) })),
    );
    const caller = await peer();
    const call = new PeerCall(caller, tlsPort());
    await call.establish();
    const nameSeen = async (): Promise<string | undefined> => {
      const socket = await dial({ checkServerIdentity: () => undefined });
      return socket.getPeerCertificate().subjectaltname;
    };
    pair = other;
    server.embedded?.reloadCertificates();
    expect(await nameSeen()).toBe("DNS:*.other.test");
    for (const bad of [
      { ...own, key: other.key },
      { ...own, cert: "" },
      { ...own, key: "x" },
    ]) {
      pair = bad;
      server.embedded?.reloadCertificates();
    }
    expect(await nameSeen()).toBe("DNS:*.other.test");
    expect(counters()["certificateReloads"]).toBe(3);
    expect((await call.exchange("BYE")).status).toBe(200);
    expect(caller.connectionCount).toBe(1);
  });

  it("refuses one connection too many, and takes the next when one has ended", async () => {
    await start({}, { total: 1024, perSource: 1024 });
    await server.app((app) => app.use("options", OPTIONS_OK));
    const sockets: net.Socket[] = [];
    for (let index = 0; index < 1024; index += 1) {
      const socket = net.connect(index % 2 === 0 ? tlsPort() : server.sipPort, "127.0.0.1");
      socket.on("error", () => undefined);
      closers.push(async () => void socket.destroy());
      sockets.push(socket);
      await nextEvent(socket, "connect");
    }
    await expect.poll(() => server.embedded?.toJSON().connections.sip).toBe(1024);
    await expect(dial()).rejects.toThrow();
    expect(counters()["droppedTooManyConnections"]).toBe(1);
    sockets[0]?.destroy();
    await expect.poll(() => server.embedded?.toJSON().connections.sip).toBe(1023);
    expect((await dial()).authorized).toBe(true);
  });

  it("refuses one connection too many of one address", async () => {
    await start({}, { total: 1024, perSource: 2 });
    await dial();
    await dial();
    await expect(dial()).rejects.toThrow();
    expect(counters()).toMatchObject({ droppedTooManyFromSource: 1, droppedTooManyConnections: 0 });
    const socket = net.connect({ port: tlsPort(), host: "127.0.0.1", localAddress: "127.0.0.2" });
    expect((await dial({ socket })).authorized).toBe(true);
  });

  it("answers a double line end with one", async () => {
    await start();
    const socket = await dial();
    socket.write("\r\n\r\n");
    const [pong] = await nextEvent(socket, "data");
    expect(String(pong)).toBe("\r\n");
  });
});

describe.skipIf(LEFT_OUT || !opensslInstalled())("a TLS handshake on a virtual clock", () => {
  it("has ten seconds, whether we are called or call", async () => {
    const authority = new Authority();
    const clock = new VirtualClock();
    const pair = readPair(authority.issue(["127.0.0.1"]));
    authority.remove();
    const server = new EmbeddedSipServer({
      clock,
      random: systemRandom,
      logger: silentLogger,
      sip: {
        host: "127.0.0.1",
        port: 0,
        tls: {
          port: 0,
          clientCertificates: "none",
          verify: true,
          load: () => ({ pair, ca: undefined, serverNames: [] }),
        },
      },
      admin: { host: "127.0.0.1", port: 0 },
      secret: "x",
    });
    await server.start();
    const port = server.tlsPort;
    const sockets = [net.connect(port, "127.0.0.1"), net.connect(port, "127.0.0.1")];
    await Promise.all(sockets.map((socket) => nextEvent(socket, "connect")));
    sockets[1]?.write(Buffer.of(22, 3, 1, 2, 0, 1, 0, 1, 252));
    await expect.poll(() => server.toJSON().connections.sip).toBe(2);
    await clock.advanceMs(9_900);
    expect(sockets.map(({ closed }) => closed)).toEqual([false, false]);
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.resume();
    }
    await clock.advanceMs(200);
    await expect.poll(() => sockets.map(({ closed }) => closed)).toEqual([true, true]);
    expect(server.toJSON()).toMatchObject({
      connections: { sip: 0 },
      counters: { droppedSlowPeer: 2, faults: 0 },
    });
    await server.close();
    expect(clock.pending).toBe(0);
  });
});
