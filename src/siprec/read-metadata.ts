/** Reads a metadata document, RFC 7865 or what came before and beside it, into one model; says what was odd. */
import {
  associationOf,
  attributeOf,
  canonical,
  childrenNamed,
  childText,
  idOf,
  type MetadataWork,
  report,
  timeOf,
} from "./metadata-elements.ts";
import { keepExtensions } from "./metadata-extensions.ts";
import {
  awareOf,
  PARTICIPANT_CHILDREN,
  type ParticipantReading,
  readParticipant,
  readParticipantSession,
  readParticipantStreams,
  transferredFromOf,
} from "./metadata-participants.ts";
import type { Oddity } from "./oddities.ts";
import type {
  CommunicationSession,
  DataMode,
  MetadataStream,
  Participant,
  RsMetadata,
  SessionGroup,
} from "./rs-metadata.ts";
import { readXml, type XmlElement } from "./xml-document.ts";

/** The namespace of RFC 7865, The Recording Metadata Namespace. */
export const RECORDING_NAMESPACE = "urn:ietf:params:xml:ns:recording:1";

/** The model, or none; oddities in either case. */
export interface MetadataReading {
  readonly metadata: RsMetadata | undefined;
  readonly oddities: readonly Oddity[];
}

const names = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const ROOT_CHILDREN = names(
  "datamode group session participant stream sessionrecordingassoc participantsessionassoc participantstreamassoc",
);
const GROUP_CHILDREN = names("associatetime disassociatetime");
const SESSION_CHILDREN = names(
  "sipsessionid groupref starttime stoptime reason associatetime disassociatetime",
);
const STREAM_CHILDREN = names("label mode contenttype associatetime disassociatetime");
const ASSOCIATION_CHILDREN = names(
  "associatetime disassociatetime send recv receive param recordingaware recordaware xferfrom transferfrom transferredfrom referredby",
);

/** Reads a document; `charset` is that of its Content-Type, `where` the name of the part. Never throws. */
export function readMetadata(
  bytes: Uint8Array,
  charset: string | undefined,
  where: string,
): MetadataReading {
  const { root: top, oddities } = readXml(bytes, charset, where);
  if (top === undefined) {
    return { metadata: undefined, oddities };
  }
  const work: MetadataWork = { where, oddities: [...oddities], extensions: [], ids: new Set() };
  const root = recordingOf(top, work);
  reportNamespace(root, work);
  const metadata = modelOf(root, work);
  if ([...work.ids].some((id) => /[/+=]/.test(id))) {
    report(work, "base64Ids", where);
  }
  if (metadata.dataMode === "partial") {
    report(work, "partialSnapshot", where);
  }
  return { metadata, oddities: work.oddities };
}

function recordingOf(top: XmlElement, work: MetadataWork): XmlElement {
  const isRecording = ({ name }: XmlElement): boolean => canonical(name) === "recording";
  if (isRecording(top)) {
    return top;
  }
  report(work, "rootUnknown", top.path);
  return top.children.find(isRecording) ?? top;
}

function reportNamespace(root: XmlElement, work: MetadataWork): void {
  const { namespace, prefix, path } = root;
  if (prefix !== "") {
    report(work, "namespacePrefixed", path);
  }
  if (prefix !== "" && namespace === undefined) {
    report(work, "prefixUndeclared", path);
  } else if (namespace === undefined || namespace === "") {
    report(work, "namespaceMissing", path);
  } else if (namespace !== RECORDING_NAMESPACE) {
    report(work, "namespaceForeign", path);
  }
}

function modelOf(root: XmlElement, work: MetadataWork): RsMetadata {
  reportDraft(root, work);
  const groups = childrenNamed(root, "group").map((group) => readGroup(group, work));
  const sessions = childrenNamed(root, "session").map((session) => readSession(session, work));
  const streams = childrenNamed(root, "stream").map((stream) => readStream(stream, work));
  const readings = childrenNamed(root, "participant").map((element) => {
    const reading = readParticipant(element, work);
    const owner = { owner: "participant", ownerId: reading.participant.id } as const;
    keepExtensions(element, owner, PARTICIPANT_CHILDREN, work);
    return reading;
  });
  const joins = childrenNamed(root, "participantsessionassoc");
  const flows = childrenNamed(root, "participantstreamassoc");
  const joinOf = new Map(
    joins
      .map(
        (element) => [attributeOf(element, "participantid", "participant", "id"), element] as const,
      )
      .toReversed(),
  );
  for (const element of [...joins, ...flows]) {
    const ownerId = attributeOf(element, "participantid", "participant", "id");
    keepExtensions(element, { owner: "participant", ownerId }, ASSOCIATION_CHILDREN, work);
  }
  keepExtensions(root, { owner: "recording", ownerId: undefined }, ROOT_CHILDREN, work);
  return {
    dataMode: dataModeOf(root, work),
    groups,
    sessions,
    sessionRecordings: childrenNamed(root, "sessionrecordingassoc").map((element) => ({
      sessionId: attributeOf(element, "sessionid", "session", "id") ?? "",
      ...associationOf(element, work),
    })),
    participants: readings.map((reading) => withJoin(reading, joinOf)),
    participantSessions: [
      ...readings.flatMap((reading) => reading.sessions),
      ...joins.map((element) => readParticipantSession(element, work)),
    ],
    streams,
    participantStreams: [
      ...readings.flatMap((reading) => reading.streams),
      ...flows.map((element) => readParticipantStreams(element, work)),
    ],
    extensions: work.extensions,
  };
}

/** What the association with the session says of the participant is theirs too. */
function withJoin(
  { participant }: ParticipantReading,
  joinOf: ReadonlyMap<string | undefined, XmlElement>,
): Participant {
  const join = joinOf.get(participant.id);
  return join === undefined
    ? participant
    : {
        ...participant,
        recordingAware: participant.recordingAware ?? awareOf(join),
        transferredFrom: participant.transferredFrom ?? transferredFromOf(join),
      };
}

function reportDraft(root: XmlElement, work: MetadataWork): void {
  const isDraft = (element: XmlElement): boolean =>
    attributeOf(element, "id") !== undefined ||
    attributeOf(element, "session") !== undefined ||
    childrenNamed(element, "send", "recv", "receive").length > 0;
  const draft = childrenNamed(root, "session", "participant", "stream", "group").find(isDraft);
  if (draft !== undefined) {
    report(work, "draftSchema", draft.path);
  }
}

function dataModeOf(root: XmlElement, work: MetadataWork): DataMode {
  const text = childText(root, "datamode")?.toLowerCase();
  if (text === "complete" || text === "partial") {
    return text;
  }
  report(work, text === undefined ? "dataModeMissing" : "dataModeUnknown", root.path);
  return "complete";
}

function readGroup(element: XmlElement, work: MetadataWork): SessionGroup {
  const id = idOf(element, "group", work);
  keepExtensions(element, { owner: "group", ownerId: id }, GROUP_CHILDREN, work);
  return { id, ...associationOf(element, work) };
}

function readSession(element: XmlElement, work: MetadataWork): CommunicationSession {
  const id = idOf(element, "session", work);
  keepExtensions(element, { owner: "session", ownerId: id }, SESSION_CHILDREN, work);
  return {
    id,
    sipSessionIds: childrenNamed(element, "sipsessionid")
      .map(({ text }) => text)
      .filter((text) => text !== ""),
    groupId: childText(element, "groupref") ?? attributeOf(element, "group", "groupid", "groupref"),
    reason: childText(element, "reason"),
    startTime: timeOf(element, "starttime", work),
    stopTime: timeOf(element, "stoptime", work),
    ...associationOf(element, work),
  };
}

function readStream(element: XmlElement, work: MetadataWork): MetadataStream {
  const id = idOf(element, "stream", work);
  const label = childText(element, "label") ?? attributeOf(element, "label");
  if (label === undefined) {
    report(work, "labelElementMissing", element.path);
  }
  keepExtensions(element, { owner: "stream", ownerId: id }, STREAM_CHILDREN, work);
  return { id, sessionId: attributeOf(element, "sessionid", "session"), label };
}
