/** Reads participants and what they take part in, by RFC 7865 or by the draft that has it all in one element. */
import {
  associationOf,
  attributeOf,
  childrenNamed,
  childText,
  idOf,
  type MetadataWork,
} from "./metadata-elements.ts";
import type {
  Participant,
  ParticipantName,
  ParticipantSession,
  ParticipantStreams,
} from "./rs-metadata.ts";
import type { XmlElement } from "./xml-document.ts";

/** A `<participant>` and the associations that the draft's schema puts inside. */
export interface ParticipantReading {
  readonly participant: Participant;
  readonly sessions: readonly ParticipantSession[];
  readonly streams: readonly ParticipantStreams[];
}

/** Names that stand for "took over from". */
const TRANSFERRED_FROM = ["xferfrom", "transferfrom", "transferredfrom", "referredby"] as const;
const AWARE = ["recordingaware", "recordaware"] as const;

/** Children of `<participant>` that are no extension data. */
export const PARTICIPANT_CHILDREN: ReadonlySet<string> = new Set([
  ..."nameid name send recv receive associatetime disassociatetime param session".split(" "),
  ...TRANSFERRED_FROM,
  ...AWARE,
]);

/** Reads a `<participant>`. */
export function readParticipant(element: XmlElement, work: MetadataWork): ParticipantReading {
  const id = idOf(element, "participant", work);
  const association = associationOf(element, work);
  const streams = streamsOf(element, id);
  const sessionId = attributeOf(element, "session", "sessionid") ?? childText(element, "session");
  const within =
    sessionId !== undefined ||
    association.associateTime !== undefined ||
    association.disassociateTime !== undefined;
  return {
    participant: {
      id,
      names: namesOf(element),
      recordingAware: awareOf(element),
      transferredFrom: transferredFromOf(element),
    },
    sessions: within ? [{ participantId: id, sessionId, ...association }] : [],
    streams:
      streams.send.length + streams.receive.length === 0
        ? []
        : [{ ...streams, associateTime: undefined, disassociateTime: undefined }],
  };
}

/** Reads a `<participantstreamassoc>`. */
export function readParticipantStreams(
  element: XmlElement,
  work: MetadataWork,
): ParticipantStreams {
  const participantId = attributeOf(element, "participantid", "participant", "id") ?? "";
  return { ...streamsOf(element, participantId), ...associationOf(element, work) };
}

/** Reads a `<participantsessionassoc>`. */
export function readParticipantSession(
  element: XmlElement,
  work: MetadataWork,
): ParticipantSession {
  return {
    participantId: attributeOf(element, "participantid", "participant", "id") ?? "",
    sessionId: attributeOf(element, "sessionid", "session"),
    ...associationOf(element, work),
  };
}

/** Whether an element says that recording is known of: by name, or as a parameter of the Contact. */
export function awareOf(element: XmlElement): boolean | undefined {
  const parameters = childrenNamed(element, "param").map(({ text, attributes }) =>
    [text, ...attributes.map(({ name, value }) => `${name}=${value}`)].join(" "),
  );
  if (parameters.some((text) => /record-?(?:ing)?-?aware/i.test(text))) {
    return true;
  }
  const named = childrenNamed(element, ...AWARE)[0];
  const text = attributeOf(element, ...AWARE) ?? named?.text;
  return text === undefined ? undefined : !/^(?:false|0|no)$/i.test(text);
}

/** Id of the party before, in a child or an attribute of any of the known names. */
export function transferredFromOf(element: XmlElement): string | undefined {
  const child = childrenNamed(element, ...TRANSFERRED_FROM)[0];
  const inner = child === undefined ? undefined : attributeOf(child, "participantid", "ref", "id");
  return attributeOf(element, ...TRANSFERRED_FROM) ?? inner ?? (child?.text || undefined);
}

function namesOf(element: XmlElement): readonly ParticipantName[] {
  const named = childrenNamed(element, "nameid").flatMap((nameId) => {
    const aor = attributeOf(nameId, "aor") ?? (nameId.text || undefined);
    const names = childrenNamed(nameId, "name").map((name) => nameOf(aor, name));
    return names.length === 0 ? [{ aor, name: undefined, language: undefined }] : names;
  });
  return [...named, ...childrenNamed(element, "name").map((name) => nameOf(undefined, name))];
}

function nameOf(aor: string | undefined, element: XmlElement): ParticipantName {
  return { aor, name: element.text || undefined, language: attributeOf(element, "lang") };
}

function streamsOf(
  element: XmlElement,
  participantId: string,
): Pick<ParticipantStreams, "participantId" | "send" | "receive"> {
  const ids = (...names: string[]): readonly string[] =>
    childrenNamed(element, ...names)
      .map((child) => child.text || (attributeOf(child, "streamid", "id") ?? ""))
      .filter((id) => id !== "");
  return { participantId, send: ids("send"), receive: ids("recv", "receive") };
}
