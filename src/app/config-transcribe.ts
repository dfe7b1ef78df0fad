/** Settings of Amazon Transcribe. */
import { z } from "zod";
import { isEndpoint } from "./config-aws.ts";
import { count } from "./config-values.ts";

/** The service ends a stream after 4 hours. */
const MAX_SESSION_SECONDS = 14_400;

const language = () => z.string().regex(/^[a-z]{2,3}-[A-Z]{2}$/, "a language such as en-US");
const serviceName = (what: string) =>
  z
    .string()
    .regex(/^[0-9A-Za-z._-]{1,200}$/, "a name of the service: letters, digits, dot, _ and -")
    .optional()
    .describe(what);

/** A transcription by Amazon Transcribe. */
export const transcribeSchema = z
  .strictObject({
    kind: z
      .literal("transcribe")
      .describe("Amazon Transcribe: listens to recording sessions, never speaks. Keys: aws."),
    region: z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "a region of AWS, such as us-east-1")
      .optional()
      .describe("AWS region; absent: aws.region."),
    endpoint: z
      .string()
      .refine(isEndpoint, "expected https://, or http:// to this machine, without user")
      .optional()
      .describe("For a stand-in on this machine, or a private endpoint; absent: aws.endpoint."),
    language: z
      .union([z.literal("auto"), language()])
      .default("en-US")
      .describe("Language that is spoken; auto: the service finds out, among languages."),
    languages: z
      .array(language())
      .min(2)
      .max(5)
      .readonly()
      .optional()
      .describe("With language auto: those that may be spoken."),
    analytics: z
      .boolean()
      .default(false)
      .describe("Call Analytics: sentiment, issues and categories with what is said; costs more."),
    channels: z
      .enum(["joined", "separate"])
      .default("joined")
      .describe("joined: two streams of a call are the channels of one; separate: one each."),
    partialStability: z
      .enum(["off", "low", "medium", "high"])
      .default("off")
      .describe("How soon words of a partial result stay: high is soonest, and least exact."),
    vocabulary: serviceName("Custom vocabulary of the account."),
    vocabularyFilter: serviceName("Vocabulary filter of the account."),
    vocabularyFilterMethod: z
      .enum(["mask", "remove", "tag"])
      .optional()
      .describe("What becomes of filtered words."),
    languageModel: serviceName("Custom language model of the account."),
    redaction: z
      .enum(["off", "pii"])
      .default("off")
      .describe("pii: personal data is replaced by its kind before we get it."),
    piiTypes: z
      .array(z.string().regex(/^[A-Z_]{2,40}$/, "a kind of personal data, such as EMAIL"))
      .max(20)
      .readonly()
      .default([])
      .describe("Kinds of personal data that are replaced; []: all."),
    resumeWindowMinutes: count(1, 300)
      .optional()
      .describe("Minutes in which a stream that is opened again is the same session to AWS."),
    maxSessionSeconds: count(30, MAX_SESSION_SECONDS)
      .default(MAX_SESSION_SECONDS)
      .describe("Seconds that a stream lasts; the next one takes over before."),
  })
  .superRefine((settings, context) => {
    const problem = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    if (settings.language === "auto" && settings.languages === undefined) {
      problem("languages", "language auto needs to know which there may be");
    } else if (settings.language !== "auto" && settings.languages !== undefined) {
      problem("languages", "is for language auto");
    }
    if (settings.analytics && settings.resumeWindowMinutes !== undefined) {
      problem("resumeWindowMinutes", "is not known to Call Analytics");
    }
    if (settings.redaction === "off" && settings.piiTypes.length > 0) {
      problem("piiTypes", "is for redaction pii");
    }
    if (settings.vocabularyFilterMethod !== undefined && settings.vocabularyFilter === undefined) {
      problem("vocabularyFilterMethod", "needs a vocabularyFilter");
    }
  });

/** The settings of one such model. */
export type TranscribeConfig = z.output<typeof transcribeSchema>;
