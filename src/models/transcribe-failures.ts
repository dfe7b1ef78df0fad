/** What failures of Amazon Transcribe mean for a transcription, and what an operator can do about them. */
import type { ModelFailure } from "../ports/realtime-model.ts";
import type { AwsStreamError } from "./aws-duplex.ts";
import {
  type AwsFailureRow,
  CREDENTIAL_FAILURES,
  codeAt,
  detailOf,
  FAULT,
  SERVICE_BUSY,
  TOO_MANY,
  UNKNOWN_KEY,
  unnamedFailure,
} from "./aws-failures.ts";

const NO_ACCESS: AwsFailureRow = [
  "MODEL_REJECTED",
  "the AWS account may not transcribe: allow transcribe:StartStreamTranscription, or transcribe:StartCallAnalyticsStreamTranscription, to the role",
];
const BAD_SETTINGS: AwsFailureRow = [
  "MODEL_REJECTED",
  "the service refused the settings: look at language, vocabulary, redaction and region of the model",
];
/** Also what a stream gets that sends nothing for 15 s, or audio that cannot be read. */
const NOT_ACCEPTED: AwsFailureRow = ["MODEL_LOST", "the service did not accept what it was sent"];
const REPLACED: AwsFailureRow = ["MODEL_LOST", "another stream took the session over"];

/** By the name of the exception, or the code that AWS gives in its place. */
const BY_NAME = new Map<string, AwsFailureRow>([
  ...CREDENTIAL_FAILURES,
  ["AccessDeniedException", NO_ACCESS],
  ["ResourceNotFoundException", BAD_SETTINGS],
  ["LimitExceededException", TOO_MANY],
  ["ThrottlingException", TOO_MANY],
  ["TooManyRequestsException", TOO_MANY],
  ["ServiceUnavailableException", SERVICE_BUSY],
  ["ConflictException", REPLACED],
  ["InternalFailureException", FAULT],
  ["InternalServerException", FAULT],
]);

const BY_STATUS = new Map<number, AwsFailureRow>([
  [400, BAD_SETTINGS],
  [401, UNKNOWN_KEY],
  [403, NO_ACCESS],
  [404, BAD_SETTINGS],
  [429, TOO_MANY],
  [503, SERVICE_BUSY],
]);

/** What a stream failed of. @param ready whether it had been accepted. */
export function transcribeFailure(error: AwsStreamError, ready: boolean): ModelFailure {
  const row = rowOf(error, ready);
  return { code: codeAt(row, ready), reason: `${row[1]} (${detailOf(error)})` };
}

function rowOf({ name, statusCode, systemCode }: AwsStreamError, ready: boolean): AwsFailureRow {
  if (name === "BadRequestException" || name === "ValidationException") {
    return ready ? NOT_ACCEPTED : BAD_SETTINGS;
  }
  const named = BY_NAME.get(name);
  if (named !== undefined) {
    return named;
  }
  const byStatus = statusCode === undefined ? undefined : BY_STATUS.get(statusCode);
  return byStatus ?? unnamedFailure(systemCode, ready);
}
