/** How a recording stands after the last pasted request: streams, people, roles, extension data. */
import { commonDirection, mirrored } from "../sdp/direction.ts";
import type { Direction } from "../sdp/session-description.ts";
import type { MediaLine } from "../siprec/media-lines.ts";
import {
  labelOfReference,
  type RecordedParticipant,
  type RecordingState,
  speakersOf,
} from "../siprec/recording-state.ts";
import {
  decideRoles,
  type RoleDecision,
  type RoleRule,
  type RoleSituation,
} from "../siprec/roles.ts";
import type { Extension } from "../siprec/rs-metadata.ts";

/** One m-line. */
export interface ExplainedStream {
  readonly line: number;
  readonly label: string | null;
  readonly kind: string;
  readonly port: number;
  readonly direction: Direction;
  /** What our answer says of it. */
  readonly answer: Direction | "port 0";
  readonly encodings: readonly string[];
  readonly recordState: string | null;
  readonly speakers: readonly string[];
  readonly role: RoleDecision | null;
}

/** One participant. */
export interface ExplainedParticipant {
  readonly id: string;
  readonly names: readonly string[];
  readonly recordingAware: boolean | null;
  readonly speaksOn: readonly string[];
  readonly hears: readonly string[];
  readonly since: string | null;
  readonly role: RoleDecision | null;
}

/** The whole of it; plain data. */
export interface RecordingEnd {
  readonly streams: readonly ExplainedStream[];
  readonly participants: readonly ExplainedParticipant[];
  readonly sessions: readonly { readonly id: string; readonly group: string | null }[];
  readonly extensions: readonly Extension[];
  readonly hasRules: boolean;
  /** Streams that can be recorded. */
  readonly recordable: number;
}

/** Describes a state; `rules` absent: nobody said what is whose role. */
export function explainEnd(
  state: RecordingState,
  {
    rules,
    situation,
  }: { readonly rules: readonly RoleRule[] | undefined; readonly situation: RoleSituation },
): RecordingEnd {
  const roles = rules === undefined ? undefined : decideRoles(rules, state, situation);
  const streams = state.media.map((line) => streamOf(line, state, roles?.streams.get(line.key)));
  const people = [...state.participants.values()].sort((one, other) => one.order - other.order);
  return {
    streams,
    participants: people.map((person) =>
      participantOf(person, state, roles?.participants.get(person.id)),
    ),
    sessions: [...state.sessions.values()].map(({ id, groupId }) => ({
      id,
      group: groupId ?? null,
    })),
    extensions: state.extensions,
    hasRules: rules !== undefined,
    recordable: streams.filter(({ answer }) => answer !== "port 0").length,
  };
}

function streamOf(
  line: MediaLine,
  state: RecordingState,
  role: RoleDecision | undefined,
): ExplainedStream {
  const { index, label, kind, port, direction, encodings, recordState } = line;
  return {
    line: index + 1,
    label: label ?? null,
    kind,
    port,
    direction,
    answer: line.recordable ? answerTo(direction) : "port 0",
    encodings,
    recordState: recordState ?? null,
    speakers: speakersOf(state, line).map(({ id }) => id),
    role: role ?? null,
  };
}

/** We never send. */
function answerTo(direction: Direction): Direction {
  return commonDirection(mirrored(direction), "recvonly");
}

function participantOf(
  person: RecordedParticipant,
  state: RecordingState,
  role: RoleDecision | undefined,
): ExplainedParticipant {
  const labels = (references: readonly string[]): readonly string[] =>
    references.map((reference) => labelOfReference(state, reference) ?? `?${reference}`);
  return {
    id: person.id,
    names: person.names.map(({ aor, name }) =>
      [name, aor].filter((text) => text !== undefined).join(" "),
    ),
    recordingAware: person.recordingAware ?? null,
    speaksOn: labels(person.sends),
    hears: labels(person.receives),
    since: person.associateTime ?? null,
    role: role ?? null,
  };
}
