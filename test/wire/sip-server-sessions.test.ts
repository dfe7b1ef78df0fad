/** What drachtio-srf and SIP peers may rely on, whichever server stands between them: session timers, missing ACKs. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PeerCall, respond, SDP } from "./support/peer-call.ts";
import type { RawMessage } from "./support/sip-peer.ts";
import { UdpPeer } from "./support/sip-peer.ts";
import type { SrfApp, SrfDialog, SrfRequest } from "./support/sip-server-under-test.ts";
import {
  deferred,
  EXTERNAL,
  knownDifference,
  nextEvent,
  ServerUnderTest,
} from "./support/sip-server-under-test.ts";

/** Sessions as short as the server takes them: no test waits 90 s for the embedded server. */
const SECONDS = EXTERNAL === undefined ? 6 : 90;
const PATIENCE_MS = SECONDS * 1000 + 10_000;
const TIMER = "Supported: timer";

let server: ServerUnderTest;
let app: SrfApp;
let peer: UdpPeer;
let answered: Promise<SrfDialog>;

beforeEach(async () => {
  server = await ServerUnderTest.start({}, { minSessionMs: 6000 });
  peer = await UdpPeer.open(server.sipPort, 0);
  const dialog = deferred<SrfDialog>();
  answered = dialog.promise;
  app = await server.app((self) =>
    self.invite((req, res) => {
      self.createUAS(req, res, { localSdp: SDP(5000) }).then(dialog.resolve, dialog.reject);
    }),
  );
});

afterEach(async () => {
  await peer.close();
  await server.close();
  expect(server.clock.pending).toBe(0);
});

/** A called peer that answers with `headers`; resolves once the application has its dialog. */
async function call(
  headers: readonly string[],
): Promise<{ dialog: SrfDialog; invite: RawMessage }> {
  const pending = app.createUAC(`sip:callee@${peer.address};transport=udp`, {
    localSdp: SDP(5000),
    headers: { "Session-Expires": `${SECONDS};refresher=uac`, Supported: "timer" },
  });
  const invite = await peer.request("INVITE");
  respond(peer, invite, 200, { body: SDP(4000), headers });
  await peer.request("ACK");
  return { dialog: await pending, invite };
}

async function hangUp(dialog: SrfDialog): Promise<void> {
  const destroyed = dialog.destroy();
  respond(peer, await peer.request("BYE"), 200);
  await destroyed;
}

/** The unsolicited BYE, as peer and application see it. */
async function expectGivenUp(dialog: SrfDialog, text: string): Promise<void> {
  const destroyed = nextEvent(dialog, "destroy", PATIENCE_MS);
  const bye = await peer.request("BYE", PATIENCE_MS);
  expect(bye.header("reason")).toContain(`text="${text}"`);
  respond(peer, bye, 200);
  const [request, reason] = (await destroyed) as [SrfRequest, string];
  expect([request.source, reason]).toEqual(["application", text]);
}

describe("a session timer", () => {
  it("is agreed to as the caller wants it; below the minimum a refresh gets 422", async () => {
    const expires = `Session-Expires: ${SECONDS};refresher=uac`;
    const inbound = new PeerCall(peer, server.sipPort);
    const answer = await inbound.establish({ headers: [TIMER, expires] });
    expect(answer.header("session-expires")?.replace("; ", ";")).toBe(expires.slice(17));
    const short = [TIMER, "Session-Expires: 2;refresher=uac"];
    const refused = await inbound.exchange("UPDATE", { headers: short });
    expect(refused.status).toBe(422);
    expect(refused.header("min-se")).toBe(String(SECONDS));
    expect((await inbound.exchange("BYE")).status).toBe(200);
    await answered;
  });

  it("is answered with a refresher even when the caller names none", async () => {
    const headers = [TIMER, `Session-Expires: ${SECONDS}`];
    const inbound = new PeerCall(peer, server.sipPort);
    const answer = await inbound.establish({ headers });
    const expected = knownDifference("Session-Expires without a refresher is answered with", {
      ours: `${SECONDS};refresher=uac`,
      real: undefined,
    });
    expect(answer.header("session-expires")).toBe(expected);
    expect((await inbound.exchange("BYE")).status).toBe(200);
  });

  it("refuses an INVITE for too short a session", async () => {
    const inbound = new PeerCall(peer, server.sipPort);
    const headers = [TIMER, "Session-Expires: 2;refresher=uac"];
    inbound.send("INVITE", { body: SDP(4000), headers });
    const status = knownDifference("an INVITE with Session-Expires: 2 is answered", {
      ours: 422,
      real: 200,
    });
    const answer = await peer.response(status, "INVITE");
    inbound.learn(answer);
    if (status === 422) {
      expect(answer.header("min-se")).toBe(String(SECONDS));
      inbound.send("ACK", { branch: inbound.inviteBranch });
    } else {
      inbound.send("ACK");
      expect((await inbound.exchange("BYE")).status).toBe(200);
    }
  });

  it("makes us refresh with our last description at half the time", async () => {
    const { dialog, invite } = await call([`Session-Expires: ${SECONDS};refresher=uac`]);
    let heard = 0;
    dialog.on("modify", () => {
      heard += 1;
    });
    const refresh = await peer.request("INVITE", PATIENCE_MS);
    expect(refresh.header("call-id")).toBe(invite.header("call-id"));
    expect(refresh.header("session-expires")?.replace("; ", ";")).toBe(`${SECONDS};refresher=uac`);
    expect(refresh.body).toBe(SDP(5000));
    const agreed = [`Session-Expires: ${SECONDS};refresher=uac`];
    respond(peer, refresh, 200, { body: SDP(4000), headers: agreed });
    await peer.request("ACK");
    expect(heard).toBe(0);
    await hangUp(dialog);
  });

  it("ends the call when the peer does not refresh it", async () => {
    const inbound = new PeerCall(peer, server.sipPort);
    await inbound.establish({ headers: [TIMER, `Session-Expires: ${SECONDS};refresher=uac`] });
    await expectGivenUp(await answered, "Session timer expired");
  });
});

it("ends a call whose 200 is never acknowledged; the first repetition comes after 500 ms", async () => {
  const inbound = new PeerCall(peer, server.sipPort);
  inbound.send("INVITE", { body: SDP(4000) });
  await peer.response(200, "INVITE");
  const startMs = performance.now();
  await peer.response(200, "INVITE");
  expect(performance.now() - startMs).toBeGreaterThan(300);
  if (EXTERNAL === undefined) {
    // 32 s are waited for in virtual time by the unit tests.
    inbound.learn(await peer.response(200, "INVITE"));
    inbound.send("ACK");
    expect((await inbound.exchange("BYE")).status).toBe(200);
  } else {
    await expectGivenUp(await answered, "ACK timeout");
  }
});
