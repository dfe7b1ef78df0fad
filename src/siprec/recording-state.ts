/** What is known of a recording session at one moment, and the facts by which it changes. */
import type { MediaLine } from "./media-lines.ts";
import type { Oddity } from "./oddities.ts";
import type {
  CommunicationSession,
  Extension,
  MetadataStream,
  Participant,
  RsMetadata,
  SessionGroup,
} from "./rs-metadata.ts";

/** A participant who is there. */
export interface RecordedParticipant extends Participant {
  /** 0, 1, 2 … as they came; kept by who comes back under a new id. */
  readonly order: number;
  readonly associateTime: string | undefined;
  readonly sessionIds: readonly string[];
  /** Ids of streams; some clients write labels. */
  readonly sends: readonly string[];
  readonly receives: readonly string[];
}

/** One moment; never changed, only replaced. */
export interface RecordingState {
  readonly metadataSeen: "none" | "partial" | "complete";
  readonly participants: ReadonlyMap<string, RecordedParticipant>;
  readonly streams: ReadonlyMap<string, MetadataStream>;
  readonly sessions: ReadonlyMap<string, CommunicationSession>;
  readonly groups: ReadonlyMap<string, SessionGroup>;
  readonly extensions: readonly Extension[];
  /** The m-lines of the latest offer. */
  readonly media: readonly MediaLine[];
  /** Participants that ever were. */
  readonly joinedCount: number;
  /** Warnings that were told and still hold. */
  readonly standing: ReadonlySet<string>;
}

/** What a request brought; both may be there, or one. */
export interface RecordingUpdate {
  /** All m-lines of an offer; `undefined`: no SDP, or one that could not be understood. */
  readonly media?: readonly MediaLine[] | undefined;
  readonly metadata?: RsMetadata | undefined;
}

/** What happened. Streams are named by the key of their m-line. */
export type RecordingFact =
  | { readonly kind: "participantJoined"; readonly participantId: string }
  | { readonly kind: "participantLeft"; readonly participantId: string }
  | { readonly kind: "participantRenamed"; readonly from: string; readonly to: string }
  | {
      readonly kind: "transferred";
      readonly from: string;
      readonly to: string;
      readonly because: "reference" | "group" | "replacement";
    }
  | { readonly kind: "streamAdded"; readonly key: string; readonly sending: boolean }
  | { readonly kind: "streamRemoved"; readonly key: string }
  | { readonly kind: "streamHeld"; readonly key: string }
  | { readonly kind: "streamResumed"; readonly key: string }
  | { readonly kind: "streamSourceChanged"; readonly key: string }
  | {
      readonly kind: "speakersChanged";
      readonly key: string;
      readonly participantIds: readonly string[];
    }
  | { readonly kind: "warning"; readonly oddity: Oddity };

/** Nothing known yet. */
export const NEW_RECORDING: RecordingState = {
  metadataSeen: "none",
  participants: new Map(),
  streams: new Map(),
  sessions: new Map(),
  groups: new Map(),
  extensions: [],
  media: [],
  joinedCount: 0,
  standing: new Set(),
};

/** Label of the stream that a reference means: the id of a stream, or a label itself. */
export function labelOfReference(
  { streams }: Pick<RecordingState, "streams">,
  reference: string,
): string | undefined {
  const stream = streams.get(reference);
  if (stream !== undefined) {
    return stream.label;
  }
  return labelsIn(streams).has(reference) ? reference : undefined;
}

/** Made once for each state: references are many, and looking through all streams for each would cost their square. */
const LABELS = new WeakMap<RecordingState["streams"], ReadonlySet<string | undefined>>();

function labelsIn(streams: RecordingState["streams"]): ReadonlySet<string | undefined> {
  const known = LABELS.get(streams);
  const labels = known ?? new Set([...streams.values()].map(({ label }) => label));
  if (known === undefined) {
    LABELS.set(streams, labels);
  }
  return labels;
}

/** Who is said to speak on an m-line, as they came. */
export function speakersOf(state: RecordingState, line: MediaLine): readonly RecordedParticipant[] {
  return line.label === undefined || line.label !== line.key
    ? []
    : [...state.participants.values()]
        .filter(({ sends }) => sends.some((id) => labelOfReference(state, id) === line.label))
        .sort((one, other) => one.order - other.order);
}
