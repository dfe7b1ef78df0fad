/** Rules that say who is the customer and who is the agent. */
import { describe, expect, it } from "vitest";
import { updateRecording } from "../../src/siprec/recording-session.ts";
import { NEW_RECORDING, type RecordingState } from "../../src/siprec/recording-state.ts";
import { decideRoles, type RoleRule, type RoleSituation } from "../../src/siprec/roles.ts";
import { lines, type Person, snapshot } from "./support.ts";

const starts = (prefix: string) => (value: string) => value.startsWith(prefix);
const is = (wanted: string) => (value: string) => value === wanted;
const NOWHERE: RoleSituation = { trunk: undefined, header: () => [] };

function stateOf(people: readonly Person[], ...labels: readonly string[]): RecordingState {
  const metadata = people.length === 0 ? undefined : snapshot(people);
  return updateRecording(NEW_RECORDING, { media: lines(...labels), metadata }).state;
}

function roles(rules: readonly RoleRule[], state: RecordingState, situation = NOWHERE) {
  const table = decideRoles(rules, state, situation);
  const words = (map: typeof table.streams) =>
    [...map].map(([key, { role, because }]) => `${key} ${role}: ${because}`);
  return { people: words(table.participants), streams: words(table.streams) };
}

const PAT: Person = {
  id: "pat",
  aor: "sip:+12065550123@carrier.example",
  label: "1",
  since: "2026-11-21T09:00:00Z",
};
const ALEX: Person = {
  id: "alex",
  aor: "sip:4001@cc.example",
  label: "2",
  since: "2026-11-21T09:00:05Z",
  more: "<seat>12</seat>",
};
const TWO = stateOf([PAT, ALEX], "1", "2");

describe("a role", () => {
  it.each([
    ["address of record", { aor: is("sip:4001@cc.example") }, "aor"],
    ["user part", { aor: starts("4") }, "aor"],
    ["label", { label: "2" }, "label"],
    ["extension data", { extension: { name: "SEAT", value: is("12") } }, "extension"],
    ["who was there first", { first: false }, "first"],
    ["several at once", { first: false, label: "2" }, "label, first"],
  ])("is known by %s, and the other of two is the other", (_what, when, conditions) => {
    expect(roles([{ role: "agent", ...when }], TWO)).toEqual({
      people: ["pat customer: the other one of two", `alex agent: rule 1 (${conditions})`],
      streams: ["1 customer: the other one of two", `2 agent: rule 1 (${conditions})`],
    });
  });

  it("may depend on trunk and header of the recording session", () => {
    const rule: RoleRule = {
      role: "agent",
      trunk: is("sbc"),
      header: { name: "X-Side", value: is("called") },
      first: false,
    };
    const situation: RoleSituation = {
      trunk: "sbc",
      header: (name) => (name === "X-Side" ? ["called"] : []),
    };
    expect(roles([rule], TWO, situation).people[1]).toBe(
      "alex agent: rule 1 (trunk, header, first)",
    );
    expect(roles([rule], TWO).people).toEqual([
      "pat unknown: no rule fits",
      "alex unknown: no rule fits",
    ]);
  });

  it("is that of the first rule that fits", () => {
    const rules: readonly RoleRule[] = [
      { role: "customer", aor: starts("+1") },
      { role: "agent", aor: () => true },
    ];
    expect(roles(rules, TWO).people).toEqual([
      "pat customer: rule 1 (aor)",
      "alex agent: rule 2 (aor)",
    ]);
  });

  it("is unknown without rules, by a rule without conditions, and for the third of three", () => {
    expect(roles([], TWO).people[0]).toBe("pat unknown: no rule fits");
    expect(roles([{ role: "agent" }], TWO).people[0]).toBe("pat unknown: no rule fits");
    const three = stateOf([PAT, ALEX, { id: "sue", label: "3" }], "1", "2", "3");
    expect(roles([{ role: "agent", label: "2" }], three).people).toEqual([
      "pat unknown: no rule fits",
      "alex agent: rule 1 (label)",
      "sue unknown: no rule fits",
    ]);
  });

  it("of a stream without people is known by its label", () => {
    expect(roles([{ role: "agent", label: "2" }], stateOf([], "1", "2")).streams).toEqual([
      "1 customer: the other one of two",
      "2 agent: rule 1 (label)",
    ]);
  });

  it("of a mixed stream is unknown, unless all on it have the same", () => {
    const mixed = stateOf([PAT, { ...ALEX, label: "1" }], "1");
    expect(roles([{ role: "agent", first: false }], mixed).streams).toEqual([
      "1 unknown: several people speak on it",
    ]);
    expect(roles([{ role: "agent", aor: () => true }], mixed).streams).toEqual([
      "1 agent: rule 1 (aor)",
    ]);
  });

  it("goes by time of association, not by the order of the document", () => {
    const turned = stateOf([ALEX, PAT], "1", "2");
    expect(roles([{ role: "customer", first: true }], turned).people[1]).toBe(
      "pat customer: rule 1 (first)",
    );
  });
});
