/** What drachtio-srf and SIP peers may rely on, whichever server stands between them: outbound calls. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { calledPeerRequest, respond, SDP } from "./support/peer-call.ts";
import type { RawMessage, SipPeer } from "./support/sip-peer.ts";
import { TcpPeer, UdpPeer } from "./support/sip-peer.ts";
import type { SrfApp, SrfDialog, SrfRequest } from "./support/sip-server-under-test.ts";
import {
  deferred,
  embeddedOnly,
  nextEvent,
  nextPort,
  ServerUnderTest,
} from "./support/sip-server-under-test.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let server: ServerUnderTest;
let app: SrfApp;
let peer: SipPeer;

beforeEach(async () => {
  server = await ServerUnderTest.start();
  app = await server.app(() => undefined);
});

afterEach(async () => {
  await peer.close();
  await server.close();
  expect(server.clock.pending).toBe(0);
});

/** A peer that listens, and the URI to reach it. */
async function openPeer(protocol: "UDP" | "TCP"): Promise<string> {
  peer =
    protocol === "UDP"
      ? await UdpPeer.open(server.sipPort, nextPort())
      : await TcpPeer.open(server.sipPort, nextPort());
  return `sip:callee@${peer.address};transport=${protocol.toLowerCase()}`;
}

interface Answered {
  readonly dialog: SrfDialog;
  readonly invite: RawMessage;
  readonly ack: RawMessage;
}

async function establish(uri: string, options: object = {}): Promise<Answered> {
  const dialog = app.createUAC(uri, { localSdp: SDP(5000), ...options });
  const invite = await peer.request("INVITE");
  respond(peer, invite, 200, { body: SDP(4000) });
  const ack = await peer.request("ACK");
  return { dialog: await dialog, invite, ack };
}

function tagIn(value: string | undefined): string | undefined {
  return /tag=([^;]+)/.exec(value ?? "")?.[1];
}

describe.each(["UDP", "TCP"] as const)("an outbound call over %s", (protocol) => {
  it("is answered, and ended by the peer", async () => {
    const uri = await openPeer(protocol);
    const provisional: number[] = [];
    const pending = app.createUAC(
      uri,
      { localSdp: SDP(5000), callingNumber: "caller" },
      { cbProvisional: (response) => provisional.push(response.status) },
    );
    const invite = await peer.request("INVITE");
    expect(invite.startLine).toBe(`INVITE ${uri} SIP/2.0`);
    expect(invite.header("via")).toContain(
      protocol === "UDP" ? ";rport;branch=z9hG4bK" : "branch=",
    );
    expect(invite.header("max-forwards")).toBe("70");
    expect(invite.header("from")).toContain(`sip:caller@127.0.0.1:${server.sipPort}`);
    expect(invite.header("contact")).toContain(`sip:caller@127.0.0.1:${server.sipPort}`);
    expect(invite.header("content-type")).toBe("application/sdp");
    respond(peer, invite, 100);
    respond(peer, invite, 180);
    respond(peer, invite, 200, { body: SDP(4000) });
    const ack = await peer.request("ACK");
    expect(ack.header("cseq")).toBe(invite.header("cseq")?.replace("INVITE", "ACK"));
    expect(ack.startLine).toContain(`ACK sip:peer@${peer.address}`);
    const dialog = await pending;
    expect(provisional).toEqual([180]);
    expect(dialog.remote.sdp).toBe(SDP(4000));
    const callId = invite.header("call-id");
    expect(dialog.id).toBe(`${callId};from-tag=${tagIn(invite.header("from"))}`);
    const destroyed = nextEvent(dialog, "destroy");
    peer.send(calledPeerRequest(peer, "BYE", invite));
    expect((await peer.response(200, "BYE")).startLine).toBe("SIP/2.0 200 OK");
    await destroyed;
  });

  it("is ended by the application", async () => {
    const { dialog, invite } = await establish(await openPeer(protocol));
    const destroyed = dialog.destroy();
    const bye = await peer.request("BYE");
    const sequence = Number(invite.header("cseq")?.split(" ")[0]);
    expect(bye.header("cseq")).toBe(`${sequence + 1} BYE`);
    respond(peer, bye, 200);
    await destroyed;
    if (peer instanceof TcpPeer) {
      expect(peer.connectionCount).toBe(1);
    }
  });

  it("is refused", async () => {
    const uri = await openPeer(protocol);
    const dialog = app.createUAC(uri, { localSdp: SDP(5000) });
    const refused = expect(dialog).rejects.toMatchObject({ status: 486 });
    const invite = await peer.request("INVITE");
    respond(peer, invite, 486);
    const ack = await peer.request("ACK");
    expect(ack.header("via")).toBe(invite.header("via"));
    await refused;
  });

  it("is cancelled while it rings", async () => {
    const uri = await openPeer(protocol);
    const sent = deferred<SrfRequest>();
    const dialog = app.createUAC(
      uri,
      { localSdp: SDP(5000) },
      { cbRequest: (_error, request) => sent.resolve(request) },
    );
    const ended = expect(dialog).rejects.toMatchObject({ status: 487 });
    const invite = await peer.request("INVITE");
    (await sent.promise).cancel();
    await sleep(50);
    expect(peer.unread.filter((m) => m.method === "CANCEL")).toEqual([]);
    respond(peer, invite, 180);
    const cancel = await peer.request("CANCEL");
    expect(cancel.header("via")).toBe(invite.header("via"));
    expect(cancel.header("cseq")).toBe(invite.header("cseq")?.replace("INVITE", "CANCEL"));
    respond(peer, cancel, 200);
    respond(peer, invite, 487);
    await peer.request("ACK");
    await ended;
  });

  it("is ended when the answer and the CANCEL cross", async () => {
    const uri = await openPeer(protocol);
    const sent = deferred<SrfRequest>();
    const pending = app.createUAC(
      uri,
      { localSdp: SDP(5000) },
      { cbRequest: (_error, request) => sent.resolve(request) },
    );
    const invite = await peer.request("INVITE");
    respond(peer, invite, 180);
    (await sent.promise).cancel();
    respond(peer, await peer.request("CANCEL"), 200);
    respond(peer, invite, 200, { body: SDP(4000) });
    await peer.request("ACK");
    const bye = await peer.request("BYE");
    expect(bye.header("reason")).toContain("ACK-BYE due to cancel race condition");
    respond(peer, bye, 200);
    const dialog = await pending;
    await sleep(30);
    expect(dialog.connected).toBe(false);
  });

  it("answers a digest challenge with the same call and the next number", async () => {
    const uri = await openPeer(protocol);
    const pending = app.createUAC(uri, {
      localSdp: SDP(5000),
      auth: { username: "ann", password: "secret" },
    });
    const first = await peer.request("INVITE");
    const challenge = 'WWW-Authenticate: Digest realm="trunk", nonce="abc"';
    respond(peer, first, 401, { headers: [challenge] });
    await peer.request("ACK");
    const second = await peer.request("INVITE");
    expect(second.header("call-id")).toBe(first.header("call-id"));
    expect(second.header("from")).toBe(first.header("from"));
    const number = (m: RawMessage): number => Number(m.header("cseq")?.split(" ")[0]);
    expect(number(second)).toBe(number(first) + 1);
    const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
    const expected = md5(`${md5("ann:trunk:secret")}:abc:${md5(`INVITE:${uri}`)}`);
    expect(second.header("authorization")).toContain(`response="${expected}"`);
    respond(peer, second, 200, { body: SDP(4000) });
    await peer.request("ACK");
    const dialog = await pending;
    const destroyed = dialog.destroy();
    respond(peer, await peer.request("BYE"), 200);
    await destroyed;
  });

  it("sends an INVITE without an offer and the answer in the ACK", async () => {
    const uri = await openPeer(protocol);
    const pending = app.createUAC(uri, { noAck: true });
    const invite = await peer.request("INVITE");
    expect(invite.body).toBe("");
    respond(peer, invite, 200, { body: SDP(4000) });
    const held = (await pending) as unknown as {
      sdp: string;
      ack: (sdp: string) => Promise<SrfDialog>;
    };
    expect(held.sdp).toBe(SDP(4000));
    const dialog = await held.ack(SDP(5000));
    const ack = await peer.request("ACK");
    expect([ack.body, ack.header("content-type")]).toEqual([SDP(5000), "application/sdp"]);
    const destroyed = dialog.destroy();
    respond(peer, await peer.request("BYE"), 200);
    await destroyed;
  });

  it("is modified by both sides", async () => {
    const { dialog, invite } = await establish(await openPeer(protocol));
    const modified = dialog.modify(SDP(5002));
    const reinvite = await peer.request("INVITE");
    respond(peer, reinvite, 200, { body: SDP(4002) });
    await peer.request("ACK");
    expect(await modified).toBe(SDP(4002));
    peer.send(calledPeerRequest(peer, "INVITE", invite, { body: SDP(4004) }));
    const answer = await peer.response(200, "INVITE");
    expect(answer.body).toBe(SDP(5002));
    peer.send(calledPeerRequest(peer, "ACK", invite));
    const destroyed = dialog.destroy();
    respond(peer, await peer.request("BYE"), 200);
    await destroyed;
  });
});

it("repeats the ACK when the peer repeats the 200", async () => {
  const { dialog, invite, ack } = await establish(await openPeer("UDP"));
  respond(peer, invite, 200, { body: SDP(4000) });
  expect((await peer.request("ACK")).text).toBe(ack.text);
  const destroyed = dialog.destroy();
  respond(peer, await peer.request("BYE"), 200);
  await destroyed;
});

it.skipIf(embeddedOnly("drachtio-server repeats the ACK of the first branch"))(
  "acknowledges and ends a second branch that answers",
  async () => {
    const { dialog, invite } = await establish(await openPeer("UDP"));
    respond(peer, invite, 200, { body: SDP(4002), tag: "second-branch" });
    const ack = await peer.request("ACK");
    expect(ack.header("to")).toContain("tag=second-branch");
    const bye = await peer.request("BYE");
    expect(bye.header("to")).toContain("tag=second-branch");
    respond(peer, bye, 200);
    const destroyed = dialog.destroy();
    const last = await peer.request("BYE");
    expect(last.header("to")).toContain("tag=peer-tag");
    respond(peer, last, 200);
    await destroyed;
  },
);

it("gives a fabricated 503 for a refused TCP connection", async () => {
  await openPeer("UDP");
  const uri = `sip:nobody@127.0.0.1:${nextPort()};transport=tcp`;
  const call = app.createUAC(uri, { localSdp: SDP(5000) });
  await expect(call).rejects.toMatchObject({ status: 503 });
});

it("objects to what it cannot send, in words the application knows", async () => {
  await openPeer("UDP");
  const attempt = (uri: string, options: object = {}): Promise<unknown> =>
    app.createUAC(uri, { localSdp: SDP(5000), ...options });
  await expect(attempt(`sip:x@127.0.0.1:${server.sipPort};transport=udp`)).rejects.toThrow(
    "can not send request to myself",
  );
  await expect(attempt("sip:x@127.0.0.1:5062;transport=sctp")).rejects.toThrow(
    "requested protocol/transport not available",
  );
  const text = { localSdp: "hello" };
  const uri = `sip:x@127.0.0.1:${nextPort()};transport=udp`;
  await expect(attempt(uri, text)).rejects.toThrow("missing content-type");
});

it("acknowledges a reliable provisional response with a PRACK", async () => {
  const uri = await openPeer("UDP");
  const pending = app.createUAC(uri, { localSdp: SDP(5000) });
  const invite = await peer.request("INVITE");
  respond(peer, invite, 183, { headers: ["Require: 100rel", "RSeq: 11"], body: SDP(4000) });
  const prack = await peer.request("PRACK");
  expect(prack.header("rack")).toBe(`11 ${invite.header("cseq")}`);
  respond(peer, prack, 200);
  respond(peer, invite, 200, { body: SDP(4000) });
  const ack = await peer.request("ACK");
  const dialog = await pending;
  const destroyed = dialog.destroy();
  const bye = await peer.request("BYE");
  const number = (m: RawMessage): number => Number(m.header("cseq")?.split(" ")[0]);
  expect([number(prack), number(bye)]).toEqual([number(ack) + 1, number(ack) + 2]);
  respond(peer, bye, 200);
  await destroyed;
});

it("follows the record route of the answer", async () => {
  const uri = await openPeer("UDP");
  const pending = app.createUAC(uri, { localSdp: SDP(5000) });
  const invite = await peer.request("INVITE");
  const routes = [`<sip:far@${peer.address};lr>`, `<sip:near@${peer.address};lr>`];
  const headers = routes.map((route) => `Record-Route: ${route}`);
  respond(peer, invite, 200, { body: SDP(4000), headers });
  const ack = await peer.request("ACK");
  expect(ack.headers("route")).toEqual([...routes].reverse());
  const dialog = await pending;
  const destroyed = dialog.destroy();
  const bye = await peer.request("BYE");
  expect(bye.headers("route")).toEqual([...routes].reverse());
  respond(peer, bye, 200);
  await destroyed;
});
