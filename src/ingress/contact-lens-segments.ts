/** Reads what Contact Lens says of a contact, from its stream and from its API: nothing is believed that does not fit. */
import { z } from "zod";
import type { AssistRole, Sentiment } from "../ports/assist-events.ts";
import type { ContactSegment } from "../ports/contact-analysis.ts";

/** Ids of contacts, as Connect makes them. */
export const CONTACT_ID = /^[0-9A-Za-z][0-9A-Za-z-]{0,127}$/;

const MAX_TEXT = 4000;
const MAX_SUMMARY = 4000;
const MAX_ID = 256;
const MAX_NAMES = 50;
const MAX_NAME = 200;
/** Of one record; a record of Kinesis has a megabyte at most. */
const MAX_SEGMENTS = 500;
/** A contact of a day. */
const MAX_OFFSET_MS = 24 * 3_600_000;

const id = () => z.string().min(1).max(MAX_ID);
const offset = () => z.number().min(0).max(MAX_OFFSET_MS);

const spoken = {
  ParticipantId: id(),
  ParticipantRole: z.string().max(100).nullish(),
  BeginOffsetMillis: offset(),
  EndOffsetMillis: offset(),
};

const utteranceSchema = z.object({
  ...spoken,
  Id: id(),
  TranscriptId: id().nullish(),
  PartialContent: z.string(),
});

const transcriptSchema = z.object({
  ...spoken,
  Id: id(),
  Content: z.string(),
  Sentiment: z.string().nullish(),
});

const categoriesSchema = z.object({ MatchedCategories: z.array(z.string()) });
const summarySchema = z.object({ Content: z.string().nullish(), Status: z.string().nullish() });

const recordSchema = z.object({
  ContactId: z.string().regex(CONTACT_ID),
  InstanceId: z.string().max(MAX_ID).nullish(),
  Channel: z.string().max(100).nullish(),
  EventType: z.string().max(100),
  Segments: z.array(z.unknown()).nullish(),
});

/** What a record of the stream is. */
export type StreamRecord =
  | { readonly kind: "started" | "completed" | "failed"; readonly contactId: string }
  | {
      readonly kind: "segments";
      readonly contactId: string;
      readonly segments: readonly ContactSegment[];
      /** Segments that were left out. */
      readonly malformed: number;
    }
  | { readonly kind: "malformed" | "unknownEvent" | "otherInstance" | "otherChannel" };

/** @param instanceId records of other instances are left out. */
export function readStreamRecord(data: Uint8Array, instanceId: string): StreamRecord {
  const parsed = recordSchema.safeParse(jsonOf(data));
  if (!parsed.success) {
    return { kind: "malformed" };
  }
  const { ContactId: contactId, InstanceId, Channel, EventType, Segments } = parsed.data;
  if (InstanceId !== instanceId && InstanceId?.endsWith(`/${instanceId}`) !== true) {
    return { kind: "otherInstance" };
  }
  if (Channel !== undefined && Channel !== null && Channel !== "VOICE") {
    return { kind: "otherChannel" };
  }
  switch (EventType) {
    case "STARTED":
      return { kind: "started", contactId };
    case "COMPLETED":
      return { kind: "completed", contactId };
    case "FAILED":
      return { kind: "failed", contactId };
    case "SEGMENTS":
      return { kind: "segments", contactId, ...readSegments(Segments ?? []) };
    default:
      return { kind: "unknownEvent" };
  }
}

/** What fits of a list of segments; one that holds nothing we know is left out and counted. */
export function readSegments(list: readonly unknown[]): {
  readonly segments: readonly ContactSegment[];
  readonly malformed: number;
} {
  const segments: ContactSegment[] = [];
  let malformed = Math.max(0, list.length - MAX_SEGMENTS);
  for (const value of list.slice(0, MAX_SEGMENTS)) {
    const read = readSegment(value);
    malformed += read === undefined ? 1 : 0;
    segments.push(...(read ?? []));
  }
  return { segments, malformed };
}

/** `undefined`: it is none. */
function readSegment(value: unknown): readonly ContactSegment[] | undefined {
  const { Utterance, Transcript, Categories, PostContactSummary } = (
    typeof value === "object" && value !== null ? value : {}
  ) as Readonly<Record<string, unknown>>;
  if (Transcript !== undefined && Transcript !== null) {
    return readTranscript(Transcript);
  }
  if (Utterance !== undefined && Utterance !== null) {
    return readUtterance(Utterance);
  }
  if (Categories !== undefined && Categories !== null) {
    const { data } = categoriesSchema.safeParse(Categories);
    const names = data?.MatchedCategories.slice(0, MAX_NAMES).map((one) => one.slice(0, MAX_NAME));
    return names && [{ kind: "categories", names }];
  }
  const { data } = summarySchema.safeParse(PostContactSummary);
  const text = (data?.Content ?? "").trim().slice(0, MAX_SUMMARY);
  return data && (text === "" ? [] : [{ kind: "summary", text }]);
}

function readTranscript(value: unknown): readonly ContactSegment[] | undefined {
  const { data } = transcriptSchema.safeParse(value);
  return (
    data && [
      {
        kind: "utterance",
        utteranceId: data.Id,
        ...speakerOf(data),
        text: data.Content.slice(0, MAX_TEXT),
        final: true,
        sentiment: sentimentOf(data.Sentiment),
      },
    ]
  );
}

/** A partial utterance has the id of the transcript that replaces it. */
function readUtterance(value: unknown): readonly ContactSegment[] | undefined {
  const { data } = utteranceSchema.safeParse(value);
  return (
    data && [
      {
        kind: "utterance",
        utteranceId: data.TranscriptId ?? data.Id,
        ...speakerOf(data),
        text: data.PartialContent.slice(0, MAX_TEXT),
        final: false,
        sentiment: undefined,
      },
    ]
  );
}

function speakerOf(data: {
  readonly ParticipantId: string;
  readonly ParticipantRole?: string | null | undefined;
  readonly BeginOffsetMillis: number;
  readonly EndOffsetMillis: number;
}) {
  const { ParticipantId, ParticipantRole, BeginOffsetMillis, EndOffsetMillis } = data;
  return {
    participantId: ParticipantId,
    role: roleOf(ParticipantRole ?? ParticipantId),
    startMs: BeginOffsetMillis,
    endMs: Math.max(BeginOffsetMillis, EndOffsetMillis),
  };
}

function roleOf(text: string): AssistRole {
  switch (text.toUpperCase()) {
    case "CUSTOMER":
      return "customer";
    case "AGENT":
    case "SUPERVISOR":
      return "agent";
    case "SYSTEM":
    case "CUSTOM_BOT":
      return "model";
    default:
      return "unknown";
  }
}

function sentimentOf(text: string | null | undefined): Sentiment | undefined {
  switch (text) {
    case "POSITIVE":
      return "positive";
    case "NEGATIVE":
      return "negative";
    case "NEUTRAL":
      return "neutral";
    case "MIXED":
      return "mixed";
    default:
      return undefined;
  }
}

function jsonOf(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString("utf8"));
  } catch {
    return undefined;
  }
}
