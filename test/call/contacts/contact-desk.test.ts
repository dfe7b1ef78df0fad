import { describe, expect, it } from "vitest";
import { ContactDesk } from "../../../src/call/contacts/contact-desk.ts";
import { ContactDirectory } from "../../../src/call/contacts/contact-directory.ts";
import type { AssistEvent } from "../../../src/ports/assist-events.ts";
import type { ContactSegment } from "../../../src/ports/contact-analysis.ts";
import { adviceLab, PLAYBOOK } from "../../support/advice-lab.ts";
import { MemoryStore } from "../../support/memory-store.ts";

type Heard = Extract<ContactSegment, { readonly kind: "utterance" }>;

function said(utteranceId: string, text: string, changes: Partial<Heard> = {}): Heard {
  return {
    kind: "utterance",
    utteranceId,
    participantId: "CUSTOMER",
    role: "customer",
    text,
    final: true,
    startMs: 0,
    endMs: 1000,
    sentiment: undefined,
    ...changes,
  };
}

async function lab(maxContacts = 3) {
  const parts = adviceLab();
  const { clock, logger, metrics, bus, desk: help, heard } = parts;
  const store = new MemoryStore();
  await store.open();
  const desk = new ContactDesk({
    clock,
    logger,
    metrics,
    bus,
    store,
    help: { desk: help, playbook: PLAYBOOK },
    maxContacts,
    silenceMs: 60_000,
  });
  const events = (contactId = "c-1"): AssistEvent[] =>
    heard
      .filter(({ topic }) => topic === `assist/${contactId}`)
      .map(({ envelope }) => envelope.event);
  const records = async () => (await store.listCalls({}, 100)).records;
  const outcomes = (outcome: string): number =>
    metrics.total("trunkline_contact_segments_total", { outcome });
  return { ...parts, desk, store, events, records, outcomes };
}

describe("a contact that Contact Lens transcribes", () => {
  it("helps its agent as a recording session does, by the sentiment that it is told", async () => {
    const { desk, clock, events, records } = await lab();
    desk.started("c-1");
    desk.heard("c-1", [said("t1", "how long does", { final: false })]);
    desk.heard("c-1", [
      said("t1", "How long does a refund take? This is terrible.", { sentiment: "negative" }),
      said("t2", "Good morning", { participantId: "AGENT", role: "agent", startMs: 2000 }),
    ]);
    desk.heard("c-1", [{ kind: "categories", names: ["Refund", "Anger"] }]);
    desk.heard("c-1", [{ kind: "summary", text: "The customer wants a refund." }]);
    desk.ended("c-1", "completed");
    await clock.advanceMs(5000);
    const told = events();
    expect(told[0]).toMatchObject({ kind: "state", state: "live", participants: [] });
    const transcripts = told.filter((event) => event.kind === "transcript");
    expect(transcripts.map(({ utteranceId, final }) => [utteranceId, final])).toEqual([
      ["t1", false],
      ["t1", true],
      ["t2", true],
    ]);
    expect(told.filter((event) => event.kind === "sentiment")).toEqual([
      { kind: "sentiment", participantId: "CUSTOMER", label: "negative", utteranceId: "t1" },
    ]);
    const suggestions = told.filter((event) => event.kind === "suggestion");
    expect(suggestions.map(({ category }) => category).sort()).toEqual([
      "answer",
      "coaching",
      "coaching",
      "nextBestAction",
    ]);
    expect(told.at(-2)).toMatchObject({
      kind: "summary",
      text: "The customer wants a refund.",
      disposition: "refund",
    });
    expect(told.at(-1)).toMatchObject({ kind: "state", state: "ended" });
    const [record] = await records();
    expect(record).toMatchObject({
      callId: "c-1",
      contactId: "c-1",
      mode: "assist",
      stats: undefined,
      verdict: { outcome: "completed", endedBy: "caller" },
      participants: [{ role: "customer" }, { role: "agent" }],
      attributes: {
        contactLensSummary: "The customer wants a refund.",
        contactLensCategories: "Refund, Anger",
      },
    });
    expect(clock.pending).toBe(0);
  });

  it("takes segments that come twice, out of order, and shortly after the end; none later", async () => {
    const { desk, clock, records, outcomes, events } = await lab();
    desk.heard("c-1", [said("t2", "second", { startMs: 5000, endMs: 6000 })]);
    desk.heard("c-1", [said("t1", "first"), said("t2", "second", { startMs: 5000 })]);
    desk.heard("c-1", [said("t1", "fi", { final: false })]);
    desk.ended("c-1", "completed");
    await clock.advanceMs(500);
    desk.ended("c-1", "completed");
    desk.heard("c-1", [said("t3", "third", { startMs: 9000 })]);
    await clock.advanceMs(5000);
    desk.heard("c-1", [said("t4", "fourth")]);
    desk.started("c-1");
    await clock.advanceMs(5000);
    const all = await records();
    expect(all.map(({ transcript }) => transcript.map(({ text }) => text))).toEqual([
      ["first", "second", "third"],
    ]);
    expect([outcomes("taken"), outcomes("repeated"), outcomes("late")]).toEqual([3, 2, 1]);
    expect(events().at(-1)).toMatchObject({ state: "ended" });
  });

  it("ends when nothing is heard of it for too long, and is not lost when the gateway stops", async () => {
    const { desk, clock, records, metrics } = await lab();
    desk.started("c-1");
    await clock.advanceMs(50_000);
    desk.heard("c-1", [said("t1", "still here")]);
    await clock.advanceMs(50_000);
    expect(desk.list()).toMatchObject([{ contactId: "c-1", utterances: 1 }]);
    await clock.advanceMs(11_000);
    expect(desk.list()).toEqual([]);
    desk.heard("c-2", [said("t1", "hello")]);
    await desk.close();
    desk.heard("c-3", [said("t1", "hello")]);
    expect((await records()).map(({ callId, verdict }) => [callId, verdict.outcome])).toEqual([
      ["c-2", "drained"],
      ["c-1", "timeLimit"],
    ]);
    expect(metrics.total("trunkline_contacts_ended_total")).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it("is one of so many at a time, and the others are counted", async () => {
    const { desk, outcomes, metrics, logger } = await lab(1);
    desk.started("c-1");
    desk.heard("c-2", [said("t1", "hello")]);
    desk.heard("c-3", [said("t1", "hello")]);
    expect(desk.list()).toHaveLength(1);
    expect(desk.follow("c-4")).toBe(false);
    expect([outcomes("full"), metrics.total("trunkline_contacts_refused_total")]).toEqual([2, 3]);
    expect(logger.lines.filter(({ message }) => message.startsWith("too many"))).toHaveLength(1);
  });

  it("tells its page that the service fails, and that it is back, once each", async () => {
    const { desk, events, clock } = await lab();
    desk.started("c-1");
    desk.health(false);
    desk.health(false);
    desk.started("c-2");
    desk.health(true);
    desk.health(false, "c-2");
    await clock.advanceMs(1);
    const notices = (contactId: string) =>
      events(contactId).flatMap((event) =>
        event.kind === "notice" ? [`${event.part} ${event.ok}`] : [],
      );
    expect(notices("c-1")).toEqual(["transcriber false", "transcriber true"]);
    expect(notices("c-2")).toEqual(["transcriber false", "transcriber true", "transcriber false"]);
  });
});

describe("following contacts by hand", () => {
  it("asks the source that is configured, and refuses the others in words", async () => {
    const { desk, metrics } = await lab();
    const asked: string[] = [];
    const directory = new ContactDirectory({
      metrics,
      desk,
      poller: {
        follow: (contactId) => asked.push(contactId) < 2,
        unfollow: (contactId) => asked.push(`no ${contactId}`),
      },
      streaming: undefined,
    });
    await directory.follow("c-1", "contactLens");
    expect(desk.has("c-1")).toBe(true);
    await expect(directory.follow("c-2", "contactLens")).rejects.toMatchObject({
      code: "CONTACTS_FULL",
    });
    expect(desk.has("c-2")).toBe(false);
    await expect(directory.follow("c-3", "chatStreaming")).rejects.toMatchObject({
      code: "CONTACT_SOURCE_OFF",
    });
    expect([await directory.unfollow("c-1"), await directory.unfollow("c-1")]).toEqual([
      true,
      false,
    ]);
  });

  it("ends the streaming of a chat that it began", async () => {
    const { desk, metrics } = await lab();
    const stopped: string[] = [];
    const directory = new ContactDirectory({
      metrics,
      desk,
      poller: undefined,
      streaming: {
        start: async (contactId) => `s-${contactId}`,
        stop: async (_contactId, streamingId) => void stopped.push(streamingId),
      },
    });
    await directory.follow("c-1", "chatStreaming");
    expect([await directory.unfollow("c-1"), await directory.unfollow("c-1")]).toEqual([
      true,
      false,
    ]);
    expect(stopped).toEqual(["s-c-1"]);
  });
});
