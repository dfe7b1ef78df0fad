/** What becomes of calls when the link to the SIP server breaks, is refused, or comes back. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DialogEnd, Invitation, SipDialog } from "../../src/ports/signaling-server.ts";
import { PeerCall, respond, SDP } from "./support/peer-call.ts";
import { DrachtioLab } from "./support/signaling-lab.ts";
import { nextPort } from "./support/sip-server-under-test.ts";

let lab: DrachtioLab;

beforeEach(async () => {
  lab = await DrachtioLab.open();
});

afterEach(async () => {
  expect(await lab.close()).toBe(0);
});

async function invited(body = SDP(4000)): Promise<{ call: PeerCall; invitation: Invitation }> {
  const call = new PeerCall(lab.peer, lab.sipPort);
  call.send("INVITE", { body });
  return { call, invitation: await lab.handler.next() };
}

async function established(): Promise<{ dialog: SipDialog; ends: DialogEnd[] }> {
  const { call, invitation } = await invited();
  const dialog = await invitation.answer({ sdp: SDP(5000) });
  const ends: DialogEnd[] = [];
  dialog.setDelegate({
    onEnded: (cause) => ends.push(cause),
    onReoffer: () => Promise.resolve({ kind: "refuse", status: 488 }),
    onInfo: () => undefined,
  });
  call.learn(await lab.peer.response(200, "INVITE"));
  call.send("ACK");
  return { dialog, ends };
}

const linkIs = async (...states: string[]): Promise<void> =>
  await expect.poll(() => lab.handler.links, { timeout: 5000 }).toEqual(states);

describe("a lost link", () => {
  it("ends dialogs, tells their peers when it is back, and takes new calls", async () => {
    const { dialog, ends } = await established();
    lab.proxy.cut();
    await linkIs("up", "down");
    expect(ends).toEqual([{ by: "server", reason: "the SIP server was lost" }]);
    expect(dialog.ended).toBe(true);
    await dialog.bye();
    expect(lab.signaling.toJSON()).toMatchObject({ link: "down", dialogs: 0 });
    lab.proxy.mend();
    await linkIs("up", "down", "up");
    const bye = await lab.peer.request("BYE");
    expect(bye.header("reason")).toBeDefined();
    respond(lab.peer, bye, 200);
    expect(ends).toHaveLength(1);
    const next = await established();
    const said = next.dialog.bye();
    respond(lab.peer, await lab.peer.request("BYE"), 200);
    await said;
  });

  it("aborts invitations that nobody answered", async () => {
    const { invitation } = await invited();
    lab.proxy.cut();
    await linkIs("up", "down");
    expect(invitation.signal.aborted).toBe(true);
    invitation.progress(180);
    await invitation.reject({ status: 486 });
    const ended = { code: "SIP_INVITATION_ENDED" };
    await expect(invitation.answer({ sdp: SDP(5000) })).rejects.toMatchObject(ended);
    expect(lab.signaling.toJSON()).toMatchObject({ invitations: 0, dialogs: 0 });
  });

  it("ends what waits for the server: answers, refusals, requests, BYEs and calls", async () => {
    const ended = { code: "SIP_INVITATION_ENDED" };
    const failed = { code: "SIP_REQUEST_FAILED" };
    const { dialog } = await established();
    const another = await established();
    const answered = (await invited()).invitation;
    const refused = (await invited()).invitation;
    lab.proxy.deafen();
    const waiting = [
      expect(answered.answer({ sdp: SDP(5000) })).rejects.toMatchObject(ended),
      refused.reject({ status: 486 }),
      expect(dialog.info("text/plain", "x")).rejects.toMatchObject(failed),
      expect(dialog.reoffer(SDP(5002))).rejects.toMatchObject(failed),
      another.dialog.bye(),
      expect(
        lab.signaling.invite({
          uri: `sip:x@${lab.peer.address};transport=udp`,
          callingUser: "gateway",
          sdp: SDP(5000),
          signal: new AbortController().signal,
        }),
      ).rejects.toMatchObject({ code: "SIP_SERVER_LOST" }),
    ];
    lab.proxy.cut();
    await Promise.all(waiting);
    expect(another.ends).toEqual([]);
    expect(lab.signaling.toJSON()).toMatchObject({ invitations: 0, dialogs: 0 });
  });

  it("ends the wait for the ACK of a late offer", async () => {
    const { invitation } = await invited("");
    const answered = invitation.answer({ sdp: SDP(5000) });
    const ended = expect(answered).rejects.toMatchObject({ code: "SIP_INVITATION_ENDED" });
    await lab.peer.response(200, "INVITE");
    lab.proxy.cut();
    await ended;
    expect(lab.signaling.toJSON()).toMatchObject({ invitations: 0, dialogs: 0 });
  });

  it("bears a CANCEL of ours that can no longer be sent", async () => {
    const giveUp = new AbortController();
    const placed = lab.signaling.invite({
      uri: `sip:x@${lab.peer.address};transport=udp`,
      callingUser: "gateway",
      sdp: SDP(5000),
      signal: giveUp.signal,
    });
    const ended = expect(placed).rejects.toMatchObject({ code: "SIP_INVITATION_ENDED" });
    respond(lab.peer, await lab.peer.request("INVITE"), 180);
    lab.proxy.cut();
    giveUp.abort();
    await ended;
  });

  it("is not opened again after close", async () => {
    lab.proxy.cut();
    await linkIs("up", "down");
    await lab.signaling.close();
    lab.proxy.mend();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(lab.proxy.connections).toBe(1);
    expect(lab.handler.links).toEqual(["up", "down"]);
  });
});

describe("a dialog that was not acknowledged", () => {
  it("is ended by the server", { timeout: 60_000 }, async () => {
    const { invitation } = await invited();
    const dialog = await invitation.answer({ sdp: SDP(5000) });
    const ends: DialogEnd[] = [];
    dialog.setDelegate({
      onEnded: (cause) => ends.push(cause),
      onReoffer: () => Promise.resolve({ kind: "refuse", status: 488 }),
      onInfo: () => undefined,
    });
    respond(lab.peer, await lab.peer.request("BYE", 40_000), 200);
    await expect.poll(() => ends).toMatchObject([{ by: "server" }]);
  });
});

describe("a start", () => {
  it("says that the secret is wrong, at once, and leaves nothing open", async () => {
    const signaling = lab.create({ secret: "wrong" });
    await expect(signaling.start(lab.handler)).rejects.toThrow(
      `The link to the SIP server is down. (server: 127.0.0.1:${lab.proxy.port}, reason: it refused the secret, setting: sip.drachtio.secret)`,
    );
    await expect.poll(() => lab.proxy.open).toBe(2);
    await signaling.close();
  });

  it("waits for a server that is late, and says when there is none", async () => {
    lab.proxy.cut();
    const late = lab.create();
    const started = late.start(lab.handler);
    setTimeout(() => lab.proxy.mend(), 300);
    await started;
    await late.close();
    const signaling = lab.create({ connectTimeoutMs: 400 });
    Object.defineProperty(lab.proxy, "port", { value: nextPort() });
    const nowhere = lab.create({ connectTimeoutMs: 400 });
    await expect(nowhere.start(lab.handler)).rejects.toMatchObject({
      code: "SIP_SERVER_LOST",
      details: { reason: "nothing listens there" },
    });
    await Promise.all([nowhere.close(), signaling.close()]);
  });
});
