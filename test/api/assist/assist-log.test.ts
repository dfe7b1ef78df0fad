/** What is kept of calls: bounded in count, size and time. */
import { describe, expect, it } from "vitest";
import { asCallId } from "../../../src/core/ids.ts";
import { assistLab, ENDED, tell, utterance } from "../../support/assist-lab.ts";
import { FakeAssistPeer } from "../../support/fake-assist-peer.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

function replay(lab: ReturnType<typeof assistLab>, callId = "call-a"): FakeAssistPeer {
  const page = FakeAssistPeer.join(lab.hub);
  page.ask({ action: "subscribe", callId });
  return page;
}

describe("the log of the assist socket", () => {
  it("keeps the newest events of a call, and says what made room", async () => {
    const clock = new VirtualClock();
    const lab = assistLab({ clock, maxEvents: 3 });
    for (let eventId = 1; eventId <= 5; eventId += 1) {
      tell(lab.bus, { eventId });
    }
    await clock.advanceMs(0);
    const page = replay(lab);
    expect(page.eventIds).toEqual([3, 4, 5]);
    expect(page.told[1]).toMatchObject({ type: "gap", through: 2 });
  });

  it("keeps no more than its characters, of a call and of all", async () => {
    const clock = new VirtualClock();
    const lab = assistLab({ clock, maxChars: 3000, maxTotalChars: 5000 });
    const long = "x".repeat(800);
    for (const id of ["a", "b", "c"]) {
      for (let eventId = 1; eventId <= 5; eventId += 1) {
        const event = utterance(`u${eventId}`, long);
        tell(lab.bus, { eventId, callId: asCallId(id), event });
      }
    }
    await clock.advanceMs(0);
    expect(replay(lab, "a").eventIds).toEqual([]);
    expect(replay(lab, "c").eventIds).toEqual([3, 4, 5]);
    expect(lab.log.toJSON()["chars"]).toBeLessThanOrEqual(5000);
  });

  it("forgets the call that was silent longest when there are too many", async () => {
    const clock = new VirtualClock();
    const lab = assistLab({ clock, maxCalls: 2 });
    for (const [id, eventId] of [
      ["a", 1],
      ["b", 1],
      ["a", 2],
      ["c", 1],
    ] as const) {
      tell(lab.bus, { eventId, callId: asCallId(id), contactId: "c-1" });
    }
    await clock.advanceMs(0);
    expect(["a", "b", "c"].map((id) => replay(lab, id).eventIds.length)).toEqual([2, 0, 1]);
    expect(lab.log.find({ kind: "contact", id: "c-1" })).toHaveLength(2);
  });

  it("can be read for a while after the call, and is then empty", async () => {
    const clock = new VirtualClock();
    const lab = assistLab({ clock });
    tell(lab.bus, { eventId: 1, contactId: "c-1" });
    tell(lab.bus, { eventId: 2, event: ENDED });
    tell(lab.bus, { eventId: 1, callId: asCallId("silent") });
    await clock.advanceMs(590_000);
    const page = replay(lab);
    expect([page.eventIds, page.told[0]]).toEqual([
      [1, 2],
      expect.objectContaining({ calls: [{ callId: "call-a", lastEventId: 2, ended: true }] }),
    ]);
    page.leave();
    await clock.advanceMs(60_000);
    expect(lab.log.toJSON()).toMatchObject({ calls: 1 });
    await clock.advanceMs(7_200_000);
    expect(lab.log.toJSON()).toMatchObject({ calls: 0, chars: 0 });
    expect(clock.pending).toBe(1);
    lab.hub.close();
    expect(clock.pending).toBe(0);
  });

  it("leaves out what is no envelope, or of another call than its topic", async () => {
    const clock = new VirtualClock();
    const lab = assistLab({ clock });
    const good = { eventId: 1, callId: "x", atMs: 1, event: { kind: "summary", text: "" } };
    for (const bad of [
      {},
      { ...good, eventId: "1" },
      { ...good, eventId: 1.5 },
      { ...good, callId: "y" },
      { ...good, event: null },
      { ...good, contactId: 7 },
    ]) {
      lab.bus.publish("assist/x", bad);
    }
    lab.bus.publish("assist/x", good);
    await clock.advanceMs(0);
    expect(lab.log.toJSON()).toMatchObject({ calls: 1, events: 1, malformed: 6 });
  });
});
