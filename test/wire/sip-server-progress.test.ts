/** What drachtio-srf and SIP peers may rely on, whichever server stands between them: progress that is acknowledged. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PeerCall, respond, SDP } from "./support/peer-call.ts";
import type { RawMessage } from "./support/sip-peer.ts";
import { UdpPeer } from "./support/sip-peer.ts";
import type { SrfDialog, SrfRequest, SrfResponse } from "./support/sip-server-under-test.ts";
import { deferred, embeddedOnly, ServerUnderTest } from "./support/sip-server-under-test.ts";

const RELIABLE = { headers: { Require: "100rel" } };
const KNOWS = ["Supported: 100rel"];
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let server: ServerUnderTest;
let peer: UdpPeer;

beforeEach(async () => {
  server = await ServerUnderTest.start();
  peer = await UdpPeer.open(server.sipPort, 0);
});

afterEach(async () => {
  await peer.close();
  await server.close();
  expect(server.clock.pending).toBe(0);
});

function rackOf(progress: RawMessage): string {
  return `RAck: ${progress.header("rseq")} ${progress.header("cseq")}`;
}

describe("progress of an inbound call", () => {
  it("is repeated until its PRACK, which the application hears of; then the call is answered", async () => {
    const acknowledged = deferred<SrfRequest>();
    const dialog = deferred<SrfDialog>();
    await server.app((app) =>
      app.invite((req, res) => {
        const offer = { ...RELIABLE, body: SDP(5000) };
        res.send(183, offer, undefined, (prack) => {
          acknowledged.resolve(prack);
          app.createUAS(req, res, { localSdp: SDP(5000) }).then(dialog.resolve, dialog.reject);
        });
      }),
    );
    const call = new PeerCall(peer, server.sipPort);
    call.send("INVITE", { body: SDP(4000), headers: KNOWS });
    const first = await peer.response(183, "INVITE");
    expect(first.header("require")).toBe("100rel");
    expect(first.header("contact")).toMatch(/^<sip:127\.0\.0\.1:\d+/);
    expect(first.body).toBe(SDP(5000));
    const again = await peer.response(183, "INVITE");
    expect(again.header("rseq")).toBe(first.header("rseq"));
    call.learn(first);
    expect((await call.exchange("PRACK", { headers: [rackOf(first)] })).status).toBe(200);
    expect((await acknowledged.promise).get("RAck")).toBe(rackOf(first).slice(6));
    const answer = await peer.response(200, "INVITE");
    expect(answer.header("to")).toBe(first.header("to"));
    call.send("ACK", { sequence: 1 });
    expect((await dialog.promise).sip.remoteTag).toBe(call.localTag);
    expect((await call.exchange("BYE")).status).toBe(200);
  });

  it.skipIf(
    embeddedOnly(
      "drachtio-server 0.9.10 ends by a fault when a reliable response waits for the PRACK of another",
    ),
  )("comes one at a time, and the answer last", async () => {
    const dialog = deferred<SrfDialog>();
    await server.app((app) =>
      app.invite((req, res) => {
        res.send(183, RELIABLE);
        res.send(180, RELIABLE);
        app.createUAS(req, res, { localSdp: SDP(5000) }).then(dialog.resolve, dialog.reject);
      }),
    );
    dialog.promise.catch(() => undefined);
    const call = new PeerCall(peer, server.sipPort);
    call.send("INVITE", { body: SDP(4000), headers: KNOWS });
    const first = await peer.response(183, "INVITE");
    await sleep(100);
    expect(peer.unread.map((m) => m.status)).not.toContain(180);
    expect(peer.unread.map((m) => m.status)).not.toContain(200);
    call.learn(first);
    expect((await call.exchange("PRACK", { headers: [rackOf(first)] })).status).toBe(200);
    const second = await peer.response(180, "INVITE");
    expect(Number(second.header("rseq"))).toBe(Number(first.header("rseq")) + 1);
    expect((await call.exchange("PRACK", { headers: [rackOf(second)] })).status).toBe(200);
    await peer.response(200, "INVITE");
    call.send("ACK", { sequence: 1 });
    await dialog.promise;
    expect((await call.exchange("BYE")).status).toBe(200);
  });

  it("is an error to the application when the peer does not know 100rel", async () => {
    const failed = deferred<unknown>();
    await server.app((app) =>
      app.invite((_req, res: SrfResponse) => {
        res.send(183, RELIABLE, (error) => {
          failed.resolve(error);
          res.send(486);
        });
      }),
    );
    const call = new PeerCall(peer, server.sipPort);
    call.send("INVITE", { body: SDP(4000) });
    expect(String(await failed.promise)).toContain("Remote endpoint does not support 100rel");
    call.learn(await peer.response(486, "INVITE"));
    call.send("ACK", { branch: call.inviteBranch });
  });

  it.skipIf(embeddedOnly("drachtio-server does not answer a PRACK that fits no response"))(
    "is not acknowledged by a PRACK of something else",
    async () => {
      await server.app((app) => app.invite((_req, res) => res.send(183, RELIABLE)));
      const call = new PeerCall(peer, server.sipPort);
      call.send("INVITE", { body: SDP(4000), headers: KNOWS });
      const first = await peer.response(183, "INVITE");
      call.learn(first);
      expect((await call.exchange("PRACK", { headers: ["RAck: 1 1 INVITE"] })).status).toBe(481);
      await peer.response(183, "INVITE");
      call.send("CANCEL", { branch: call.inviteBranch, sequence: 1 });
      await peer.response(487, "INVITE");
      call.send("ACK", { branch: call.inviteBranch, sequence: 1 });
    },
  );
});

describe("progress of an outbound call", () => {
  it("is acknowledged once, however often it comes; an UPDATE follows in the early dialog", async () => {
    const app = await server.app(() => undefined);
    const statuses: number[] = [];
    const pending = app.createUAC(
      `sip:callee@${peer.address};transport=udp`,
      { localSdp: SDP(5000) },
      { cbProvisional: (response) => statuses.push(response.status) },
    );
    const invite = await peer.request("INVITE");
    const headers = ["Require: 100rel", "RSeq: 11"];
    respond(peer, invite, 183, { headers, body: SDP(4000) });
    const prack = await peer.request("PRACK");
    expect(prack.header("rack")).toBe(`11 ${invite.header("cseq")}`);
    respond(peer, prack, 200);
    respond(peer, invite, 183, { headers, body: SDP(4000) });
    await sleep(200);
    const repeated = peer.unread.filter((m) => m.method === "PRACK").length;
    expect([repeated, statuses.length]).toEqual([0, 1]);
    const next = ["Require: 100rel", "RSeq: 12"];
    respond(peer, invite, 180, { headers: next });
    respond(peer, await peer.request("PRACK"), 200);
    respond(peer, invite, 200, { body: SDP(4000) });
    await peer.request("ACK");
    const dialog = await pending;
    const destroyed = dialog.destroy();
    respond(peer, await peer.request("BYE"), 200);
    await destroyed;
  });

  it.skipIf(embeddedOnly("drachtio-server sends no PRACK to a second branch"))(
    "of two branches is acknowledged to each",
    async () => {
      const app = await server.app(() => undefined);
      const pending = app.createUAC(`sip:callee@${peer.address};transport=udp`, {
        localSdp: SDP(5000),
      });
      const invite = await peer.request("INVITE");
      for (const [tag, rseq] of [
        ["one", 21],
        ["two", 31],
      ] as const) {
        const headers = ["Require: 100rel", `RSeq: ${rseq}`];
        respond(peer, invite, 183, { tag, headers });
        const prack = await peer.request("PRACK");
        expect(prack.header("rack")).toBe(`${rseq} ${invite.header("cseq")}`);
        expect(prack.header("to")).toContain(`tag=${tag}`);
        respond(peer, prack, 200);
      }
      respond(peer, invite, 200, { tag: "one", body: SDP(4000) });
      expect((await peer.request("ACK")).header("to")).toContain("tag=one");
      const dialog = await pending;
      expect(dialog.sip.remoteTag).toBe("one");
      const destroyed = dialog.destroy();
      const bye = await peer.request("BYE");
      expect(bye.header("to")).toContain("tag=one");
      respond(peer, bye, 200);
      await destroyed;
    },
  );
});
