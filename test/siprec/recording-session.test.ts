/** The life of a recording session: who is there, which streams run, what does not fit. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { updateRecording } from "../../src/siprec/recording-session.ts";
import {
  NEW_RECORDING,
  type RecordingFact,
  type RecordingState,
  type RecordingUpdate,
} from "../../src/siprec/recording-state.ts";
import { lines, readText, snapshot } from "./support.ts";

function tell(fact: RecordingFact): string {
  const { kind, ...rest } = fact;
  return kind === "warning"
    ? `! ${fact.oddity.code} ${fact.oddity.where}`
    : `${kind} ${Object.values(rest).join(" ")}`;
}

/** Applies updates and tells the facts of the last one. */
function having(...updates: readonly RecordingUpdate[]): {
  readonly state: RecordingState;
  readonly told: readonly string[];
} {
  let state = NEW_RECORDING;
  let told: readonly string[] = [];
  for (const update of updates) {
    const step = updateRecording(state, update);
    state = step.state;
    told = step.facts.map(tell);
  }
  return { state, told };
}

const PAT = { id: "pat", label: "1" };
const ALEX = { id: "alex", label: "2" };
const BOTH: RecordingUpdate = { media: lines("1", "2"), metadata: snapshot([PAT, ALEX]) };

describe("the first request", () => {
  it("brings streams and people, joined by label and not by order", () => {
    const { told } = having({ media: lines("2", "1"), metadata: snapshot([PAT, ALEX]) });
    expect(told).toEqual([
      "streamAdded 2 true",
      "streamAdded 1 true",
      "participantJoined pat",
      "participantJoined alex",
      "speakersChanged 2 alex",
      "speakersChanged 1 pat",
    ]);
  });

  it("may bring audio without metadata, and metadata later", () => {
    expect(having({ media: lines("1", "2") }).told).toEqual([
      "streamAdded 1 true",
      "streamAdded 2 true",
    ]);
    const { told } = having({ media: lines("1", "2") }, { metadata: snapshot([PAT, ALEX]) });
    expect(told).toEqual([
      "participantJoined pat",
      "participantJoined alex",
      "speakersChanged 1 pat",
      "speakersChanged 2 alex",
    ]);
  });

  it("does not take 1 and 01 for the same label", () => {
    const { told } = having({ media: lines("01"), metadata: snapshot([PAT]) });
    expect(told.filter((line) => line.startsWith("!"))).toEqual([
      "! labelNotInSdp label 1",
      "! labelNotInMetadata label 01",
    ]);
  });

  it("keeps streams without a label, and of a label that another has", () => {
    const { state } = having({ media: lines("-", "1", "1"), metadata: snapshot([PAT]) });
    expect(state.media.map(({ key }) => key)).toEqual(["#1", "1", "#3"]);
  });
});

describe("streams", () => {
  it("may wait, start one by one, be held, resume and go", () => {
    const idle = { media: lines("1 inactive", "2 inactive") };
    expect(having(idle).told).toEqual(["streamAdded 1 false", "streamAdded 2 false"]);
    expect(having(idle, { media: lines("1", "2 inactive") }).told).toEqual(["streamResumed 1"]);
    expect(having(BOTH, { media: lines("1 inactive", "2 recvonly") }).told).toEqual([
      "streamHeld 1",
      "streamHeld 2",
    ]);
    expect(having(BOTH, { media: lines("1 sendonly 0", "2") }).told).toContain("streamRemoved 1");
  });

  it("may be added, come from another source, or vanish against the rules", () => {
    expect(having(BOTH, { media: lines("1", "2", "3") }).told).toEqual([
      "streamAdded 3 true",
      "! labelNotInMetadata label 3",
    ]);
    expect(having(BOTH, { media: lines("1 sendonly 9000", "2") }).told).toEqual([
      "streamSourceChanged 1",
      "! sourceChanged m-line 1",
    ]);
    expect(having(BOTH, { media: lines("1") }).told).toEqual([
      "streamRemoved 2",
      "! lineGone m-line 2",
      "! labelNotInSdp label 2",
    ]);
  });

  it("stay as they are when an update says nothing of them", () => {
    expect(having(BOTH, {}).told).toEqual([]);
    expect(having(BOTH, BOTH).told).toEqual([]);
  });

  it("of several people name all of them as they came", () => {
    const metadata = snapshot([PAT, { id: "alex", label: "1" }, { id: "sam", label: "1" }]);
    const { told } = having({ media: lines("1"), metadata });
    expect(told).toContain("speakersChanged 1 pat,alex,sam");
    expect(told).toContain("! streamMixed label 1");
  });
});

describe("people", () => {
  it("who are not in a complete snapshot have left; a partial one leaves them", () => {
    expect(having(BOTH, { metadata: snapshot([PAT]) }).told).toEqual([
      "participantLeft alex",
      "speakersChanged 2 ",
      "! labelNotInMetadata label 2",
    ]);
    const joined = having(BOTH, {
      media: lines("1", "2", "3"),
      metadata: snapshot([{ id: "sue", label: "3" }], "partial"),
    });
    expect(joined.told).toEqual([
      "streamAdded 3 true",
      "participantJoined sue",
      "speakersChanged 3 sue",
    ]);
    expect([...joined.state.participants.keys()]).toEqual(["pat", "alex", "sue"]);
  });

  it("leave by a time of disassociation, and come back", () => {
    const gone: RecordingUpdate = {
      metadata: snapshot([{ ...ALEX, until: "2026-11-21T10:00:00Z" }], "partial"),
    };
    expect(having(BOTH, gone).told).toContain("participantLeft alex");
    expect(having(BOTH, gone, { metadata: snapshot([ALEX], "partial") }).told).toContain(
      "participantJoined alex",
    );
  });

  it("leave with the session that stops", () => {
    const stop = "<session session_id='cs'><stop-time>2026-11-21T10:00:00Z</stop-time></session>";
    const { told } = having(BOTH, { metadata: snapshot([], "partial", stop) });
    expect(told).toEqual(expect.arrayContaining(["participantLeft pat", "participantLeft alex"]));
  });

  it("change streams in a partial snapshot", () => {
    const { told } = having(
      { media: lines("1", "2", "3"), metadata: snapshot([PAT, ALEX]) },
      { metadata: snapshot([{ id: "alex", label: "3" }], "partial") },
    );
    expect(told).toEqual([
      "speakersChanged 2 ",
      "speakersChanged 3 alex",
      "! streamUnclaimed label 2",
    ]);
  });

  it("are the same under a new id when their address of record is", () => {
    const renamed = snapshot([
      PAT,
      { id: "call-7@host", aor: "sip:alex@example.com;user=phone", label: "2" },
    ]);
    const { told, state } = having(BOTH, { metadata: renamed });
    expect(told).toEqual([
      "participantRenamed alex call-7@host",
      "speakersChanged 2 call-7@host",
      "! participantRenamed participant call-7@host",
    ]);
    expect(state.participants.get("call-7@host")?.order).toBe(1);
  });

  it("who withhold their address, or share one, are not taken for each other", () => {
    const nobody = { aor: "sip:anonymous@anonymous.invalid", label: "2" };
    const before = { media: lines("1", "2"), metadata: snapshot([PAT, { id: "x", ...nobody }]) };
    const { told } = having(before, { metadata: snapshot([PAT, { id: "y", ...nobody }]) });
    expect(told).toContain("transferred x y replacement");
    const shared = { aor: "sip:desk@example.com" };
    const one = { metadata: snapshot([PAT, { id: "x", ...shared }]) };
    const two = {
      metadata: snapshot([PAT, { id: "y", ...shared }, { id: "z", ...shared }]),
    };
    const facts = having(one, two).told.filter((line) => !line.startsWith("!"));
    expect(facts).toEqual(["participantRenamed x y", "participantJoined z"]);
  });

  it("without a stream, and snapshots about nobody, are told", () => {
    const silent = having({ media: lines("1"), metadata: snapshot([PAT, { id: "mute" }]) });
    expect(silent.told).toContain("! participantSilent participant mute");
    const partial = snapshot([PAT], "partial");
    expect(having({ metadata: partial }).told).toContain("! partialFirst metadata");
    const { metadata } = readText(
      `<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>partial</datamode><participantstreamassoc participant_id="ghost"><send>s-1</send></participantstreamassoc></recording>`,
    );
    expect(having(BOTH, { metadata }).told).toEqual(["! referenceUnknown participant ghost"]);
  });

  it("may be bound to labels where ids of streams are meant", () => {
    const { metadata } = readText(
      `<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode><participant participant_id="p"/><stream stream_id="x"><label>1</label></stream><participantstreamassoc participant_id="p"><send>1</send></participantstreamassoc></recording>`,
    );
    expect(having({ media: lines("1"), metadata }).told).toContain("speakersChanged 1 p");
  });
});

describe("a transfer", () => {
  const SAM = { id: "sam", label: "2" };

  it("is told with both parties when one goes as one comes", () => {
    expect(having(BOTH, { metadata: snapshot([PAT, SAM]) }).told).toEqual([
      "participantLeft alex",
      "participantJoined sam",
      "transferred alex sam replacement",
      "speakersChanged 2 sam",
    ]);
  });

  it("is told by the reference of the metadata", () => {
    const more = `<xfer-from participant_id="alex"/>`;
    const { told } = having(BOTH, { metadata: snapshot([PAT, ALEX, { id: "sam", more }]) });
    expect(told).toContain("transferred alex sam reference");
    expect(told).not.toContain("participantLeft alex");
  });

  it("is told by the group that two sessions share", () => {
    const group = (id: string): string =>
      `<session session_id="${id}"><group-ref>g</group-ref></session>`;
    const before = snapshot([PAT, ALEX], "complete", group("cs"));
    const now = snapshot(
      [
        { ...PAT, session: "cs2" },
        { ...SAM, session: "cs2" },
      ],
      "complete",
      group("cs2"),
    );
    expect(having({ media: lines("1", "2"), metadata: before }, { metadata: now }).told).toContain(
      "transferred alex sam group",
    );
  });
});

describe("warnings", () => {
  it("are told once while they hold, and again when they come back", () => {
    const odd: RecordingUpdate = { media: lines("1", "9"), metadata: snapshot([PAT, ALEX]) };
    const warned = ["! labelNotInSdp label 2", "! labelNotInMetadata label 9"];
    const warningsOf = (told: readonly string[]) => told.filter((line) => line.startsWith("!"));
    expect(warningsOf(having(odd).told)).toEqual(warned);
    expect(warningsOf(having(odd, odd).told)).toEqual([]);
    expect(warningsOf(having(odd, BOTH, odd).told)).toEqual(warned);
  });
});

describe("any course of updates", () => {
  const id = fc.constantFrom("a", "b", "c", "d");
  const label = fc.constantFrom("1", "2", "3");
  const people = fc.uniqueArray(fc.record({ id, label }), {
    selector: (person) => person.id,
    maxLength: 4,
  });
  const metadata = fc
    .tuple(people, fc.constantFrom("complete" as const, "partial" as const))
    .map(([who, mode]) => snapshot(who, mode));
  const media = fc
    .array(fc.tuple(label, fc.constantFrom("sendonly", "inactive"), fc.constantFrom("0", "4000")), {
      minLength: 1,
      maxLength: 4,
    })
    .map((written) => lines(...written.map((words) => words.join(" "))));
  const update = fc.record({ media, metadata }, { requiredKeys: [] });

  it("leaves facts and state in agreement", () => {
    fc.assert(
      fc.property(fc.array(update, { maxLength: 8 }), (updates) => {
        let state = NEW_RECORDING;
        const present = new Set<string>();
        const streams = new Set<string>();
        for (const next of updates) {
          const step = updateRecording(state, next);
          state = step.state;
          for (const fact of step.facts) {
            applyFact(fact, present, streams);
          }
        }
        expect([...present].sort()).toEqual([...state.participants.keys()].sort());
        const recordable = state.media.filter((line) => line.recordable).map(({ key }) => key);
        expect([...streams].sort()).toEqual([...recordable].sort());
      }),
    );
  });
});

function applyFact(fact: RecordingFact, present: Set<string>, streams: Set<string>): void {
  if (fact.kind === "participantJoined") {
    present.add(fact.participantId);
  } else if (fact.kind === "participantLeft") {
    present.delete(fact.participantId);
  } else if (fact.kind === "participantRenamed") {
    present.delete(fact.from);
    present.add(fact.to);
  } else if (fact.kind === "streamAdded") {
    streams.add(fact.key);
  } else if (fact.kind === "streamRemoved") {
    streams.delete(fact.key);
  }
}
