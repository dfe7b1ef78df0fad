/** The parameters of a transcription as the service takes them: headers, strictly; a misspelt one is an error. */
import { z } from "zod";

const flag = z.enum(["true", "false"]);
const name = z.string().regex(/^[0-9A-Za-z._-]{1,200}$/);
const LANGUAGE = "[a-z]{2,3}-[A-Z]{2}";

const common = {
  "sample-rate": z.literal("8000"),
  "media-encoding": z.literal("pcm"),
  "session-id": z.uuid(),
  "language-code": z
    .string()
    .regex(new RegExp(`^${LANGUAGE}$`))
    .optional(),
  "identify-language": flag.optional(),
  "language-options": z
    .string()
    .regex(new RegExp(`^${LANGUAGE}(?:,${LANGUAGE})+$`))
    .optional(),
  "vocabulary-name": name.optional(),
  "vocabulary-names": name.optional(),
  "vocabulary-filter-name": name.optional(),
  "vocabulary-filter-names": name.optional(),
  "vocabulary-filter-method": z.enum(["mask", "remove", "tag"]).optional(),
  "language-model-name": name.optional(),
  "enable-partial-results-stabilization": flag.optional(),
  "partial-results-stability": z.enum(["low", "medium", "high"]).optional(),
  "content-redaction-type": z.literal("PII").optional(),
  "pii-entity-types": z.string().optional(),
};

const plain = z.strictObject({
  ...common,
  "enable-channel-identification": z.literal("true").optional(),
  "number-of-channels": z.literal("2").optional(),
  "session-resume-window": z.string().regex(/^\d+$/).optional(),
});
const analytics = z.strictObject(common);

/** The parameters by their names without prefix. */
export type TranscribeParameters = Readonly<Record<string, string | undefined>>;

const PREFIX = "x-amzn-transcribe-";
/** Path → whether it is Call Analytics. */
export const OPERATIONS: ReadonlyMap<string, boolean> = new Map([
  ["/stream-transcription", false],
  ["/call-analytics-stream-transcription", true],
]);

/** What is asked for, or what is wrong with it, in one line. */
export function readParameters(
  headers: Readonly<Record<string, unknown>>,
  isAnalytics: boolean,
): TranscribeParameters | string {
  const named = Object.fromEntries(
    Object.entries(headers)
      .filter(([header]) => header.startsWith(PREFIX))
      .map(([header, value]) => [header.slice(PREFIX.length), String(value)]),
  );
  const result = (isAnalytics ? analytics : plain).safeParse(named);
  if (!result.success) {
    const { path, message } = result.error.issues[0] ?? { path: [], message: "" };
    return `${path.join(".")}: ${message}`;
  }
  const asked: TranscribeParameters = result.data;
  const identifies = asked["identify-language"] === "true";
  if (identifies === (asked["language-code"] !== undefined)) {
    return "either language-code or identify-language";
  }
  if (identifies !== (asked["language-options"] !== undefined)) {
    return "identify-language and language-options belong together";
  }
  const hasChannels = asked["enable-channel-identification"] === "true";
  return hasChannels === (asked["number-of-channels"] !== undefined)
    ? asked
    : "number-of-channels belongs to enable-channel-identification";
}
