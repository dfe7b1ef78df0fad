/** What drachtio-srf and SIP peers may rely on, whichever server stands between them: inbound calls. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PeerCall, respond, SDP, unique } from "./support/peer-call.ts";
import type { SipPeer } from "./support/sip-peer.ts";
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

let server: ServerUnderTest;
let peer: SipPeer;
let opened: SipPeer | undefined;

beforeEach(async () => {
  server = await ServerUnderTest.start();
});

afterEach(async () => {
  await opened?.close();
  opened = undefined;
  await server.close();
  expect(server.clock.pending).toBe(0);
});

async function openPeer(protocol: "UDP" | "TCP"): Promise<SipPeer> {
  peer =
    protocol === "UDP"
      ? await UdpPeer.open(server.sipPort, nextPort())
      : await TcpPeer.open(server.sipPort, nextPort());
  opened = peer;
  return peer;
}

interface Answering {
  readonly dialog: Promise<SrfDialog>;
  readonly request: Promise<SrfRequest>;
}

/** An application that answers the first INVITE. */
async function answering(options: object = {}): Promise<Answering> {
  const request = deferred<SrfRequest>();
  const dialog = deferred<SrfDialog>();
  await server.app((app) =>
    app.invite((req, res) => {
      request.resolve(req);
      app
        .createUAS(req, res, { localSdp: SDP(5000), ...options })
        .then(dialog.resolve, dialog.reject);
    }),
  );
  dialog.promise.catch(() => undefined);
  return { dialog: dialog.promise, request: request.promise };
}

describe.each(["UDP", "TCP"] as const)("an inbound call over %s", (protocol) => {
  it("is answered, acknowledged and ended by the peer", async () => {
    const app = await answering();
    const call = new PeerCall(await openPeer(protocol), server.sipPort);
    call.send("INVITE", { body: SDP(4000) });
    await peer.response(100, "INVITE");
    const answer = await peer.response(200, "INVITE");
    expect(answer.body).toBe(SDP(5000));
    expect(answer.header("content-type")).toBe("application/sdp");
    expect(answer.header("contact")).toMatch(/^<sip:127\.0\.0\.1:\d+(;transport=tcp)?>$/);
    call.learn(answer);
    const dialog = await app.dialog;
    const acknowledged = nextEvent(dialog, "ack");
    call.send("ACK");
    await acknowledged;
    expect(dialog.id).toBe(`${call.callId};from-tag=${call.localTag}`);
    const destroyed = nextEvent(dialog, "destroy");
    expect((await call.exchange("BYE")).status).toBe(200);
    await destroyed;
    const request = await app.request;
    expect(request.protocol).toBe(protocol.toLowerCase());
    expect(request.source_address).toBe("127.0.0.1");
    expect(request.body).toBe(SDP(4000));
  });

  it("is ended by the application", async () => {
    const app = await answering();
    const call = new PeerCall(await openPeer(protocol), server.sipPort);
    await call.establish();
    const dialog = await app.dialog;
    const destroyed = dialog.destroy();
    const bye = await peer.request("BYE");
    expect(bye.header("to")).toBe(call.localParty);
    expect(bye.header("from")).toBe(call.remoteParty);
    respond(peer, bye, 200);
    await destroyed;
    // An INFO would not do: drachtio-server hands those of no dialog to an application, or answers 503.
    expect((await call.exchange("UPDATE")).status).toBe(481);
  });

  it("rings, then is refused", async () => {
    await server.app((app) =>
      app.invite((_req, res) => {
        res.send(180);
        res.send(486);
      }),
    );
    const call = new PeerCall(await openPeer(protocol), server.sipPort);
    call.send("INVITE", { body: SDP(4000) });
    const ringing = await peer.response(180, "INVITE");
    expect(ringing.header("to")).toContain("tag=");
    const busy = await peer.response(486, "INVITE");
    expect(busy.header("to")).toBe(ringing.header("to"));
    call.learn(busy);
    call.send("ACK", { branch: call.inviteBranch });
  });

  it.each([
    ["after it rang", true],
    ["before the application said anything", false],
  ])("is cancelled %s", async (_when, rings) => {
    const cancelled = deferred<SrfResponse>();
    await server.app((app) =>
      app.invite((req, res) => {
        if (rings) {
          res.send(180);
        }
        req.on("cancel", () => cancelled.resolve(res));
      }),
    );
    const call = new PeerCall(await openPeer(protocol), server.sipPort);
    call.send("INVITE", { body: SDP(4000) });
    await peer.response(rings ? 180 : 100, "INVITE");
    await sleep(30);
    call.send("CANCEL", { branch: call.inviteBranch });
    await peer.response(200, "CANCEL");
    const terminated = await peer.response(487, "INVITE");
    call.learn(terminated);
    call.send("ACK", { branch: call.inviteBranch });
    const res = await cancelled.promise;
    const late = await new Promise((resolve) => res.send(200, {}, (error) => resolve(error)));
    expect(String(late)).toContain("Response not sent due to unknown transaction");
  });

  it("keeps a late offer for the ACK", async () => {
    const app = await answering();
    const call = new PeerCall(await openPeer(protocol), server.sipPort);
    call.send("INVITE");
    const answer = await peer.response(200, "INVITE");
    expect(answer.body).toBe(SDP(5000));
    call.learn(answer);
    const dialog = await app.dialog;
    const acknowledged = nextEvent(dialog, "ack");
    call.send("ACK", { body: SDP(4002) });
    const [ack] = (await acknowledged) as [SrfRequest];
    expect(ack.body).toBe(SDP(4002));
    expect((await call.exchange("BYE")).status).toBe(200);
  });

  it("is modified by the peer and by the application", async () => {
    const app = await answering();
    const call = new PeerCall(await openPeer(protocol), server.sipPort);
    await call.establish();
    const dialog = await app.dialog;
    dialog.on("modify", (_req: SrfRequest, res: SrfResponse) => {
      res.send(200, { body: SDP(5002) });
    });
    const reinvited = await call.exchange("INVITE", { body: SDP(4004) });
    expect([reinvited.status, reinvited.body]).toEqual([200, SDP(5002)]);
    expect(peer.received.some((m) => m.status === 100)).toBe(true);
    call.send("ACK");
    await sleep(30);
    const modified = dialog.modify(SDP(5004));
    const reinvite = await peer.request("INVITE");
    expect(reinvite.body).toBe(SDP(5004));
    expect(reinvite.header("contact")).toBe(dialog.local.contact);
    respond(peer, reinvite, 200, { body: SDP(4006) });
    const ack = await peer.request("ACK");
    expect(ack.header("cseq")?.split(" ")[0]).toBe(reinvite.header("cseq")?.split(" ")[0]);
    expect(await modified).toBe(SDP(4006));
    expect((await call.exchange("BYE")).status).toBe(200);
  });

  it.each(["INFO", "UPDATE", "OPTIONS", "MESSAGE", "REFER"])(
    "carries %s both ways",
    async (method) => {
      const app = await answering();
      const call = new PeerCall(await openPeer(protocol), server.sipPort);
      await call.establish();
      const dialog = await app.dialog;
      const seen = deferred<SrfRequest>();
      dialog.on(method.toLowerCase(), (req: SrfRequest, res: SrfResponse) => {
        seen.resolve(req);
        res.send(202, { headers: { "X-Answer": "yes" } });
      });
      const headers = method === "REFER" ? ["Refer-To: <sip:other@127.0.0.1>"] : [];
      const text = { headers, body: "Signal=5\r\n", contentType: "application/dtmf-relay" };
      const answer = await call.exchange(method, text);
      expect([answer.status, answer.header("x-answer")]).toEqual([202, "yes"]);
      expect((await seen.promise).body).toBe("Signal=5\r\n");
      const outgoing = dialog.request({ method, headers: { "X-Question": "1" } });
      const request = await peer.request(method);
      expect(request.header("x-question")).toBe("1");
      expect(request.startLine).toBe(`${method} ${call.contact.slice(1, -1)} SIP/2.0`);
      respond(peer, request, 202);
      expect((await outgoing).status).toBe(202);
      expect((await call.exchange("BYE")).status).toBe(200);
    },
  );
});

describe("without an application for it", () => {
  it("an INVITE and an OPTIONS get 503", async () => {
    await openPeer("UDP");
    const call = new PeerCall(peer, server.sipPort);
    call.send("INVITE", { body: SDP(4000) });
    call.learn(await peer.response(503, "INVITE"));
    call.send("ACK", { branch: call.inviteBranch });
    new PeerCall(peer, server.sipPort).send("OPTIONS");
    await peer.response(503, "OPTIONS");
  });

  it("requests of no dialog get 481", async () => {
    await openPeer("UDP");
    for (const method of ["BYE", "UPDATE", "CANCEL"]) {
      new PeerCall(peer, server.sipPort).send(method);
      await peer.response(481, method);
    }
    const call = new PeerCall(peer, server.sipPort);
    call.remoteParty += ";tag=nobody";
    call.send("INVITE", { body: SDP(4000) });
    await peer.response(481, "INVITE");
  });

  it.skipIf(
    embeddedOnly("drachtio-server drops REFER and unknown methods, and answers others 503"),
  )("other methods get 405 with Allow", async () => {
    await server.app((app) => app.invite((_req, res) => res.send(486)));
    await openPeer("UDP");
    for (const method of ["REFER", "PUBLISH", "XYZZY"]) {
      new PeerCall(peer, server.sipPort).send(method);
      const refused = await peer.response(405, method);
      expect(refused.header("allow")).toBe("INVITE, ACK, BYE, CANCEL");
    }
  });
});

it("passes OPTIONS outside dialogs to the application", async () => {
  await server.app((app) =>
    app.use("options", (req, res) =>
      res.send(200, { headers: { "X-On": String(req.receivedOn) } }),
    ),
  );
  await openPeer("UDP");
  new PeerCall(peer, server.sipPort).send("OPTIONS");
  const answer = await peer.response(200, "OPTIONS");
  expect(answer.header("x-on")).toBe(`127.0.0.1:${server.sipPort}`);
});

it("refuses a wrong secret", async () => {
  await openPeer("UDP");
  const { admin } = server;
  Object.defineProperty(server, "admin", { value: { ...admin, secret: "wrong" } });
  await expect(server.app(() => undefined)).rejects.toThrow("failed to authenticate");
});

it("repeats the 200 over UDP until the ACK", async () => {
  await answering();
  await openPeer("UDP");
  const call = new PeerCall(peer, server.sipPort);
  call.send("INVITE", { body: SDP(4000) });
  await peer.response(200, "INVITE");
  const again = await peer.response(200, "INVITE");
  call.learn(again);
  call.send("ACK");
  await sleep(1200);
  expect(peer.unread.filter((m) => m.status === 200)).toEqual([]);
  expect((await call.exchange("BYE")).status).toBe(200);
});

it("survives a Contact that is no SIP URI", async () => {
  const app = await answering();
  await openPeer("UDP");
  for (const contact of ["*", "<tel:+4930123456>", "<sip:>", "peer", "<sip:@>"]) {
    const call = new PeerCall(peer, server.sipPort);
    call.contact = contact;
    if (server.embedded !== undefined) {
      call.send("INVITE", { body: SDP(4000), branch: `z9hG4bK${unique("c")}` });
      const refused = await peer.response(400, "INVITE");
      expect(refused.startLine).toBe("SIP/2.0 400 Bad Contact Header");
    }
  }
  const call = new PeerCall(peer, server.sipPort);
  await call.establish();
  await app.dialog;
  expect((await call.exchange("BYE")).status).toBe(200);
});
