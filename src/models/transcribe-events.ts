/** What Amazon Transcribe says, validated and reduced to what the gateway uses. */
import { z } from "zod";
import type { Sentiment } from "../ports/assist-events.ts";
import type { ChannelRoles } from "./transcribe-stream.ts";
import type { HeardUtterance } from "./transcriber.ts";

/** What one event holds. */
export interface TranscribeNews {
  readonly utterances: readonly HeardUtterance[];
  readonly categories: readonly string[];
}

const MAX_CATEGORIES = 50;
const NO_NEWS: TranscribeNews = { utterances: [], categories: [] };

const resultShape = z.object({
  ResultId: z.string().min(1),
  StartTime: z.number().nonnegative(),
  EndTime: z.number().nonnegative(),
  IsPartial: z.boolean(),
  ChannelId: z.string().optional(),
  Alternatives: z.array(z.object({ Transcript: z.string().optional() })).optional(),
});

const utteranceShape = z.object({
  UtteranceId: z.string().min(1),
  IsPartial: z.boolean(),
  ParticipantRole: z.enum(["CUSTOMER", "AGENT"]),
  BeginOffsetMillis: z.number().nonnegative(),
  EndOffsetMillis: z.number().nonnegative(),
  Transcript: z.string().optional(),
  Sentiment: z.enum(["POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"]).optional().catch(undefined),
  IssuesDetected: z
    .array(
      z.object({
        CharacterOffsets: z
          .object({ Begin: z.number().optional(), End: z.number().optional() })
          .optional(),
      }),
    )
    .optional()
    .catch(undefined),
});

const eventShape = z.object({
  TranscriptEvent: z
    .object({ Transcript: z.object({ Results: z.array(resultShape).optional() }).optional() })
    .optional(),
  UtteranceEvent: utteranceShape.optional(),
  CategoryEvent: z.object({ MatchedCategories: z.array(z.string()).optional() }).optional(),
});

const SENTIMENTS: Readonly<Record<"POSITIVE" | "NEGATIVE" | "NEUTRAL" | "MIXED", Sentiment>> = {
  POSITIVE: "positive",
  NEGATIVE: "negative",
  NEUTRAL: "neutral",
  MIXED: "mixed",
};

/** `undefined`: it cannot be read. Events of another kind hold nothing. @param roles as the stream was opened with. */
export function readTranscribeEvent(
  event: unknown,
  roles: ChannelRoles | undefined,
): TranscribeNews | undefined {
  const result = eventShape.safeParse(event);
  if (!result.success) {
    return undefined;
  }
  const { TranscriptEvent, UtteranceEvent, CategoryEvent } = result.data;
  if (UtteranceEvent !== undefined) {
    return { ...NO_NEWS, utterances: analysed(UtteranceEvent, roles) };
  }
  if (CategoryEvent !== undefined) {
    return {
      ...NO_NEWS,
      categories: (CategoryEvent.MatchedCategories ?? []).slice(0, MAX_CATEGORIES),
    };
  }
  const results = TranscriptEvent?.Transcript?.Results ?? [];
  return { ...NO_NEWS, utterances: results.flatMap(plain) };
}

/** What has no words is not worth telling. */
function plain(result: z.output<typeof resultShape>): readonly HeardUtterance[] {
  const text = result.Alternatives?.[0]?.Transcript ?? "";
  const channel = /^ch_(\d)$/.exec(result.ChannelId ?? "ch_0")?.[1];
  if (text === "" || channel === undefined) {
    return [];
  }
  return [
    {
      channel: Number(channel),
      id: result.ResultId,
      text,
      final: !result.IsPartial,
      startMs: Math.round(result.StartTime * 1000),
      endMs: Math.round(result.EndTime * 1000),
    },
  ];
}

function analysed(
  event: z.output<typeof utteranceShape>,
  roles: ChannelRoles | undefined,
): readonly HeardUtterance[] {
  const text = event.Transcript ?? "";
  const role = event.ParticipantRole === "CUSTOMER" ? "customer" : "agent";
  if (text === "") {
    return [];
  }
  const issues = (event.IssuesDetected ?? []).map(({ CharacterOffsets: offsets }) =>
    text.slice(offsets?.Begin ?? 0, offsets?.End ?? text.length),
  );
  return [
    {
      channel: Math.max(0, roles?.indexOf(role) ?? 0),
      id: event.UtteranceId,
      text,
      final: !event.IsPartial,
      startMs: event.BeginOffsetMillis,
      endMs: event.EndOffsetMillis,
      sentiment: event.Sentiment === undefined ? undefined : SENTIMENTS[event.Sentiment],
      issues: issues.filter((issue) => issue.trim() !== ""),
    },
  ];
}
