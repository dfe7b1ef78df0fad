/** What every signaling server must do with a REFER of ours: send it, and hand on what the peer reports of it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SipDialog } from "../../src/ports/signaling-server.ts";
import { PeerCall, respond, SDP } from "../wire/support/peer-call.ts";
import { eventually } from "../wire/support/waiting.ts";
import type { SignalingLab } from "./signaling-server.ts";

const TARGET = "sip:desk@127.0.0.1";

/** Runs the contract. */
export function signalingReferContract(name: string, open: () => Promise<SignalingLab>): void {
  describe(`${name} keeps the contract of referrals`, () => {
    let lab: SignalingLab;
    let call: PeerCall;
    let dialog: SipDialog;
    let reports: [number | undefined, boolean][];

    async function established(headers: readonly string[] = []): Promise<void> {
      call = new PeerCall(lab.peer, lab.sipPort);
      call.send("INVITE", { body: SDP(4000), headers });
      const invitation = await lab.handler.next();
      dialog = await invitation.answer({ sdp: SDP(5000) });
      reports = [];
      dialog.setDelegate({
        onEnded: () => undefined,
        onReoffer: () => Promise.resolve({ kind: "refuse", status: 488 }),
        onInfo: () => undefined,
        onReferStatus: (status, isFinal) => reports.push([status, isFinal]),
      });
      call.learn(await lab.peer.response(200, "INVITE"));
      call.send("ACK");
    }

    async function referred(): Promise<void> {
      const sent = dialog.refer(TARGET);
      const request = await lab.peer.request("REFER");
      expect(request.header("refer-to")).toBe(`<${TARGET}>`);
      respond(lab.peer, request, 202);
      await sent;
    }

    const notify = (body: string, state: string, event = "refer") =>
      call.exchange("NOTIFY", {
        headers: [`Event: ${event}`, `Subscription-State: ${state}`],
        contentType: "message/sipfrag;version=2.0",
        body,
      });

    beforeEach(async () => {
      lab = await open();
    });

    afterEach(async () => {
      await call.exchange("BYE");
      expect(await lab.close()).toBe(0);
    });

    it("hands on each report, and says which is the last", async () => {
      await established();
      await referred();
      const active = "active;expires=60";
      expect((await notify("SIP/2.0 100 Trying\r\n", active)).status).toBe(200);
      expect((await notify("SIP/2.0 180 Ringing\r\n", active, "refer;id=2")).status).toBe(200);
      expect((await notify("SIP/2.0 200 OK", "terminated;reason=noresource")).status).toBe(200);
      await eventually("three reports", () => reports.length === 3);
      expect(reports).toEqual([
        [100, false],
        [180, false],
        [200, true],
      ]);
    });

    it("takes a final status for the end, and an end without a status for one", async () => {
      await established();
      await referred();
      await notify("SIP/2.0 486 Busy Here\r\n", "active");
      await notify("", "terminated;reason=timeout");
      await eventually("both reports", () => reports.length === 2);
      expect(reports).toEqual([
        [486, true],
        [undefined, true],
      ]);
    });

    it("refuses reports of other things", async () => {
      await established();
      expect((await notify("Messages-Waiting: yes\r\n", "active", "message-summary")).status).toBe(
        489,
      );
      expect(reports).toEqual([]);
    });

    it("knows what the peer allows, where it says so", async () => {
      await established(["Allow: INVITE, ACK,BYE", "Allow: refer"]);
      const said = dialog.peerAllows;
      await call.exchange("BYE");
      await established();
      expect(said).toEqual(["INVITE", "ACK", "BYE", "REFER"]);
      expect(dialog.peerAllows).toBeUndefined();
    });
  });
}
