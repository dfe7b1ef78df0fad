/** Roles that a page corrects on the assist socket: of its own calls only, and only where it may. */
import { beforeEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../../src/core/errors.ts";
import { asCallId } from "../../../src/core/ids.ts";
import { assistLab, ENDED, tell } from "../../support/assist-lab.ts";
import { FakeAssistPeer } from "../../support/fake-assist-peer.ts";
import { FakeDirectory } from "../../support/fake-directory.ts";
import { RecordingMetrics } from "../../support/recording-metrics.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const CONTACT = { kind: "contact", id: "c-1" } as const;
const [callA, callB] = [asCallId("call-a"), asCallId("call-b")];
const ASKED = { action: "setRole", participantId: "1", role: "agent" };

let clock: VirtualClock;
let metrics: RecordingMetrics;
let directory: FakeDirectory;
let lab: ReturnType<typeof assistLab>;

beforeEach(async () => {
  clock = new VirtualClock();
  metrics = new RecordingMetrics();
  directory = new FakeDirectory();
  lab = assistLab({ clock, metrics, directory });
  const one = { id: "1", role: "unknown" as const, because: "no rule fits", name: undefined };
  for (const callId of ["call-a", "call-b"]) {
    const call = directory.add(callId);
    directory.calls.set(call.callId, { ...call, participants: [one] });
  }
  tell(lab.bus, { eventId: 1, callId: callA, contactId: "c-1" });
  tell(lab.bus, { eventId: 1, callId: callB, contactId: "c-2" });
  await clock.advanceMs(0);
});

const codes = (page: FakeAssistPeer) => page.told.flatMap(({ code }) => code ?? []);

describe("a role corrected on the assist socket", () => {
  it("is that of the call that the token's contact has now", () => {
    const page = FakeAssistPeer.join(lab.hub, CONTACT);
    page.ask({ action: "subscribe" });
    page.ask(ASKED);
    page.ask({ ...ASKED, callId: callA, role: "customer" });
    expect(directory.corrections).toEqual([
      { participantId: "1", role: "agent" },
      { participantId: "1", role: "customer" },
    ]);
    expect(codes(page)).toEqual([]);
  });

  it("is never that of another contact, nor of a call that nobody follows", () => {
    const page = FakeAssistPeer.join(lab.hub, CONTACT);
    page.ask(ASKED);
    page.ask({ action: "subscribe" });
    page.ask({ ...ASKED, callId: callB });
    const all = FakeAssistPeer.join(lab.hub);
    all.ask({ action: "subscribe", callId: callA });
    all.ask({ ...ASKED, callId: callB });
    expect(directory.corrections).toEqual([]);
    expect([codes(page), codes(all)]).toEqual([["noSuchCall", "noSuchCall"], ["noSuchCall"]]);
  });

  it("is not that of a call which has become another contact's", async () => {
    const page = FakeAssistPeer.join(lab.hub, CONTACT);
    page.ask({ action: "subscribe" });
    tell(lab.bus, { eventId: 2, callId: callA, contactId: "c-9" });
    await clock.advanceMs(0);
    page.ask(ASKED);
    expect([directory.corrections, codes(page)]).toEqual([[], ["noSuchCall"]]);
  });

  it("needs a connection that may, and a call that goes on, here", async () => {
    const reader = FakeAssistPeer.join(lab.hub, { kind: "all" }, undefined, { mayCorrect: false });
    reader.ask({ action: "subscribe", callId: callA });
    reader.ask(ASKED);
    expect(codes(reader)).toEqual(["lookingOnly"]);
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    directory.calls.delete(callA);
    page.ask(ASKED);
    tell(lab.bus, { eventId: 2, callId: callA, event: ENDED });
    await clock.advanceMs(0);
    page.ask(ASKED);
    expect(codes(page)).toEqual(["noSuchCall", "noSuchCall"]);
    const refused = (reason: string) => metrics.total("trunkline_assist_refused_total", { reason });
    expect([refused("lookingOnly"), refused("noSuchCall")]).toEqual([1, 2]);
  });

  it("reaches the call on another node, which takes nothing that is no correction", async () => {
    const far = assistLab({ clock, metrics, bus: lab.bus, hasOtherNodes: true });
    const here = assistLab({ clock, metrics, bus: lab.bus, hasOtherNodes: true, directory });
    tell(lab.bus, { eventId: 2, callId: callA, contactId: "c-1" });
    await clock.advanceMs(0);
    const page = FakeAssistPeer.join(far.hub, CONTACT);
    page.ask({ action: "subscribe" });
    page.ask(ASKED);
    await clock.advanceMs(0);
    expect(directory.corrections).toEqual([{ participantId: "1", role: "agent" }]);
    lab.bus.publish("fleeting/roles/call-a", { participantId: "1", role: "emperor" });
    directory.failure = new GatewayError("CALL_PARTICIPANT_UNKNOWN");
    page.ask(ASKED);
    await clock.advanceMs(0);
    const refused = (reason: string) => metrics.total("trunkline_assist_refused_total", { reason });
    expect([directory.corrections.length, codes(page)]).toEqual([1, []]);
    expect([refused("badMessage"), refused("noSuchParticipant")]).toEqual([2, 1]);
    here.hub.close();
    far.hub.close();
  });

  it("is refused in words where the call does not take it, or the message is none", () => {
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    directory.failure = new GatewayError("CALL_PARTICIPANT_UNKNOWN");
    page.ask(ASKED);
    directory.failure = new GatewayError("CALL_NOT_RECORDED");
    page.ask(ASKED);
    page.ask({ ...ASKED, role: "model" });
    page.ask({ action: "setRole", role: "agent" });
    expect(codes(page)).toEqual(["noSuchParticipant", "notRecorded", "badMessage", "badMessage"]);
    expect(page.told.at(-1)?.["message"]).toContain("setRole");
  });
});
