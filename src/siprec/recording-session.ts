/** The life of a recording session as a pure reducer: a state and what a request brought give the next state and facts. */
import type { MediaLine } from "./media-lines.ts";
import { mergeMetadata } from "./merge-metadata.ts";
import { type Oddity, oddity } from "./oddities.ts";
import { checkRecording } from "./recording-checks.ts";
import {
  type RecordedParticipant,
  type RecordingFact,
  type RecordingState,
  type RecordingUpdate,
  speakersOf,
} from "./recording-state.ts";

/** The next state, and what happened on the way, in the order in which it should be acted on. */
export interface RecordingStep {
  readonly state: RecordingState;
  readonly facts: readonly RecordingFact[];
}

/** Takes an update: the first INVITE, a re-INVITE, an UPDATE, an INFO, or a bare snapshot. Never throws. */
export function updateRecording(before: RecordingState, update: RecordingUpdate): RecordingStep {
  const { state: merged, oddities } =
    update.metadata === undefined
      ? { state: before, oddities: [] }
      : mergeMetadata(before, update.metadata);
  const people = comparePeople(before, merged);
  const media = update.media ?? before.media;
  const known: RecordingState = { ...merged, participants: people.participants, media };
  const found = [...oddities, ...people.oddities, ...missingLines(before.media, media)];
  const standing = checkRecording(known);
  const fresh = standing.filter((warning) => !before.standing.has(keyOf(warning)));
  return {
    state: { ...known, standing: new Set(standing.map(keyOf)) },
    facts: [
      ...compareMedia(before.media, media),
      ...people.facts,
      ...compareSpeakers(before, known),
      ...[...found, ...fresh].map((warning) => ({ kind: "warning", oddity: warning }) as const),
    ],
  };
}

function keyOf({ code, where }: Oddity): string {
  return `${code} ${where}`;
}

interface PeopleChange {
  readonly participants: RecordingState["participants"];
  readonly facts: readonly RecordingFact[];
  readonly oddities: readonly Oddity[];
}

function comparePeople(before: RecordingState, after: RecordingState): PeopleChange {
  const left = [...before.participants.values()].filter(({ id }) => !after.participants.has(id));
  const joined = [...after.participants.values()].filter(({ id }) => !before.participants.has(id));
  const renamed = pairs(left, joined);
  const participants = new Map(after.participants);
  for (const { from, to } of renamed) {
    participants.set(to.id, { ...to, order: from.order });
  }
  const same = new Set(renamed.flatMap(({ from, to }) => [from, to]));
  const newcomers = joined.filter((person) => !same.has(person));
  const leavers = left.filter((person) => !same.has(person));
  return {
    participants,
    facts: [
      ...renamed.map(
        ({ from, to }) => ({ kind: "participantRenamed", from: from.id, to: to.id }) as const,
      ),
      ...leavers.map(({ id }) => ({ kind: "participantLeft", participantId: id }) as const),
      ...newcomers.map(({ id }) => ({ kind: "participantJoined", participantId: id }) as const),
      ...transfers({ before, after, leavers, newcomers }),
    ],
    oddities: [
      ...renamed.map(({ to }) => oddity("participantRenamed", `participant ${to.id}`)),
      ...newcomers
        .filter(({ transferredFrom }) => transferredFrom !== undefined)
        .map(({ id }) => oddity("transferReference", `participant ${id}`)),
    ],
  };
}

interface Renaming {
  readonly from: RecordedParticipant;
  readonly to: RecordedParticipant;
}

/** Who went and who came under the same address of record; everybody once. */
function pairs(
  left: readonly RecordedParticipant[],
  joined: readonly RecordedParticipant[],
): readonly Renaming[] {
  const byAddress = new Map<string, RecordedParticipant[]>();
  for (const person of left) {
    for (const address of addressesOf(person)) {
      const others = byAddress.get(address);
      if (others === undefined) {
        byAddress.set(address, [person]);
      } else {
        others.push(person);
      }
    }
  }
  const taken = new Set<RecordedParticipant>();
  return joined.flatMap((to) => {
    const from = firstLeft(addressesOf(to), byAddress, taken);
    if (from === undefined) {
      return [];
    }
    taken.add(from);
    return [{ from, to }];
  });
}

/** The first of who went under one of these addresses; who was taken before is forgotten on the way. */
function firstLeft(
  addresses: readonly string[],
  byAddress: ReadonlyMap<string, RecordedParticipant[]>,
  taken: ReadonlySet<RecordedParticipant>,
): RecordedParticipant | undefined {
  for (const address of addresses) {
    const queue = byAddress.get(address) ?? [];
    while (queue[0] !== undefined && taken.has(queue[0])) {
      queue.shift();
    }
    if (queue[0] !== undefined) {
      return queue[0];
    }
  }
  return undefined;
}

/** Addresses that many share, RFC 3323 section 4.1.1.3, URIs in the absence of an identity, and their like. */
const NOBODY = /^(?:sips?|tel):(?:anonymous|unknown|unavailable|restricted|private)\b|\.invalid\b/i;

/** Without parameters, each once. */
function addressesOf({ names }: RecordedParticipant): readonly string[] {
  const addresses = names.flatMap(({ aor }) => aor?.split(/[;?]/, 1) ?? []);
  return [...new Set(addresses)].filter((address) => address !== "" && !NOBODY.test(address));
}

interface Movement {
  readonly before: RecordingState;
  readonly after: RecordingState;
  readonly leavers: readonly RecordedParticipant[];
  readonly newcomers: readonly RecordedParticipant[];
}

/** Said outright; or one went as one came; or somebody came into another session of the same group. */
function transfers({ before, after, leavers, newcomers }: Movement): readonly RecordingFact[] {
  const told = newcomers.flatMap(({ id, transferredFrom }) =>
    transferredFrom === undefined
      ? []
      : [
          {
            kind: "transferred",
            from: transferredFrom,
            to: id,
            because: "reference",
          } as const,
        ],
  );
  const [leaver, anotherLeaver] = leavers;
  const [newcomer, anotherNewcomer] = newcomers;
  const onePair = anotherLeaver === undefined && anotherNewcomer === undefined;
  if (told.length > 0 || leaver === undefined || newcomer === undefined || !onePair) {
    return told;
  }
  const groupOf = (state: RecordingState, person: RecordedParticipant): readonly string[] =>
    person.sessionIds.flatMap((id) => state.sessions.get(id)?.groupId ?? []);
  const movedOn =
    newcomer.sessionIds.every((id) => !leaver.sessionIds.includes(id)) &&
    groupOf(after, newcomer).some((id) => groupOf(before, leaver).includes(id));
  const because = movedOn ? "group" : "replacement";
  return [{ kind: "transferred", from: leaver.id, to: newcomer.id, because }];
}

const recordable = (lines: readonly MediaLine[]): ReadonlyMap<string, MediaLine> =>
  new Map(lines.filter((line) => line.recordable).map((line) => [line.key, line]));

function compareMedia(
  before: readonly MediaLine[],
  after: readonly MediaLine[],
): readonly RecordingFact[] {
  const old = recordable(before);
  const now = recordable(after);
  const removed = [...old.keys()]
    .filter((key) => !now.has(key))
    .map((key) => ({ kind: "streamRemoved", key }) as const);
  const changes = [...now.values()].flatMap((line) => lineFacts(old.get(line.key), line));
  return [...removed, ...changes];
}

function lineFacts(before: MediaLine | undefined, line: MediaLine): readonly RecordingFact[] {
  const { key, sending, source } = line;
  if (before === undefined) {
    return [{ kind: "streamAdded", key, sending }];
  }
  const facts: RecordingFact[] = [];
  if (before.source !== source) {
    facts.push(
      { kind: "streamSourceChanged", key },
      { kind: "warning", oddity: oddity("sourceChanged", `m-line ${line.index + 1}`) },
    );
  }
  if (before.sending !== sending) {
    facts.push({ kind: sending ? "streamResumed" : "streamHeld", key });
  }
  return facts;
}

/** RFC 3264 section 8, Modifying the Session: an offer never has fewer m-lines than the one before. */
function missingLines(
  before: readonly MediaLine[],
  after: readonly MediaLine[],
): readonly Oddity[] {
  return before.slice(after.length).map(({ index }) => oddity("lineGone", `m-line ${index + 1}`));
}

function compareSpeakers(before: RecordingState, after: RecordingState): readonly RecordingFact[] {
  const idsOf = (state: RecordingState, key: string): readonly string[] => {
    const line = state.media.find((candidate) => candidate.key === key);
    return line === undefined ? [] : speakersOf(state, line).map(({ id }) => id);
  };
  return [...recordable(after.media).keys()].flatMap((key) => {
    const participantIds = idsOf(after, key);
    const isSame = participantIds.join("\n") === idsOf(before, key).join("\n");
    return isSame ? [] : [{ kind: "speakersChanged", key, participantIds } as const];
  });
}
