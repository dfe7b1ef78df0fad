/** Brings a metadata snapshot into what is known: a complete one replaces, a partial one changes what it names. */
import { type Oddity, oddity } from "./oddities.ts";
import type { RecordedParticipant, RecordingState } from "./recording-state.ts";
import type {
  CommunicationSession,
  ParticipantSession,
  ParticipantStreams,
  RsMetadata,
} from "./rs-metadata.ts";

/** The state after, and what did not fit. */
export interface Merge {
  readonly state: RecordingState;
  readonly oddities: readonly Oddity[];
}

type People = Map<string, RecordedParticipant>;

/** Applies a snapshot. */
export function mergeMetadata(before: RecordingState, metadata: RsMetadata): Merge {
  const oddities: Oddity[] = [];
  const isPartial = metadata.dataMode === "partial";
  if (isPartial && before.metadataSeen === "none") {
    oddities.push(oddity("partialFirst", "metadata"));
  }
  const sessions = new Map(isPartial ? before.sessions : []);
  for (const session of metadata.sessions) {
    sessions.set(session.id, withDefaults(session, sessions.get(session.id)));
  }
  const people: People = new Map(isPartial ? before.participants : []);
  const joinedCount = addPeople(people, before, metadata);
  applySessions(people, metadata.participantSessions, oddities);
  applyStreams(people, metadata, oddities);
  removeEnded(people, sessions);
  return {
    state: {
      ...before,
      metadataSeen: isPartial && before.metadataSeen !== "complete" ? "partial" : "complete",
      participants: people,
      sessions,
      streams: byId(isPartial ? before.streams : new Map(), metadata.streams),
      groups: byId(isPartial ? before.groups : new Map(), metadata.groups),
      extensions: isPartial ? mergedExtensions(before, metadata) : metadata.extensions,
      joinedCount,
    },
    oddities,
  };
}

function byId<Item extends { readonly id: string }>(
  before: ReadonlyMap<string, Item>,
  items: readonly Item[],
): ReadonlyMap<string, Item> {
  return new Map([...before, ...items.map((item) => [item.id, item] as const)]);
}

/** A partial session may leave out what does not change. */
function withDefaults(
  session: CommunicationSession,
  before: CommunicationSession | undefined,
): CommunicationSession {
  return before === undefined
    ? session
    : {
        ...session,
        sipSessionIds:
          session.sipSessionIds.length === 0 ? before.sipSessionIds : session.sipSessionIds,
        groupId: session.groupId ?? before.groupId,
        startTime: session.startTime ?? before.startTime,
      };
}

function mergedExtensions(
  before: RecordingState,
  { extensions }: RsMetadata,
): RecordingState["extensions"] {
  const key = ({ owner, ownerId, name }: RecordingState["extensions"][number]): string =>
    `${owner} ${ownerId} ${name}`;
  const changed = new Set(extensions.map(key));
  return [...before.extensions.filter((extension) => !changed.has(key(extension))), ...extensions];
}

/** Answers how many ever came. */
function addPeople(people: People, before: RecordingState, { participants }: RsMetadata): number {
  let joinedCount = before.joinedCount;
  for (const participant of participants) {
    const known = before.participants.get(participant.id) ?? people.get(participant.id);
    const kept = people.get(participant.id);
    people.set(participant.id, {
      ...participant,
      names: participant.names.length === 0 ? (known?.names ?? []) : participant.names,
      recordingAware: participant.recordingAware ?? known?.recordingAware,
      order: known?.order ?? joinedCount,
      associateTime: known?.associateTime,
      sessionIds: kept?.sessionIds ?? [],
      sends: kept?.sends ?? [],
      receives: kept?.receives ?? [],
    });
    joinedCount += known === undefined ? 1 : 0;
  }
  return joinedCount;
}

function applySessions(
  people: People,
  associations: readonly ParticipantSession[],
  oddities: Oddity[],
): void {
  const leaving = new Set<string>();
  for (const { participantId, sessionId, associateTime, disassociateTime } of associations) {
    const person = people.get(participantId);
    if (person === undefined) {
      oddities.push(oddity("referenceUnknown", `participant ${participantId}`));
      continue;
    }
    const others = person.sessionIds.filter((id) => id !== sessionId);
    const isLeaving = disassociateTime !== undefined;
    const sessionIds = isLeaving || sessionId === undefined ? others : [...others, sessionId];
    people.set(participantId, {
      ...person,
      sessionIds,
      associateTime: person.associateTime ?? associateTime,
    });
    if (isLeaving && sessionIds.length === 0) {
      leaving.add(participantId);
    } else {
      leaving.delete(participantId);
    }
  }
  for (const participantId of leaving) {
    people.delete(participantId);
  }
}

/** What is named replaces what was; in a disassociation it is taken away, all of it where nothing is named. */
function applyStreams(people: People, metadata: RsMetadata, oddities: Oddity[]): void {
  const renewed = new Set<string>();
  const named = new Set(metadata.participants.map(({ id }) => id));
  for (const association of metadata.participantStreams) {
    const { participantId, disassociateTime } = association;
    const person = people.get(participantId);
    if (person === undefined) {
      if (disassociateTime === undefined && !named.has(participantId)) {
        oddities.push(oddity("referenceUnknown", `participant ${participantId}`));
      }
    } else if (disassociateTime !== undefined) {
      people.set(participantId, withoutStreams(person, association));
    } else {
      const before = renewed.has(participantId) ? person : { sends: [], receives: [] };
      people.set(participantId, {
        ...person,
        sends: [...new Set([...before.sends, ...association.send])],
        receives: [...new Set([...before.receives, ...association.receive])],
      });
      renewed.add(participantId);
    }
  }
}

function withoutStreams(
  person: RecordedParticipant,
  { send, receive }: ParticipantStreams,
): RecordedParticipant {
  const isAll = send.length + receive.length === 0;
  return {
    ...person,
    sends: isAll ? [] : person.sends.filter((id) => !send.includes(id)),
    receives: isAll ? [] : person.receives.filter((id) => !receive.includes(id)),
  };
}

/** Who was only in sessions that have stopped is gone. */
function removeEnded(people: People, sessions: ReadonlyMap<string, CommunicationSession>): void {
  for (const { id, sessionIds } of [...people.values()]) {
    const ended = sessionIds.filter((session) => sessions.get(session)?.stopTime !== undefined);
    if (ended.length > 0 && ended.length === sessionIds.length) {
      people.delete(id);
    }
  }
}
