/** What the ears of a recording session report beside words, and what becomes of the words that nobody finished. */
import { afterEach, describe, expect, it } from "vitest";
import type { AssistEvent } from "../../src/ports/assist-events.ts";
import type { ModelFailure } from "../../src/ports/realtime-model.ts";
import type { RoleRule } from "../../src/siprec/roles.ts";
import {
  assistEvents,
  inviteToRecord,
  recordingBody,
  recordingSdp,
  recordingXml,
} from "../support/recording-client.ts";
import { Scenario } from "../support/scenario.ts";

const STREAMS = [
  { label: "a_leg", port: 4000 },
  { label: "01", port: 4010 },
];
const ROLES: readonly RoleRule[] = [{ role: "agent", aor: (aor) => aor.includes("alex") }];
const AWAY: ModelFailure = { code: "MODEL_LOST", reason: "the service is away" };
const people = (pat: string, alex: string): string =>
  recordingXml([
    { id: "pat", label: pat },
    { id: "alex", label: alex },
  ]);

let scenario: Scenario;

/** Alex, the agent, is on the first stream; Pat, the customer, on the second. */
async function recorded() {
  scenario = new Scenario({ roles: ROLES });
  await scenario.start();
  const body = recordingBody(recordingSdp(STREAMS), people("01", "a_leg"));
  const client = inviteToRecord(scenario, body);
  await scenario.clock.advanceMs(100);
  const [agent, customer] = scenario.model.sessions;
  if (agent === undefined || customer === undefined) {
    throw new Error("two streams should have a model each");
  }
  return { client, agent, customer };
}

function eventsOf<K extends AssistEvent["kind"]>(kind: K) {
  return assistEvents(scenario).filter(
    (event): event is Extract<AssistEvent, { kind: K }> => event.kind === kind,
  );
}

const lines = () => scenario.records[0]?.transcript.map(({ role, text }) => [role, text]);

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("the ears of a recording session", () => {
  it("tell what is found in an utterance with its words and its speaker, and what is found in the call with neither", async () => {
    const { customer } = await recorded();
    customer.sink.onTranscript("caller", "my order is broken", "u1", true);
    customer.sink.onFinding?.({ kind: "issue", text: "broken", itemId: "u1" });
    customer.sink.onFinding?.({ kind: "category", text: "damaged-goods", itemId: undefined });
    await scenario.clock.advanceMs(100);
    const [said] = eventsOf("transcript");
    expect(said?.utteranceId).toBeDefined();
    expect(eventsOf("finding")).toMatchObject([
      { finding: "issue", text: "broken", participantId: "01", utteranceId: said?.utteranceId },
      { finding: "category", text: "damaged-goods" },
    ]);
    expect(eventsOf("finding")[1]?.utteranceId).toBeUndefined();
    expect(eventsOf("finding")[1]?.participantId).toBeUndefined();
  });

  it("tell once that the transcription is interrupted, and once that it works again, for all streams", async () => {
    const { agent, customer } = await recorded();
    const notices = () =>
      eventsOf("notice")
        .filter(({ part }) => part === "transcriber")
        .map(({ ok }) => ok);
    agent.sink.onFaltered?.(AWAY);
    customer.sink.onFaltered?.(AWAY);
    await scenario.clock.advanceMs(100);
    expect(notices()).toEqual([false]);
    agent.sink.onRecovered?.();
    await scenario.clock.advanceMs(100);
    expect(notices()).toEqual([false]);
    customer.sink.onRecovered?.();
    await scenario.clock.advanceMs(100);
    expect(notices()).toEqual([false, true]);
  });

  it("know from the beginning who is on their stream, and are told when that changes", async () => {
    const { client, agent, customer } = await recorded();
    const begun = [agent, customer].map(({ options }) => options.heard?.role);
    expect(begun).toEqual(["agent", "customer"]);
    expect([agent.rolesTold, customer.rolesTold]).toEqual([[], []]);
    client.sendInfo("application/rs-metadata+xml", people("a_leg", "01"));
    await scenario.clock.advanceMs(100);
    expect([agent.rolesTold, customer.rolesTold]).toEqual([["customer"], ["agent"]]);
  });
});

describe("what was not finished when the client hung up", () => {
  it("is waited for, and is in the record as the service finished it", async () => {
    const { client, customer } = await recorded();
    customer.sink.onTranscript("caller", "how long does", "u1", false);
    await scenario.clock.advanceMs(1000);
    client.hangUp();
    const endedMs = scenario.clock.wallMs();
    await scenario.clock.advanceMs(800);
    expect(scenario.records).toEqual([]);
    expect(customer.closed).toBe(false);
    customer.sink.onTranscript("caller", "How long does a refund take?", "u1", true);
    await scenario.clock.advanceMs(100);
    expect(lines()).toEqual([["customer", "How long does a refund take?"]]);
    expect(scenario.records[0]?.endedAtMs).toBe(endedMs);
    const last = eventsOf("transcript").map(({ text, final }) => [text, final]);
    expect(last.at(-1)).toEqual(["How long does a refund take?", true]);
    expect(customer.closed).toBe(true);
  });

  it("is waited for two seconds and no longer, and kept as far as it was understood", async () => {
    const { client, agent, customer } = await recorded();
    customer.sink.onTranscript("caller", "how long does", "u1", false);
    agent.sink.onTranscript("caller", "one moment", "u1", false);
    await scenario.clock.advanceMs(100);
    client.hangUp();
    await scenario.clock.advanceMs(1900);
    agent.sink.onTranscript("caller", "One moment.", "u1", true);
    expect(scenario.records).toEqual([]);
    await scenario.clock.advanceMs(200);
    expect(lines()).toEqual([
      ["agent", "One moment."],
      ["customer", "how long does"],
    ]);
    customer.sink.onTranscript("caller", "How long does a refund take?", "u1", true);
    expect(lines()).toHaveLength(2);
  });

  it("is not waited for where nothing was begun", async () => {
    const { client, customer } = await recorded();
    customer.sink.onTranscript("caller", "Goodbye.", "u1", true);
    client.hangUp();
    await scenario.clock.advanceMs(50);
    expect(lines()).toEqual([["customer", "Goodbye."]]);
  });
});
