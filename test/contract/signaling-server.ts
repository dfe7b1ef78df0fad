/** What every signaling server must do, whatever speaks SIP for it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Invitation, SignalingServer } from "../../src/ports/signaling-server.ts";
import { PeerCall, respond, SDP } from "../wire/support/peer-call.ts";
import type { SipPeer } from "../wire/support/sip-peer.ts";

/** A started server, and a peer that speaks SIP to it byte by byte. */
export interface SignalingLab {
  readonly signaling: SignalingServer;
  readonly handler: {
    before: (invitation: Invitation) => void;
    next(): Promise<Invitation>;
  };
  readonly peer: SipPeer;
  readonly sipPort: number;
  /** Closes everything; resolves with the number of timers left behind. */
  close(): Promise<number>;
}

/** Runs the contract. */
export function signalingServerContract(name: string, open: () => Promise<SignalingLab>): void {
  describe(`${name} keeps the contract of a signaling server`, () => {
    let lab: SignalingLab;

    beforeEach(async () => {
      lab = await open();
    });

    afterEach(async () => {
      expect(await lab.close()).toBe(0);
    });

    const newCall = (user = "agent"): PeerCall => new PeerCall(lab.peer, lab.sipPort, user);

    async function invited(body = SDP(4000)): Promise<{ call: PeerCall; invitation: Invitation }> {
      const call = newCall();
      call.send("INVITE", { body });
      return { call, invitation: await lab.handler.next() };
    }

    function dialogsAlive(): unknown {
      return lab.signaling.toJSON()["dialogs"];
    }

    describe("an invitation", () => {
      it("tells who calls whom, from where, with what", async () => {
        const call = newCall("front%20desk");
        call.send("INVITE", { body: SDP(4000), headers: ["X-Amzn-ConnectContactId: c-1"] });
        const invitation = await lab.handler.next();
        expect(invitation).toMatchObject({
          sipCallId: call.callId,
          source: { address: "127.0.0.1", port: lab.peer.port, transport: "udp" },
          uri: call.target,
          calledUser: "front desk",
          callingUser: "peer",
          offer: SDP(4000),
        });
        expect(invitation.header("x-amzn-connectcontactid")).toBe("c-1");
        expect(invitation.header("X-None")).toBeUndefined();
        await invitation.reject({ status: 486 });
        await lab.peer.response(486, "INVITE");
      });

      it("rings, then is answered with our SDP and headers", async () => {
        const { call, invitation } = await invited();
        invitation.progress(180);
        expect((await lab.peer.response(180, "INVITE")).body).toBe("");
        const headers = { "X-Note": "n" };
        const dialog = await invitation.answer({ sdp: SDP(5000), headers });
        const answer = await lab.peer.response(200, "INVITE");
        expect([answer.body, answer.header("x-note")]).toEqual([SDP(5000), "n"]);
        expect([dialog.remoteSdp, dialog.sipCallId]).toEqual([SDP(4000), call.callId]);
        call.learn(answer);
        call.send("ACK");
        expect((await call.exchange("BYE")).status).toBe(200);
      });

      it("with a late offer is answered when the ACK brought the answer", async () => {
        const { call, invitation } = await invited("");
        expect(invitation.offer).toBeUndefined();
        let resolved = false;
        const answered = invitation.answer({ sdp: SDP(5000) });
        void answered.then(() => {
          resolved = true;
        });
        call.learn(await lab.peer.response(200, "INVITE"));
        expect(resolved).toBe(false);
        call.send("ACK", { body: SDP(4002) });
        expect((await answered).remoteSdp).toBe(SDP(4002));
        expect((await call.exchange("BYE")).status).toBe(200);
      });

      it("with a late offer and a BYE instead of the ACK leaves no dialog", async () => {
        const { call, invitation } = await invited("");
        const answered = expect(invitation.answer({ sdp: SDP(5000) })).rejects.toMatchObject({
          code: "SIP_INVITATION_ENDED",
        });
        call.learn(await lab.peer.response(200, "INVITE"));
        await call.exchange("BYE");
        await answered;
        expect(dialogsAlive()).toBe(0);
      });

      it("is refused with status, reason and headers", async () => {
        const { invitation } = await invited();
        const headers = { "Retry-After": "9" };
        await invitation.reject({ status: 503, reason: "No Room", headers });
        const refusal = await lab.peer.response(503, "INVITE");
        expect(refusal.startLine).toBe("SIP/2.0 503 No Room");
        expect(refusal.header("retry-after")).toBe("9");
      });

      it("is refused with the class of a status that nobody knows", async () => {
        const { invitation } = await invited();
        invitation.progress(150);
        await lab.peer.response(183, "INVITE");
        await invitation.reject({ status: 499 });
        await lab.peer.response(400, "INVITE");
      });

      it("that was cancelled aborts, is not answered any more and leaves no dialog", async () => {
        const { call, invitation } = await invited();
        invitation.progress(180);
        await lab.peer.response(180, "INVITE");
        const aborted = new Promise<void>((resolve) => {
          invitation.signal.addEventListener("abort", () => resolve());
        });
        call.send("CANCEL", { branch: call.inviteBranch });
        await lab.peer.response(487, "INVITE");
        await aborted;
        const answer = invitation.answer({ sdp: SDP(5000) });
        await expect(answer).rejects.toMatchObject({ code: "SIP_INVITATION_ENDED" });
        await invitation.reject({ status: 486 });
        expect(dialogsAlive()).toBe(0);
      });

      it("is settled once", async () => {
        const { invitation } = await invited();
        await invitation.reject({ status: 486 });
        const invalid = { code: "CALL_STATE_INVALID" };
        await expect(invitation.answer({ sdp: SDP(5000) })).rejects.toMatchObject(invalid);
        await expect(invitation.reject({ status: 486 })).rejects.toMatchObject(invalid);
      });

      it("is still open after headers that cannot be sent", async () => {
        const { invitation } = await invited();
        const headers = { "X-Note": "a\r\nVia: b" };
        const malformed = { code: "SIP_MALFORMED" };
        const answer = invitation.answer({ sdp: SDP(5000), headers });
        await expect(answer).rejects.toMatchObject(malformed);
        await expect(invitation.reject({ status: 486, headers })).rejects.toMatchObject(malformed);
        await invitation.reject({ status: 486 });
        await lab.peer.response(486, "INVITE");
      });

      it.each([false, true])(
        "is answered 500 when the handler throws, settled: %s",
        async (settled) => {
          lab.handler.before = (invitation) => {
            if (settled) {
              void invitation.reject({ status: 486 });
            }
            throw new Error("handler");
          };
          newCall().send("INVITE", { body: SDP(4000) });
          await lab.peer.response(settled ? 486 : 500, "INVITE");
        },
      );
    });

    describe("the server", () => {
      it("bears Contacts without a host, and takes the next call", async () => {
        for (const contact of ["*", "<tel:+4930123456>", "<sip:>", "peer", "<sip:@>"]) {
          const call = newCall();
          call.contact = contact;
          call.send("INVITE", { body: SDP(4000) });
        }
        const { call, invitation } = await invited();
        expect(invitation.sipCallId).toBe(call.callId);
        await invitation.reject({ status: 486 });
        await lab.peer.response(486, "INVITE");
      });

      it("refuses calls while draining, and leaves dialogs alone", async () => {
        const { call, invitation } = await invited();
        await invitation.answer({ sdp: SDP(5000) });
        call.learn(await lab.peer.response(200, "INVITE"));
        call.send("ACK");
        lab.signaling.drain();
        newCall().send("INVITE", { body: SDP(4000) });
        const refused = await lab.peer.response(503, "INVITE");
        expect(refused.header("retry-after")).toBe("7");
        expect(dialogsAlive()).toBe(1);
        expect((await call.exchange("BYE")).status).toBe(200);
      });

      it("ends its dialogs when it closes, however often", async () => {
        const { call, invitation } = await invited();
        const dialog = await invitation.answer({ sdp: SDP(5000) });
        call.learn(await lab.peer.response(200, "INVITE"));
        call.send("ACK");
        const closing = [lab.signaling.close(), lab.signaling.close()];
        respond(lab.peer, await lab.peer.request("BYE"), 200);
        await Promise.all(closing);
        expect([dialog.ended, dialogsAlive()]).toEqual([true, 0]);
        const call2 = lab.signaling.invite({
          uri: "sip:x@127.0.0.1",
          callingUser: "",
          sdp: SDP(5000),
          signal: AbortSignal.timeout(1000),
        });
        await expect(call2).rejects.toMatchObject({ code: "SIP_SERVER_LOST" });
      });
    });
  });
}
