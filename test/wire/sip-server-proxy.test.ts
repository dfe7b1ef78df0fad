/** What drachtio-srf and SIP peers may rely on, whichever server stands between them: requests that are passed on. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { PeerCall, respond, SDP, unique } from "./support/peer-call.ts";
import { type RawMessage, UdpPeer } from "./support/sip-peer.ts";
import type { SrfApp, SrfRequest } from "./support/sip-server-under-test.ts";
import {
  deferred,
  embeddedOnly,
  nextPort,
  ServerUnderTest,
} from "./support/sip-server-under-test.ts";

interface ProxyResults {
  readonly connected: boolean;
  readonly finalStatus: number;
  readonly responses: readonly { readonly msgs: readonly { readonly status: number }[] }[];
}

interface ProxyApp extends SrfApp {
  proxyRequest(req: SrfRequest, to: string[], options: object): Promise<ProxyResults>;
}

let server: ServerUnderTest;
let caller: UdpPeer;
let first: UdpPeer;
let second: UdpPeer;

beforeEach(async () => {
  server = await ServerUnderTest.start();
  caller = await UdpPeer.open(server.sipPort, nextPort());
  first = await UdpPeer.open(server.sipPort, nextPort());
  second = await UdpPeer.open(server.sipPort, nextPort());
});

afterEach(async () => {
  await Promise.all([caller, first, second].map((peer) => peer.close()));
  await server.close();
  expect(server.clock.pending).toBe(0);
});

/** An application that passes every INVITE on to both peers. */
async function passing(options: object): Promise<{ readonly results: Promise<ProxyResults> }> {
  const results = deferred<ProxyResults>();
  const targets = [first, second].map((peer) => `sip:callee@${peer.address};transport=udp`);
  await server.app((app) => {
    app.invite((req) => {
      (app as ProxyApp).proxyRequest(req, targets, options).then(results.resolve, results.reject);
    });
  });
  return { results: results.promise };
}

/** The request of one side as it goes through the server, to the other side. */
function throughServer(call: PeerCall, method: string, answer: RawMessage, body = ""): void {
  const routes = answer.headers("record-route").map((route) => `Route: ${route}`);
  call.send(method, { headers: routes, body });
}

it("stays in the path of a call, and passes its requests on", async () => {
  await passing({ recordRoute: true });
  const call = new PeerCall(caller, server.sipPort);
  call.send("INVITE", { body: SDP(4000) });
  const invite = await first.request("INVITE");
  expect(invite.headers("via")).toHaveLength(2);
  expect(invite.header("max-forwards")).toBe("69");
  expect(invite.header("record-route")).toContain(";lr");
  expect(invite.body).toBe(SDP(4000));
  respond(first, invite, 180);
  respond(first, invite, 200, { body: SDP(5000) });
  expect((await caller.response(180, "INVITE")).headers("via")).toHaveLength(1);
  const answer = await caller.response(200, "INVITE");
  call.learn(answer);
  throughServer(call, "ACK", answer);
  expect((await first.request("ACK")).header("route")).toBeUndefined();
  call.sequence += 1;
  throughServer(call, "INVITE", answer, SDP(4002));
  const again = await first.request("INVITE");
  respond(first, again, 488);
  await caller.response(488, "INVITE");
  await first.request("ACK");
  call.sequence += 1;
  throughServer(call, "BYE", answer);
  respond(first, await first.request("BYE"), 200);
  await caller.response(200, "BYE");
});

it("goes on to the next place, and tells the application how it went", async () => {
  const { results } = await passing({});
  const call = new PeerCall(caller, server.sipPort);
  call.send("INVITE", { body: SDP(4000) });
  respond(first, await first.request("INVITE"), 486);
  await first.request("ACK");
  const invite = await second.request("INVITE");
  expect(invite.header("record-route")).toBeUndefined();
  respond(second, invite, 200, { body: SDP(5000) });
  await caller.response(200, "INVITE");
  expect(await results).toMatchObject({ connected: true, finalStatus: 200 });
});

it("cancels everywhere when the caller does", async () => {
  const { results } = await passing({ forking: "simultaneous" });
  const call = new PeerCall(caller, server.sipPort);
  call.send("INVITE", { body: SDP(4000) });
  const invites = [await first.request("INVITE"), await second.request("INVITE")] as const;
  respond(first, invites[0], 180);
  respond(second, invites[1], 180);
  await caller.response(180, "INVITE");
  call.send("CANCEL", { branch: call.inviteBranch });
  await caller.response(200, "CANCEL");
  for (const [peer, invite] of [
    [first, invites[0]],
    [second, invites[1]],
  ] as const) {
    respond(peer, await peer.request("CANCEL"), 200);
    respond(peer, invite, 487);
    await peer.request("ACK");
  }
  await caller.response(487, "INVITE");
  expect(await results).toMatchObject({ connected: false, finalStatus: 487 });
});

it.skipIf(embeddedOnly("drachtio-server passes on what any Route asks for"))(
  "is no relay for strangers",
  async () => {
    await passing({ recordRoute: true });
    const stranger = new PeerCall(caller, server.sipPort);
    stranger.target = `sip:victim@${first.address}`;
    stranger.remoteParty = `<sip:victim@${first.address}>;tag=${unique("t")}`;
    const headers = [`Route: <sip:127.0.0.1:${server.sipPort};lr>`];
    expect((await stranger.exchange("MESSAGE", { headers })).status).toBe(481);
    expect(first.received).toEqual([]);
  },
);
