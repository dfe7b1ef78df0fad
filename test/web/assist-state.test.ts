/** From what the gateway sends to what the page shows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AssistEvent } from "../../src/ports/assist-events.ts";
import { readMessage } from "../../web/src/link/messages.ts";
import { AssistState } from "../../web/src/state/assist-state.ts";
import { roleOf } from "../../web/src/state/call-view.ts";
import { KEPT_LEVELS, loudness } from "../../web/src/state/level-history.ts";
import { clockText, putLine } from "../../web/src/state/timeline.ts";
import { utterance } from "../support/assist-lab.ts";

type Said = Extract<AssistEvent, { kind: "transcript" }>;

function said(utteranceId: string, changes: Partial<Said> = {}): AssistEvent {
  return { ...(utterance(utteranceId) as Said), ...changes };
}

/** As it comes off the wire. */
function tell(state: AssistState, eventId: number, event: AssistEvent, callId = "a"): void {
  const message = readMessage(
    JSON.stringify({ type: "event", eventId, callId, contactId: null, atMs: 1, event }),
  );
  if (message === undefined) {
    throw new Error(`not understood: ${JSON.stringify(event)}`);
  }
  state.take(message);
}

const texts = (state: AssistState) => state.view.value?.lines.map(({ text }) => text);
const person = (id: string, role: "customer" | "agent") => ({
  id,
  role,
  because: "",
  name: undefined,
});

describe("the transcript of the page", () => {
  it("grows partial text in place, and orders lines by when they were begun", () => {
    const state = new AssistState();
    tell(state, 1, said("b", { text: "my or", final: false, startMs: 500 }));
    tell(state, 2, said("c", { text: "which", final: false, startMs: 900 }));
    tell(state, 3, said("a", { text: "hello", startMs: 100 }));
    tell(state, 4, said("b", { text: "my order", startMs: 500 }));
    expect(texts(state)).toEqual(["hello", "my order", "which"]);
  });

  it("shows nothing twice and nothing older than it has", () => {
    const state = new AssistState();
    tell(state, 5, said("a", { text: "new" }));
    tell(state, 5, said("a", { text: "again" }));
    tell(state, 4, said("a", { text: "old" }));
    expect([texts(state), state.positions]).toEqual([["new"], { a: 5 }]);
  });

  it("gives earlier lines the role that was corrected since", () => {
    const state = new AssistState();
    tell(state, 1, said("a", { participantId: "1", role: "customer" }));
    tell(state, 2, { kind: "state", state: "live", participants: [person("1", "agent")] });
    const view = state.view.value;
    const [line] = view?.lines ?? [];
    expect(view !== undefined && line !== undefined && roleOf(view, line)).toBe("agent");
  });

  it("is in order and holds each line once, whatever comes in whatever order", () => {
    const entry = fc.record({
      utteranceId: fc.stringMatching(/^[a-f]$/),
      startMs: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const began = new Map<string, number>();
        let lines: readonly { utteranceId: string; startMs: number }[] = [];
        for (const { utteranceId, startMs } of entries) {
          const kept = began.get(utteranceId) ?? startMs;
          began.set(utteranceId, kept);
          lines = putLine(lines, { utteranceId, startMs: kept }, 100);
        }
        expect(lines.map(({ startMs }) => startMs)).toEqual([...began.values()].sort());
        expect(new Set(lines.map(({ utteranceId }) => utteranceId)).size).toBe(began.size);
      }),
    );
  });

  it("keeps the newest lines of a call without end", () => {
    const state = new AssistState();
    for (let index = 1; index <= 3100; index += 1) {
      tell(state, index, said(`u${index}`, { startMs: index }));
    }
    expect([texts(state)?.length, texts(state)?.at(-1)]).toEqual([3000, "u3100"]);
  });

  it("writes times as people read them", () => {
    expect([clockText(0), clockText(65_400), clockText(3_661_000)]).toEqual([
      "0:00",
      "1:05",
      "1:01:01",
    ]);
  });
});

describe("the page's view of a call", () => {
  it("has suggestions, steps, meters, moods and the summary as they were told last", () => {
    const state = new AssistState();
    const suggestion = {
      kind: "suggestion",
      suggestionId: "s1",
      category: "answer",
      sources: [{ title: "Refunds", uri: undefined, excerpt: "30 days" }],
      utteranceId: "u1",
    } as const;
    tell(state, 1, { ...suggestion, text: "Within", partial: true });
    tell(state, 2, { ...suggestion, text: "Within 30 days", partial: false });
    tell(state, 3, { kind: "sentiment", participantId: "1", label: "negative", utteranceId: "u1" });
    const step = { id: "greet", title: "Greet", done: true, utteranceId: "u1" };
    tell(state, 4, { kind: "playbook", name: "Support", steps: [step] });
    const coaching = { talkShare: { "1": 1 }, overtalkMs: 1, deadAirMs: 2, missedSteps: ["x"] };
    tell(state, 5, { kind: "coaching", ...coaching });
    tell(state, 6, { kind: "summary", text: "All is well.", disposition: "refund" });
    tell(state, 7, { kind: "state", state: "ended", participants: [] });
    expect(state.view.value).toMatchObject({
      state: "ended",
      suggestions: [{ text: "Within 30 days", partial: false, sources: [{ title: "Refunds" }] }],
      moods: { "1": "negative" },
      moodMarks: { u1: "negative" },
      playbook: { name: "Support", steps: [{ id: "greet", done: true }] },
      coaching,
      summary: { text: "All is well.", disposition: "refund" },
    });
  });

  it("takes a suggestion back that was none after all", () => {
    const state = new AssistState();
    const card = { kind: "suggestion", category: "answer", sources: [], partial: true } as const;
    tell(state, 1, { ...card, suggestionId: "s1", text: "Per", utteranceId: undefined });
    tell(state, 2, { ...card, suggestionId: "s2", text: "Ask", utteranceId: undefined });
    const gone = {
      ...card,
      suggestionId: "s1",
      text: "",
      partial: false,
      withdrawn: true,
    } as const;
    tell(state, 3, { ...gone, utteranceId: undefined });
    expect(state.view.value?.suggestions.map(({ text }) => text)).toEqual(["Ask"]);
  });

  it("hears how somebody sounds from the transcription, too", () => {
    const state = new AssistState();
    tell(state, 1, said("u1", { participantId: "1", sentiment: "negative" }));
    tell(state, 2, said("u2", { participantId: "2" }));
    expect(state.view.value).toMatchObject({
      moods: { "1": "negative" },
      moodMarks: { u1: "negative" },
      lines: [{ utteranceId: "u1" }, { utteranceId: "u2" }],
    });
  });

  it("shows what is wrong until it is over, in the call and with the gateway", () => {
    const state = new AssistState();
    const notice = {
      kind: "notice",
      part: "advisor",
      ok: false,
      text: "The model fails.",
    } as const;
    tell(state, 1, notice);
    state.take({ type: "notice", event: { ...notice, part: "bus", text: "Nodes are apart." } });
    expect(state.notices.value).toEqual(["Nodes are apart.", "The model fails."]);
    tell(state, 2, { ...notice, ok: true, text: "The model answers again." });
    state.take({ type: "subscribed", callId: "a", contactId: undefined });
    expect(state.notices.value).toEqual([]);
  });

  it("follows a contact into its next call, and forgets the oldest of many", () => {
    const state = new AssistState();
    for (const callId of ["a", "b", "c", "d", "e"]) {
      tell(state, 1, said(callId), callId);
    }
    expect(state.view.value?.callId).toBe("e");
    expect(Object.keys(state.positions)).toEqual(["b", "c", "d", "e"]);
    state.clear();
    expect([state.view.value, state.positions]).toEqual([undefined, {}]);
  });

  it("says that something is missing", () => {
    const state = new AssistState();
    state.take({ type: "gap", callId: "a", through: 3 });
    tell(state, 4, said("u"));
    expect(state.view.value?.hasGap).toBe(true);
  });

  it("keeps levels apart from it, the newest ones of each stream", () => {
    const state = new AssistState();
    const drawn: string[] = [];
    const unwatch = state.levels.watch((id) => drawn.push(id));
    const level = { kind: "level", participantId: "1", everyMs: 100 } as const;
    tell(state, 7, said("u"));
    const before = state.view.value;
    // They have the number of the event before them.
    tell(state, 7, { ...level, levelsDbfs: Array.from({ length: 500 }, (_, index) => -index) });
    tell(state, 7, { ...level, levelsDbfs: [-3, -2] });
    unwatch();
    tell(state, 7, { ...level, levelsDbfs: [-1] });
    expect([state.view.value === before, state.positions, drawn]).toEqual([
      true,
      { a: 7 },
      ["1", "1"],
    ]);
    expect(state.levels.of("1").length).toBe(KEPT_LEVELS);
    expect(state.levels.of("1").slice(-3)).toEqual([-3, -2, -1]);
    expect([loudness(-100), loudness(-35), loudness(0)]).toEqual([0, 0.5, 1]);
  });
});

describe("a message that the page does not understand", () => {
  it.each([
    "{",
    "null",
    "[]",
    '{"type":"dance"}',
    '{"type":"event","eventId":1,"callId":"a"}',
    '{"type":"event","eventId":1,"callId":"a","event":{"kind":"constructor"}}',
    '{"type":"event","eventId":1,"callId":"a","event":{"kind":"tomorrow"}}',
    '{"type":"event","eventId":1,"callId":"a","event":{"kind":"state","state":"live"}}',
    '{"type":"event","eventId":1,"callId":"a","event":{"kind":"transcript","text":7}}',
    '{"type":"event","eventId":"1","callId":"a","event":{"kind":"summary","text":"x"}}',
    '{"type":"notice","event":{"kind":"summary","text":"x"}}',
  ])("is left out: %s", (text) => {
    expect(readMessage(text)).toBeUndefined();
  });
});
