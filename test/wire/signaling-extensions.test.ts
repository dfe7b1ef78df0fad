/** What the gateway makes of 100rel, Require and glare, on the embedded server or the one that DRACHTIO_HOST names. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PeerCall, respond, SDP } from "./support/peer-call.ts";
import { DrachtioLab } from "./support/signaling-lab.ts";
import { embeddedOnly, realOnly } from "./support/sip-server-under-test.ts";

let lab: DrachtioLab;

beforeEach(async () => {
  lab = await DrachtioLab.open();
});

afterEach(async () => {
  expect(await lab.close()).toBe(0);
});

describe("a caller that requires 100rel", () => {
  it.skipIf(embeddedOnly("drachtio-server 0.9.10 ends by a fault when no PRACK comes for 32 s"))(
    "hears ringing that it has to acknowledge, and the answer after that",
    async () => {
      const call = new PeerCall(lab.peer, lab.sipPort);
      call.send("INVITE", { body: SDP(4000), headers: ["Require: 100rel"] });
      const invitation = await lab.handler.next();
      invitation.progress(180);
      const ringing = await lab.peer.response(180, "INVITE");
      expect(ringing.header("require")).toBe("100rel");
      const answered = invitation.answer({ sdp: SDP(5000) });
      call.learn(ringing);
      const rack = `RAck: ${ringing.header("rseq")} 1 INVITE`;
      expect((await call.exchange("PRACK", { headers: [rack] })).status).toBe(200);
      await lab.peer.response(200, "INVITE");
      call.send("ACK", { sequence: 1 });
      const said = (await answered).bye();
      respond(lab.peer, await lab.peer.request("BYE"), 200);
      await said;
    },
  );

  it.runIf(realOnly("the embedded server can ring reliably"))(
    "hears nothing but the answer",
    async () => {
      const call = new PeerCall(lab.peer, lab.sipPort);
      call.send("INVITE", { body: SDP(4000), headers: ["Require: 100rel"] });
      const invitation = await lab.handler.next();
      invitation.progress(180);
      const answered = invitation.answer({ sdp: SDP(5000) });
      call.learn(await lab.peer.response(200, "INVITE"));
      call.send("ACK");
      expect(lab.peer.received.map(({ status }) => status)).not.toContain(180);
      const said = (await answered).bye();
      respond(lab.peer, await lab.peer.request("BYE"), 200);
      await said;
    },
  );

  it.skipIf(
    embeddedOnly(
      "drachtio-server 0.9.10 ends by a fault at a CANCEL while a 200 waits for a PRACK",
    ),
  )("may give up while the answer waits", async () => {
    const call = new PeerCall(lab.peer, lab.sipPort);
    call.send("INVITE", { body: SDP(4000), headers: ["Require: 100rel"] });
    const invitation = await lab.handler.next();
    invitation.progress(180);
    call.learn(await lab.peer.response(180, "INVITE"));
    const refused = expect(invitation.answer({ sdp: SDP(5000) })).rejects.toMatchObject({
      code: "SIP_INVITATION_ENDED",
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    call.send("CANCEL", { branch: call.inviteBranch });
    await lab.peer.response(487, "INVITE");
    call.send("ACK", { branch: call.inviteBranch });
    await refused;
  });
});

it("says what it can do in its own INVITE, and acknowledges reliable progress", async () => {
  const statuses: number[] = [];
  const invited = lab.signaling.invite({
    uri: `sip:callee@${lab.peer.address};transport=udp`,
    callingUser: "gateway",
    sdp: SDP(5000),
    signal: new AbortController().signal,
    onProgress: (status) => statuses.push(status),
  });
  const invite = await lab.peer.request("INVITE");
  expect(invite.header("supported")).toBe("100rel, timer");
  expect(invite.header("allow")).toContain("PRACK");
  respond(lab.peer, invite, 183, { headers: ["Require: 100rel", "RSeq: 5"] });
  const prack = await lab.peer.request("PRACK");
  expect(prack.header("rack")).toBe(`5 ${invite.header("cseq")}`);
  respond(lab.peer, prack, 200);
  respond(lab.peer, invite, 200, { body: SDP(4000) });
  await lab.peer.request("ACK");
  const said = (await invited).bye();
  respond(lab.peer, await lab.peer.request("BYE"), 200);
  await said;
  expect(statuses).toEqual([183]);
});

it("refuses what it does not know but is required to", async () => {
  const call = new PeerCall(lab.peer, lab.sipPort);
  call.send("INVITE", { body: SDP(4000), headers: ["Require: 100rel, x-unheard"] });
  const refused = await lab.peer.response(420, "INVITE");
  expect(refused.header("unsupported")).toBe("x-unheard");
  call.learn(refused);
  call.send("ACK", { branch: call.inviteBranch });
});

it("offers again after a re-INVITE that met one of the peer's", async () => {
  const call = new PeerCall(lab.peer, lab.sipPort);
  call.send("INVITE", { body: SDP(4000) });
  const dialog = await (await lab.handler.next()).answer({ sdp: SDP(5000) });
  call.learn(await lab.peer.response(200, "INVITE"));
  call.send("ACK");
  const reoffered = dialog.reoffer(SDP(5004));
  respond(lab.peer, await lab.peer.request("INVITE"), 491);
  await lab.peer.request("ACK");
  const again = await lab.peer.request("INVITE");
  expect(again.body).toBe(SDP(5004));
  respond(lab.peer, again, 200, { body: SDP(4002) });
  expect(await reoffered).toBe(SDP(4002));
  const said = dialog.bye();
  respond(lab.peer, await lab.peer.request("BYE"), 200);
  await said;
});
