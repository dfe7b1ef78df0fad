/** Who is the customer and who the agent: rules of a flow, applied to people and streams, each with its reason. */
import type { HeaderReader } from "./correlation.ts";
import { type RecordedParticipant, type RecordingState, speakersOf } from "./recording-state.ts";
import { instantOf } from "./rs-metadata.ts";

/** A party of the conversation. */
export type Role = "customer" | "agent" | "unknown";

/** Whether a value fits. */
export type RoleMatcher = (value: string) => boolean;

/** One rule; all conditions that are there must hold, and one at least must be. */
export interface RoleRule {
  readonly role: "customer" | "agent";
  /** Fits the whole address of record, or its user part. */
  readonly aor?: RoleMatcher | undefined;
  /** Name of the trunk that the recording came over. */
  readonly trunk?: RoleMatcher | undefined;
  readonly header?: { readonly name: string; readonly value: RoleMatcher } | undefined;
  /** Of the participant, or of the recording as a whole. */
  readonly extension?: { readonly name: string; readonly value: RoleMatcher } | undefined;
  readonly label?: string | undefined;
  /** True: who was in the conversation first; false: anybody else. */
  readonly first?: boolean | undefined;
}

/** What rules may look at beside the recording. */
export interface RoleSituation {
  readonly trunk: string | undefined;
  readonly header: HeaderReader;
}

/** A role and why, in words without anything of the caller's. */
export interface RoleDecision {
  readonly role: Role;
  readonly because: string;
}

/** Roles of people by their id, and of streams by the key of their m-line. */
export interface RoleTable {
  readonly participants: ReadonlyMap<string, RoleDecision>;
  readonly streams: ReadonlyMap<string, RoleDecision>;
}

const OPPOSITES: Readonly<Record<Role, Role | undefined>> = {
  customer: "agent",
  agent: "customer",
  unknown: undefined,
};
const NOBODY: RoleDecision = { role: "unknown", because: "no rule fits" };

/** The first rule that fits decides; of two people, one known role gives the other. */
export function decideRoles(
  rules: readonly RoleRule[],
  state: RecordingState,
  situation: RoleSituation,
): RoleTable {
  const people = [...state.participants.values()].sort((one, other) => one.order - other.order);
  const streamsOf = keysBySpeaker(state);
  const firstId = firstOf(people)?.id;
  const decided = people.map((person) => {
    const labels = streamsOf.get(person.id) ?? [];
    return firstFit(rules, { person, isFirst: person.id === firstId, labels, state, situation });
  });
  const ids = people.map(({ id }) => id);
  const participants = new Map(zip(ids, withComplement(decided)));
  return { participants, streams: streamRoles(rules, state, { participants, situation }) };
}

function zip<One, Other>(ones: readonly One[], others: readonly Other[]): [One, Other][] {
  return ones.map((one, index) => [one, others[index] as Other]);
}

function withComplement(decisions: readonly RoleDecision[]): readonly RoleDecision[] {
  const known = decisions.filter(({ role }) => role !== "unknown");
  if (decisions.length !== 2 || known.length !== 1) {
    return decisions;
  }
  const role = known[0]?.role === "agent" ? "customer" : "agent";
  const other: RoleDecision = { role, because: "the other one of two" };
  return decisions.map((decision) => (decision.role === "unknown" ? other : decision));
}

/** What people said goes before the rules; of two streams, one that a person decided gives the other. */
export function withCorrections(
  streams: RoleTable["streams"],
  byHand: ReadonlyMap<string, Role>,
): RoleTable["streams"] {
  const [one, ...others] = [...byHand].filter(([key]) => streams.has(key));
  const opposite =
    streams.size === 2 && others.length === 0 ? OPPOSITES[one?.[1] ?? "unknown"] : undefined;
  return new Map(
    [...streams].map(([key, ruled]) => {
      const role = byHand.get(key);
      if (role !== undefined) {
        return [key, { role, because: "by hand" }];
      }
      return opposite === undefined || ruled.role === opposite
        ? [key, ruled]
        : [key, { role: opposite, because: "the other one of two" }];
    }),
  );
}

interface Candidate {
  readonly person: RecordedParticipant | undefined;
  /** `undefined`: nobody is known. */
  readonly isFirst: boolean | undefined;
  readonly labels: readonly string[];
  readonly state: RecordingState;
  readonly situation: RoleSituation;
}

function firstFit(rules: readonly RoleRule[], candidate: Candidate): RoleDecision {
  const index = rules.findIndex((rule) => fits(rule, candidate));
  const rule = rules[index];
  return rule === undefined
    ? NOBODY
    : { role: rule.role, because: `rule ${index + 1} (${conditionsOf(rule).join(", ")})` };
}

function conditionsOf(rule: RoleRule): readonly string[] {
  const { aor, trunk, header, extension, label, first } = rule;
  return Object.entries({ aor, trunk, header, extension, label, first })
    .filter(([, condition]) => condition !== undefined)
    .map(([name]) => name);
}

function fits(rule: RoleRule, candidate: Candidate): boolean {
  const { aor, trunk, header, extension, label, first } = rule;
  const { situation, labels } = candidate;
  const verdicts = [
    aor === undefined || addressesOf(candidate.person).some(aor),
    trunk === undefined || (situation.trunk !== undefined && trunk(situation.trunk)),
    header === undefined || situation.header(header.name).some(header.value),
    extension === undefined || extensionFits(extension, candidate),
    label === undefined || labels.includes(label),
    first === undefined || candidate.isFirst === first,
  ];
  return conditionsOf(rule).length > 0 && verdicts.every((verdict) => verdict);
}

function addressesOf(person: RecordedParticipant | undefined): readonly string[] {
  return (person?.names ?? []).flatMap(({ aor }) => {
    const user = /^(?:sips?|tel):([^@;?]+)/i.exec(aor ?? "")?.[1];
    return aor === undefined ? [] : [aor, ...(user === undefined ? [] : [user])];
  });
}

function extensionFits(
  { name, value }: NonNullable<RoleRule["extension"]>,
  { person, state }: Candidate,
): boolean {
  const mine = state.extensions.filter(
    ({ owner, ownerId }) =>
      owner === "recording" || (owner === "participant" && ownerId === person?.id),
  );
  const wanted = name.toLowerCase();
  return mine.some(
    (extension) => extension.name.toLowerCase() === wanted && value(extension.value),
  );
}

/** By the time of association; where it is missing or the same, by who was named first. */
function firstOf(people: readonly RecordedParticipant[]): RecordedParticipant | undefined {
  const starts = people.map((person) => ({ person, atMs: instantOf(person.associateTime) ?? 0 }));
  return starts.sort(
    (one, other) => one.atMs - other.atMs || one.person.order - other.person.order,
  )[0]?.person;
}

/** Keys of the streams that each participant speaks on. */
function keysBySpeaker(state: RecordingState): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const line of state.media) {
    for (const { id } of speakersOf(state, line)) {
      keys.set(id, [...(keys.get(id) ?? []), line.key]);
    }
  }
  return keys;
}

/** By those who speak on it; where nobody is known to, by the rules themselves. */
function streamRoles(
  rules: readonly RoleRule[],
  state: RecordingState,
  known: { readonly participants: RoleTable["participants"]; readonly situation: RoleSituation },
): RoleTable["streams"] {
  const lines = state.media.filter(({ recordable }) => recordable);
  const decisions = lines.map((line): RoleDecision => {
    const speakers = speakersOf(state, line);
    if (speakers.length === 0) {
      const { situation } = known;
      const labels = [line.key];
      return firstFit(rules, { person: undefined, isFirst: undefined, labels, state, situation });
    }
    const roles = speakers.map(({ id }) => known.participants.get(id) ?? NOBODY);
    const [one] = roles;
    return one !== undefined && roles.every(({ role }) => role === one.role)
      ? one
      : { role: "unknown", because: "several people speak on it" };
  });
  const isAnonymous = lines.every((line) => speakersOf(state, line).length === 0);
  const keys = lines.map(({ key }) => key);
  return new Map(zip(keys, isAnonymous ? withComplement(decisions) : decisions));
}
