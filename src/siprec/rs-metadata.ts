/** Recording metadata as typed data: RFC 7865, SIP Recording Metadata, whatever schema it came in. */

/** How much a snapshot says: everything there is, or what changed. */
export type DataMode = "complete" | "partial";

/** From when to when something belonged; texts as written, only where they are dates. */
export interface Association {
  readonly associateTime: string | undefined;
  readonly disassociateTime: string | undefined;
}

/** A communication session group: sessions that belong together, for instance around a transfer. */
export interface SessionGroup extends Association {
  readonly id: string;
}

/** A communication session. */
export interface CommunicationSession extends Association {
  readonly id: string;
  /** RFC 7989 identifiers, as written. */
  readonly sipSessionIds: readonly string[];
  readonly groupId: string | undefined;
  readonly reason: string | undefined;
  readonly startTime: string | undefined;
  readonly stopTime: string | undefined;
}

/** One way to name a participant. */
export interface ParticipantName {
  /** Address of record, as written; `undefined`: a name alone. */
  readonly aor: string | undefined;
  readonly name: string | undefined;
  readonly language: string | undefined;
}

/** A participant. */
export interface Participant {
  readonly id: string;
  readonly names: readonly ParticipantName[];
  /** Whether their equipment knows of recording; `undefined`: not said. */
  readonly recordingAware: boolean | undefined;
  /** Id of the participant they took over from, where the document says so. */
  readonly transferredFrom: string | undefined;
}

/** A media stream. */
export interface MetadataStream {
  readonly id: string;
  readonly sessionId: string | undefined;
  /** Joins it to `a=label`; always text. */
  readonly label: string | undefined;
}

/** A participant in a session. */
export interface ParticipantSession extends Association {
  readonly participantId: string;
  readonly sessionId: string | undefined;
}

/** What a participant sends and receives, as ids of streams. */
export interface ParticipantStreams extends Association {
  readonly participantId: string;
  readonly send: readonly string[];
  readonly receive: readonly string[];
}

/** What a piece of extension data belongs to. */
export type ExtensionOwner = "recording" | "group" | "session" | "participant" | "stream";

/** One value of extension data. */
export interface Extension {
  readonly owner: ExtensionOwner;
  /** `undefined` for the recording itself. */
  readonly ownerId: string | undefined;
  /** `AvayaUCID`, `X-ISR-UCID`, `callData.queue`; without prefix. */
  readonly name: string;
  readonly prefix: string;
  readonly namespace: string | undefined;
  readonly value: string;
}

/** One snapshot. */
export interface RsMetadata {
  readonly dataMode: DataMode;
  readonly groups: readonly SessionGroup[];
  readonly sessions: readonly CommunicationSession[];
  /** By session id: since when the session is recorded. */
  readonly sessionRecordings: readonly (Association & { readonly sessionId: string })[];
  readonly participants: readonly Participant[];
  readonly participantSessions: readonly ParticipantSession[];
  readonly streams: readonly MetadataStream[];
  readonly participantStreams: readonly ParticipantStreams[];
  readonly extensions: readonly Extension[];
}

/** Milliseconds since 1970 of a time of the metadata; `undefined`: it is none. */
export function instantOf(time: string | undefined): number | undefined {
  const atMs = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(atMs) ? undefined : atMs;
}
