/** What a page on the assist socket hears: in order, nothing twice, and how it is dropped. */
import { beforeEach, describe, expect, it } from "vitest";
import { asCallId } from "../../../src/core/ids.ts";
import type { AssistEvent } from "../../../src/ports/assist-events.ts";
import { FLEETING_PREFIX } from "../../../src/ports/bus.ts";
import { assistLab, ENDED, tell, utterance } from "../../support/assist-lab.ts";
import { FakeAssistPeer } from "../../support/fake-assist-peer.ts";
import { RecordingMetrics } from "../../support/recording-metrics.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

let clock: VirtualClock;
let metrics: RecordingMetrics;
let lab: ReturnType<typeof assistLab>;
const callA = asCallId("call-a");
const callB = asCallId("call-b");

beforeEach(() => {
  clock = new VirtualClock();
  metrics = new RecordingMetrics();
  lab = assistLab({ clock, metrics });
});

const settle = (): Promise<void> => clock.advanceMs(0);
const publish = async (...events: Parameters<typeof tell>[1][]): Promise<void> => {
  for (const event of events) {
    tell(lab.bus, event);
  }
  await settle();
};

describe("a subscription", () => {
  it("gets what was said before, then what is said, in order", async () => {
    await publish({ eventId: 1 }, { eventId: 2 });
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    await publish({ eventId: 3 }, { eventId: 4, callId: callB }, { eventId: 4 });
    expect(page.types).toEqual(["subscribed", "event", "event", "event", "event"]);
    expect(page.eventIds).toEqual([1, 2, 3, 4]);
    expect(page.told[0]).toMatchObject({ callId: callA, calls: [{ lastEventId: 2 }] });
  });

  it("gets only what it missed since the event that it names", async () => {
    await publish({ eventId: 1 }, { eventId: 2 }, { eventId: 3 });
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA, after: 2 });
    await publish({ eventId: 4 });
    expect(page.eventIds).toEqual([3, 4]);
  });

  it("waits for a call that is not there yet", async () => {
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", contactId: "c-1" });
    await publish({ eventId: 1 }, { eventId: 2, contactId: "c-1" }, { eventId: 3 });
    expect(page.eventIds).toEqual([1, 2, 3]);
    expect(page.told.at(-1)).toMatchObject({ contactId: "c-1" });
  });

  it("follows a contact into its next call", async () => {
    await publish({ eventId: 1, contactId: "c-1" }, { eventId: 2, event: ENDED });
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", contactId: "c-1", after: { [callA]: 1 } });
    await publish({ eventId: 1, callId: callB, contactId: "c-1" });
    const events = page.told.filter(({ type }) => type === "event");
    expect(events.map(({ callId, eventId }) => `${callId} ${eventId}`)).toEqual([
      "call-a 2",
      "call-b 1",
    ]);
  });

  it("tells nothing twice where a call is asked for by two names, or an event comes again", async () => {
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    page.ask({ action: "subscribe", contactId: "c-1" });
    await publish({ eventId: 1, contactId: "c-1" }, { eventId: 1 }, { eventId: 2 });
    page.ask({ action: "subscribe", callId: callA });
    expect(page.eventIds).toEqual([1, 2]);
  });

  it("leaves out the versions that a newer one replaced", async () => {
    await publish(
      { eventId: 1, event: utterance("u", "a") },
      { eventId: 2, event: utterance("v", "b") },
      { eventId: 3, event: utterance("u", "abc") },
    );
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    expect(page.types).toEqual(["subscribed", "event", "event"]);
    expect(page.eventIds).toEqual([2, 3]);
  });

  it("says that something is missing, once", async () => {
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    await publish({ eventId: 1 }, { eventId: 5 }, { eventId: 6 });
    expect(page.types).toEqual(["subscribed", "event", "gap", "event", "event"]);
    expect(page.told[2]).toEqual({ type: "gap", callId: callA, through: 4 });
    expect(metrics.total("trunkline_assist_events_lost_total")).toBe(3);
  });

  it("ends with unsubscribe, and starts anew", async () => {
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    await publish({ eventId: 1 });
    page.ask({ action: "unsubscribe", callId: callA });
    await publish({ eventId: 2 });
    expect(page.eventIds).toEqual([1]);
    page.ask({ action: "subscribe", callId: callA, after: 0 });
    expect(page.eventIds).toEqual([1, 1, 2]);
  });

  it("is refused in words where it makes no sense, and the connection stays", async () => {
    const page = FakeAssistPeer.join(lab.hub);
    const wrong = [
      "{",
      "null",
      { action: "dance" },
      { action: "subscribe" },
      { action: "subscribe", callId: 1 },
      { action: "subscribe", callId: callA, contactId: "c-1" },
      { action: "subscribe", callId: callA, after: -1 },
    ];
    for (const message of wrong) {
      page.ask(message);
    }
    expect(page.told.map(({ code }) => code)).toEqual([
      "badMessage",
      "badMessage",
      "unknownAction",
      ...Array.from({ length: 4 }, () => "badMessage"),
    ]);
    for (const id of ["1", "2", "3", "4", "5"]) {
      page.ask({ action: "subscribe", callId: id });
    }
    expect(page.told.at(-1)?.code).toBe("tooManySubscriptions");
    page.ask({ action: "ping" });
    expect([page.told.at(-1)?.type, page.closedFor]).toEqual(["pong", undefined]);
  });

  it("is told of a bus that is down, also when it comes later", async () => {
    const early = FakeAssistPeer.join(lab.hub);
    early.ask({ action: "subscribe", callId: callA });
    lab.bus.publish("notice/bus", { kind: "notice", part: "bus", ok: false, text: "down" });
    await settle();
    const late = FakeAssistPeer.join(lab.hub);
    late.ask({ action: "subscribe", callId: callA });
    lab.bus.publish("notice/bus", { kind: "notice", part: "bus", ok: true, text: "up" });
    await settle();
    for (const page of [early, late]) {
      const notices = page.told.filter(({ type }) => type === "notice");
      expect(notices.map(({ event }) => (event as { ok: boolean }).ok)).toEqual([false, true]);
    }
  });
});

describe("a token for one contact", () => {
  it("shows its contact and never another", async () => {
    const page = FakeAssistPeer.join(lab.hub, { kind: "contact", id: "c-1" });
    await publish(
      { eventId: 1, contactId: "c-1" },
      { eventId: 1, callId: callB, contactId: "c-2" },
    );
    page.ask({ action: "subscribe", contactId: "c-2" });
    page.ask({ action: "subscribe", callId: callB });
    page.ask({ action: "subscribe", callId: "nobody's" });
    expect(page.told.map(({ code }) => code)).toEqual(Array(3).fill("otherContact"));
    page.ask({ action: "subscribe" });
    page.ask({ action: "subscribe", callId: callA });
    await publish(
      { eventId: 2, callId: callB, contactId: "c-2" },
      { eventId: 2, contactId: "c-1" },
    );
    const events = page.told.filter(({ type }) => type === "event");
    expect(events.map(({ callId, eventId }) => [callId, eventId])).toEqual([
      [callA, 1],
      [callA, 2],
    ]);
  });

  it("shows nothing more of a call that has become another contact's", async () => {
    const page = FakeAssistPeer.join(lab.hub, { kind: "contact", id: "c-1" });
    await publish({ eventId: 1 }, { eventId: 2, contactId: "c-1" });
    page.ask({ action: "subscribe", callId: callA });
    page.ask({ action: "subscribe", contactId: "c-1" });
    await publish(
      { eventId: 3, contactId: "c-2" },
      { eventId: 4 },
      { eventId: 5, contactId: "c-1" },
    );
    expect(page.eventIds).toEqual([1, 2, 5]);
    const other = FakeAssistPeer.join(lab.hub, { kind: "contact", id: "c-2" });
    other.ask({ action: "subscribe" });
    expect(other.eventIds).toEqual([3, 4]);
  });

  it("for one call opens this call, and no contact", async () => {
    await publish({ eventId: 1, contactId: "c-1" });
    const page = FakeAssistPeer.join(lab.hub, { kind: "call", id: callA });
    page.ask({ action: "subscribe", contactId: "c-1" });
    page.ask({ action: "subscribe", callId: callB });
    page.ask({ action: "subscribe" });
    expect(page.types).toEqual(["error", "error", "subscribed", "event"]);
  });

  it("closes the connection when it expires", async () => {
    const until = clock.wallMs() + 5000;
    const page = FakeAssistPeer.join(lab.hub, { kind: "contact", id: "c-1" }, until);
    page.ask({ action: "subscribe" });
    await clock.advanceMs(4999);
    expect(page.closedFor).toBeUndefined();
    await clock.advanceMs(1);
    await publish({ eventId: 1, contactId: "c-1" });
    expect([page.closedFor, page.eventIds]).toEqual(["expired", []]);
  });
});

describe("a connection", () => {
  it("takes from the log when its network takes more, and misses nothing", async () => {
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    page.stop();
    for (let eventId = 1; eventId <= 200; eventId += 1) {
      await publish({ eventId });
    }
    expect(page.eventIds.length).toBeLessThan(200);
    expect(page.bufferedBytes).toBeLessThan(10_500);
    page.resume();
    expect(page.eventIds).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });

  it("is dropped when its page reads too slowly, or is gone, or asks for nothing", async () => {
    const slow = FakeAssistPeer.join(lab.hub);
    const gone = FakeAssistPeer.join(lab.hub);
    const idle = FakeAssistPeer.join(lab.hub);
    const good = FakeAssistPeer.join(lab.hub);
    for (const page of [slow, gone, good]) {
      page.ask({ action: "subscribe", callId: callA });
    }
    slow.stop();
    await publish({ eventId: 1, event: utterance("u", "x".repeat(20_000)) });
    for (let beat = 0; beat < 6; beat += 1) {
      await clock.advanceMs(15_000);
      idle.answerPing();
      good.answerPing();
    }
    const closed = [slow, gone, idle, good].map(({ closedFor }) => closedFor);
    expect(closed).toEqual(["slow", "dead", "idle", undefined]);
    const count = (reason: string) => metrics.total("trunkline_assist_closed_total", { reason });
    expect([count("slow"), count("dead"), count("idle")]).toEqual([1, 1, 1]);
    good.leave();
    expect(lab.hub.toJSON()).toMatchObject({ connections: 0, subscriptions: 0 });
  });

  it("is dropped when it asks on and on and reads nothing", () => {
    const page = FakeAssistPeer.join(lab.hub);
    page.stop();
    for (let index = 0; index < 1000; index += 1) {
      page.ask({ action: "ping" });
      page.bufferedBytes += 100;
    }
    expect([page.closedFor, page.told.length < 250]).toEqual(["slow", true]);
  });

  it("is told goodbye at the end, after which nothing is armed", async () => {
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    await publish({ eventId: 1 });
    lab.hub.close();
    expect([page.closedFor, lab.hub.hasRoom, clock.pending]).toEqual(["shutdown", false, 0]);
    expect(lab.bus.toJSON()).toMatchObject({ subscribers: 0 });
  });
});

describe("what is worth something now or never", () => {
  const LOUD: AssistEvent = {
    kind: "level",
    participantId: "1",
    levelsDbfs: [-20, -21],
    everyMs: 100,
  };
  const flash = async (contactId?: string): Promise<void> => {
    const envelope = { eventId: 7, callId: callA, contactId, atMs: 1, event: LOUD };
    lab.bus.publish(`${FLEETING_PREFIX}assist/${callA}`, envelope);
    await settle();
  };

  it("comes under the number of what was read last, and is not replayed", async () => {
    await publish({ eventId: 1 }, { eventId: 2 });
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    await flash();
    expect(page.told.at(-1)).toMatchObject({ type: "event", eventId: 2, event: LOUD });
    await publish({ eventId: 3 });
    expect(page.eventIds).toEqual([1, 2, 2, 3]);
    const late = FakeAssistPeer.join(lab.hub);
    late.ask({ action: "subscribe", callId: callA });
    expect(late.eventIds).toEqual([1, 2, 3]);
    expect(late.told.some(({ type }) => type === "gap")).toBe(false);
  });

  it("is dropped for a page whose socket is not empty, which loses nothing else", async () => {
    await publish({ eventId: 1 });
    const page = FakeAssistPeer.join(lab.hub);
    page.ask({ action: "subscribe", callId: callA });
    page.stop();
    await publish({ eventId: 2 });
    await flash();
    page.resume();
    await publish({ eventId: 3 });
    expect(page.eventIds).toEqual([1, 2, 3]);
  });

  it("is told to nobody but those whom the call is open to", async () => {
    await publish({ eventId: 1, contactId: "c-1" });
    const page = FakeAssistPeer.join(lab.hub, { kind: "contact", id: "c-2" });
    page.ask({ action: "subscribe", contactId: "c-2" });
    await flash("c-2");
    expect(page.types).toEqual(["subscribed"]);
  });
});
