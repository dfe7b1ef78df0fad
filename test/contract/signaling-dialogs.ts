/** What every signaling server must do with dialogs: those it was called into, and those it calls into. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  DialogEnd,
  OutboundInvitation,
  ReofferVerdict,
  SipDialog,
  SipDialogDelegate,
} from "../../src/ports/signaling-server.ts";
import { PeerCall, respond, SDP } from "../wire/support/peer-call.ts";
import type { RawMessage } from "../wire/support/sip-peer.ts";
import { eventually } from "../wire/support/waiting.ts";
import type { SignalingLab } from "./signaling-server.ts";

/** Remembers what the peer did. */
class RecordingDelegate implements SipDialogDelegate {
  readonly ends: DialogEnd[] = [];
  readonly infos: string[] = [];
  readonly offers: (string | undefined)[] = [];
  readonly answers: string[] = [];
  verdict: () => ReofferVerdict = () => ({ kind: "accept", sdp: SDP(5002) });

  onEnded(cause: DialogEnd): void {
    this.ends.push(cause);
  }

  onReoffer(sdp: string | undefined): Promise<ReofferVerdict> {
    this.offers.push(sdp);
    return Promise.resolve().then(() => this.verdict());
  }

  onReanswer(sdp: string): void {
    this.answers.push(sdp);
  }

  onInfo(contentType: string, body: string): void {
    this.infos.push(`${contentType}: ${body}`);
  }
}

/** Runs the contract. */
export function signalingDialogsContract(name: string, open: () => Promise<SignalingLab>): void {
  describe(`${name} keeps the contract of dialogs`, () => {
    let lab: SignalingLab;

    beforeEach(async () => {
      lab = await open();
    });

    afterEach(async () => {
      expect(await lab.close()).toBe(0);
    });

    interface Established {
      readonly call: PeerCall;
      readonly dialog: SipDialog;
      readonly delegate: RecordingDelegate;
    }

    async function established(): Promise<Established> {
      const { call, invitation } = await invited();
      const dialog = await invitation.answer({ sdp: SDP(5000) });
      const delegate = new RecordingDelegate();
      dialog.setDelegate(delegate);
      call.learn(await lab.peer.response(200, "INVITE"));
      call.send("ACK");
      return { call, dialog, delegate };
    }

    /** Answers the server's next request of `method` and gives it back. */
    async function answering(method: string, status = 200, body = ""): Promise<RawMessage> {
      const request = await lab.peer.request(method);
      respond(lab.peer, request, status, { body });
      return request;
    }

    async function invited() {
      const call = new PeerCall(lab.peer, lab.sipPort);
      call.send("INVITE", { body: SDP(4000) });
      return { call, invitation: await lab.handler.next() };
    }

    async function endedBy(call: PeerCall): Promise<void> {
      expect((await call.exchange("BYE")).status).toBe(200);
    }

    function dialogsAlive(): unknown {
      return lab.signaling.toJSON()["dialogs"];
    }

    describe("a dialog", () => {
      it("reports the peer's BYE once, with its reason", async () => {
        const { call, dialog, delegate } = await established();
        const headers = ['Reason: Q.850;cause=16;text="Terminated"'];
        expect((await call.exchange("BYE", { headers })).status).toBe(200);
        await expect.poll(() => delegate.ends).toEqual([{ by: "peer", reason: "Terminated" }]);
        expect(dialog.ended).toBe(true);
        await dialog.bye();
        expect(dialogsAlive()).toBe(0);
      });

      it("reports a BYE that came before the delegate, and before the ACK", async () => {
        const { call, invitation } = await invited();
        const dialog = await invitation.answer({ sdp: SDP(5000) });
        call.learn(await lab.peer.response(200, "INVITE"));
        await call.exchange("BYE");
        await expect.poll(() => dialog.ended).toBe(true);
        const delegate = new RecordingDelegate();
        dialog.setDelegate(delegate);
        expect(delegate.ends).toEqual([{ by: "peer", reason: undefined }]);
      });

      it("keeps what the peer asks before there is a delegate, and refuses nothing with 491", async () => {
        const { call, invitation } = await invited();
        const dialog = await invitation.answer({ sdp: SDP(5000) });
        call.learn(await lab.peer.response(200, "INVITE"));
        call.send("ACK");
        const offered = call.exchange("INVITE", { body: SDP(4002) });
        await lab.peer.response(100, "INVITE");
        const told = await call.exchange("INFO", { body: "early", contentType: "text/plain" });
        expect(told.status).toBe(200);
        const delegate = new RecordingDelegate();
        dialog.setDelegate(delegate);
        expect(await offered).toMatchObject({ status: 200, body: SDP(5002) });
        call.sequence -= 1;
        call.send("ACK");
        call.sequence += 1;
        expect(delegate.offers).toEqual([SDP(4002)]);
        expect(delegate.infos).toEqual(["text/plain: early"]);
        await endedBy(call);
      });

      it("refuses what the peer asked before there was a delegate when the dialog ends", async () => {
        const { call, invitation } = await invited();
        const dialog = await invitation.answer({ sdp: SDP(5000) });
        call.learn(await lab.peer.response(200, "INVITE"));
        call.send("ACK");
        const offered = call.exchange("INVITE", { body: SDP(4002) });
        await lab.peer.response(100, "INVITE");
        const ended = dialog.bye();
        await answering("BYE");
        await ended;
        expect((await offered).status).toBe(481);
      });

      it("is there before the ACK where the offer came in a body of several parts", async () => {
        const call = new PeerCall(lab.peer, lab.sipPort);
        const body = `--x\r\nContent-Type: application/sdp\r\n\r\n${SDP(4000)}\r\n--x--\r\n`;
        call.send("INVITE", { body, contentType: "multipart/mixed;boundary=x" });
        const dialog = await (await lab.handler.next()).answer({ sdp: SDP(5000) });
        call.learn(await lab.peer.response(200, "INVITE"));
        call.send("ACK");
        const ended = dialog.bye();
        await answering("BYE");
        await ended;
      });

      it("says BYE once, resolves with its answer and does not report it", async () => {
        const { dialog, delegate } = await established();
        const byes = [dialog.bye({ "X-Why": "done" }), dialog.bye()];
        expect((await answering("BYE")).header("x-why")).toBe("done");
        await Promise.all(byes);
        expect([dialog.ended, delegate.ends, dialogsAlive()]).toEqual([true, [], 0]);
      });

      it("says BYE even with headers that cannot be sent", async () => {
        const { dialog } = await established();
        const said = dialog.bye({ "X-Why": "a\r\nb: c" });
        expect((await answering("BYE")).text).not.toContain("X-Why");
        await said;
      });

      it("does not wait for ever for the answer to its BYE", async () => {
        const { dialog } = await established();
        const before = performance.now();
        await dialog.bye();
        expect(performance.now() - before).toBeLessThan(8000);
        respond(lab.peer, await lab.peer.request("BYE"), 200);
      });

      it("asks the delegate about re-INVITEs", async () => {
        const { call, delegate } = await established();
        const accepted = await call.exchange("INVITE", { body: SDP(4002) });
        expect([accepted.status, accepted.body]).toEqual([200, SDP(5002)]);
        call.send("ACK");
        delegate.verdict = () => ({ kind: "refuse", status: 488 });
        expect((await call.exchange("INVITE", { body: SDP(4004) })).status).toBe(488);
        delegate.verdict = () => {
          throw new Error("delegate");
        };
        expect((await call.exchange("INVITE", { body: SDP(4006) })).status).toBe(500);
        delegate.verdict = () => ({ kind: "accept", sdp: SDP(5004) });
        expect((await call.exchange("INVITE")).body).toBe(SDP(5004));
        call.send("ACK", { body: SDP(4008) });
        expect(delegate.offers).toEqual([SDP(4002), SDP(4004), SDP(4006), undefined]);
        expect((await call.exchange("BYE")).status).toBe(200);
      });

      it("hands an INFO up and answers it, even when the delegate throws", async () => {
        const { call, delegate } = await established();
        const info = { body: "Signal=5\r\n", contentType: "application/dtmf-relay" };
        expect((await call.exchange("INFO", info)).status).toBe(200);
        await expect.poll(() => delegate.infos).toEqual(["application/dtmf-relay: Signal=5\r\n"]);
        delegate.onInfo = () => {
          throw new Error("delegate");
        };
        expect((await call.exchange("INFO", info)).status).toBe(200);
        expect((await call.exchange("BYE")).status).toBe(200);
      });

      it("hands on the answer to the offer that a re-INVITE asked for", async () => {
        const { call, delegate } = await established();
        const ours = await call.exchange("INVITE", { body: "" });
        expect([ours.status, ours.body]).toEqual([200, SDP(5002)]);
        call.send("ACK", { body: SDP(4008) });
        await eventually("the answer", () => delegate.answers.length > 0);
        await call.exchange("INVITE", { body: SDP(4010) });
        call.send("ACK");
        expect((await call.exchange("BYE")).status).toBe(200);
        expect(delegate.answers).toEqual([SDP(4008)]);
      });

      it("sends INFO and REFER, and says when they are refused", async () => {
        const { call, dialog } = await established();
        const sent = dialog.info("text/plain", "hello");
        expect((await answering("INFO")).body).toBe("hello");
        await sent;
        const referred = dialog.refer("sip:desk@127.0.0.1", { "X-Why": "expert" });
        expect((await answering("REFER", 202)).header("refer-to")).toBe("<sip:desk@127.0.0.1>");
        await referred;
        const failed = { code: "SIP_REQUEST_FAILED", details: { method: "INFO", status: 415 } };
        const refused = expect(dialog.info("text/plain", "x")).rejects.toMatchObject(failed);
        await answering("INFO", 415);
        await refused;
        await call.exchange("BYE");
      });

      it("offers anew, one at a time, and again after a refusal", async () => {
        const { call, dialog } = await established();
        const turns = [5010, 5012, 5014].map((port) => dialog.reoffer(SDP(port)));
        const outcomes = Promise.allSettled(turns);
        expect((await answering("INVITE", 200, SDP(4010))).body).toBe(SDP(5010));
        expect((await answering("INVITE", 488)).body).toBe(SDP(5012));
        expect((await answering("INVITE", 200, SDP(4014))).body).toBe(SDP(5014));
        expect(await outcomes).toMatchObject([
          { value: SDP(4010) },
          { reason: { code: "SIP_REQUEST_FAILED", details: { method: "INVITE", status: 488 } } },
          { value: SDP(4014) },
        ]);
        expect(dialog.remoteSdp).toBe(SDP(4014));
        for (const _ack of turns) {
          await lab.peer.request("ACK");
        }
        await call.exchange("BYE");
      });
    });

    describe("a call of ours", () => {
      const abort = (): AbortController => new AbortController();

      function call(differing: Partial<OutboundInvitation> = {}): Promise<SipDialog> {
        return lab.signaling.invite({
          uri: `sip:desk@${lab.peer.address};transport=udp`,
          callingUser: "gateway",
          sdp: SDP(5000),
          signal: abort().signal,
          ...differing,
        });
      }

      it("tells of the SDP that opens media before the answer", async () => {
        const heard: (string | undefined)[] = [];
        const placed = call({ onProgress: (_status, sdp) => heard.push(sdp) });
        const invite = await lab.peer.request("INVITE");
        respond(lab.peer, invite, 180);
        respond(lab.peer, invite, 183, { body: SDP(4000) });
        respond(lab.peer, invite, 200, { body: SDP(4000) });
        const dialog = await placed;
        await lab.peer.request("ACK");
        expect(heard).toEqual([undefined, SDP(4000)]);
        const said = dialog.bye();
        await answering("BYE");
        await said;
      });

      it("rings, is answered, and ended by the peer", async () => {
        const statuses: number[] = [];
        const placed = call({ onProgress: (status) => statuses.push(status) });
        const invite = await lab.peer.request("INVITE");
        expect(invite.header("from")).toContain("sip:gateway@");
        respond(lab.peer, invite, 180);
        respond(lab.peer, invite, 200, { body: SDP(4000) });
        const dialog = await placed;
        await lab.peer.request("ACK");
        expect([statuses, dialog.remoteSdp]).toEqual([[180], SDP(4000)]);
        const said = dialog.bye();
        await answering("BYE");
        await said;
      });

      it("is refused with the peer's status", async () => {
        const failed = { code: "SIP_REQUEST_FAILED", details: { status: 486 } };
        const refused = expect(call()).rejects.toMatchObject(failed);
        await answering("INVITE", 486);
        await refused;
      });

      it("is not placed when it was given up before", async () => {
        const signal = AbortSignal.abort();
        await expect(call({ signal })).rejects.toMatchObject({ code: "SIP_INVITATION_ENDED" });
        expect(lab.peer.received).toEqual([]);
      });

      it("is cancelled while it rings", async () => {
        const giveUp = abort();
        const ended = { code: "SIP_INVITATION_ENDED" };
        const placed = expect(call({ signal: giveUp.signal })).rejects.toMatchObject(ended);
        const invite = await lab.peer.request("INVITE");
        respond(lab.peer, invite, 180);
        giveUp.abort();
        await answering("CANCEL");
        respond(lab.peer, invite, 487);
        await placed;
      });

      it("is ended when the answer crossed the CANCEL", async () => {
        const giveUp = abort();
        const ended = { code: "SIP_INVITATION_ENDED" };
        const placed = expect(call({ signal: giveUp.signal })).rejects.toMatchObject(ended);
        const invite = await lab.peer.request("INVITE");
        respond(lab.peer, invite, 180);
        giveUp.abort();
        const cancel = await lab.peer.request("CANCEL");
        respond(lab.peer, invite, 200, { body: SDP(4000) });
        respond(lab.peer, cancel, 481);
        await lab.peer.request("ACK");
        await answering("BYE");
        await placed;
        expect(dialogsAlive()).toBe(0);
      });
    });
  });
}
