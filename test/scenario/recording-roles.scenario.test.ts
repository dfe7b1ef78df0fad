/** Roles of a recording session that a person corrects, while it goes on. */
import { afterEach, describe, expect, it } from "vitest";
import type { RoleCorrection } from "../../src/ports/call-directory.ts";
import { adviceLab, PLAYBOOK } from "../support/advice-lab.ts";
import {
  assistEvents,
  inviteToRecord,
  recordingBody,
  recordingSdp,
  recordingXml,
} from "../support/recording-client.ts";
import { Scenario } from "../support/scenario.ts";

const STREAMS = [
  { label: "1", port: 4000 },
  { label: "2", port: 4010 },
  { label: "3", port: 4020 },
];
const PEOPLE = [
  { id: "pat", label: "1" },
  { id: "alex", label: "2" },
  { id: "sam", label: "3" },
];

let scenario: Scenario;

/** @param count of streams, with a person each; the first one is the customer. */
async function recorded(count: number) {
  const { desk } = adviceLab({});
  scenario = new Scenario({
    roles: [{ role: "customer", first: true }],
    help: { desk, playbook: PLAYBOOK },
  });
  await scenario.start();
  const sdp = recordingSdp(STREAMS.slice(0, count));
  const client = inviteToRecord(scenario, recordingBody(sdp, recordingXml(PEOPLE.slice(0, count))));
  await scenario.clock.advanceMs(100);
  const callId = scenario.registry.list()[0]?.callId;
  if (callId === undefined) {
    throw new Error("a call should be in progress");
  }
  const correct = (correction: RoleCorrection) => scenario.registry.correctRole(callId, correction);
  const say = (stream: number, text: string): void => {
    scenario.model.sessions[stream]?.sink.onTranscript("caller", text, `u-${text}`, true);
  };
  return { client, correct, say };
}

const rolesOf = (participants: readonly { readonly role: string; readonly because: string }[]) =>
  participants.map(({ role, because }) => [role, because]);

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("a role corrected by hand", () => {
  it("is told at once, with who decided, and of two people the other one changes with it", async () => {
    const { correct } = await recorded(2);
    const participants = correct({ participantId: "1", role: "agent" });
    const wanted = [
      ["agent", "by hand"],
      ["customer", "the other one of two"],
    ];
    expect(rolesOf(participants ?? [])).toEqual(wanted);
    await scenario.clock.advanceMs(10);
    const last = assistEvents(scenario).findLast((event) => event.kind === "state");
    expect(rolesOf(last?.participants ?? [])).toEqual(wanted);
    expect(last?.state).toBe("live");
  });

  it("leaves the others as they are where there are three", async () => {
    const { correct } = await recorded(3);
    const participants = correct({ participantId: "3", role: "agent" });
    expect(rolesOf(participants ?? [])).toEqual([
      ["customer", "rule 1 (first)"],
      ["unknown", "no rule fits"],
      ["agent", "by hand"],
    ]);
  });

  it("counts for what is said from then on, for the help, and in the record for what was said", async () => {
    const { client, correct, say } = await recorded(2);
    say(0, "Good morning");
    say(1, "Where are you?");
    correct({ participantId: "2", role: "customer" });
    say(1, "How long does a refund take?");
    await scenario.clock.advanceMs(100);
    client.hangUp();
    await scenario.clock.advanceMs(100);
    const said = assistEvents(scenario).filter((event) => event.kind === "transcript");
    expect(said.map(({ role }) => role)).toEqual(["customer", "agent", "customer"]);
    const answers = assistEvents(scenario).filter((event) => event.kind === "suggestion");
    expect(
      answers.some(({ category, sources }) => category === "answer" && sources.length > 0),
    ).toBe(true);
    const [record] = scenario.records;
    expect(rolesOf(record?.participants ?? [])).toEqual([
      ["agent", "the other one of two"],
      ["customer", "by hand"],
    ]);
    expect(record?.transcript.map(({ role }) => role)).toEqual(["agent", "customer", "customer"]);
  });

  it("outlives the next metadata, which knows no better", async () => {
    const { client, correct } = await recorded(2);
    correct({ participantId: "1", role: "agent" });
    const sdp = recordingSdp(STREAMS.slice(0, 2), 2);
    await scenario.signalWhile(client.reinvite(sdp));
    const last = assistEvents(scenario).findLast((event) => event.kind === "state");
    expect(last?.participants[0]).toMatchObject({ role: "agent", because: "by hand" });
  });

  it("can be unknown, and is refused for somebody who is not there", async () => {
    const { correct } = await recorded(2);
    const participants = correct({ participantId: "1", role: "unknown" });
    expect(rolesOf(participants ?? [])[0]).toEqual(["unknown", "by hand"]);
    expect(() => correct({ participantId: "9", role: "agent" })).toThrowError(
      expect.objectContaining({ code: "CALL_PARTICIPANT_UNKNOWN" }),
    );
  });
});
