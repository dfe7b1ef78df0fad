/** What the failures of Bedrock mean for a session, and what an operator can do about them. */
import type { ModelFailure } from "../ports/realtime-model.ts";
import {
  type AwsFailureRow,
  BROKE,
  CREDENTIAL_FAILURES,
  codeAt,
  detailOf,
  FAULT,
  SERVICE_BUSY,
  TOO_MANY,
  UNKNOWN_KEY,
  unnamedFailure,
} from "./aws-failures.ts";
import type { NovaErrorCause, NovaStreamError } from "./nova-stream.ts";

const NO_ACCESS: AwsFailureRow = [
  "MODEL_REJECTED",
  "the AWS account may not use this model: allow bedrock:InvokeModel to the role, and ask for access to the model in this region",
];
const NO_MODEL: AwsFailureRow = [
  "MODEL_REJECTED",
  "the model does not exist in this region: look at model and region",
];
const TIME_UP: AwsFailureRow = ["MODEL_LOST", "the session reached its longest duration"];
const BAD_SETTINGS: AwsFailureRow = [
  "MODEL_REJECTED",
  "the service refused the settings of the session: look at model, voice and region",
];

/** By the name of the exception, or the code that AWS gives in its place. */
const BY_NAME = new Map<string, AwsFailureRow>([
  ...CREDENTIAL_FAILURES,
  ["AccessDeniedException", NO_ACCESS],
  ["ResourceNotFoundException", NO_MODEL],
  ["ValidationException", ["MODEL_PROTOCOL", "the service did not accept what it was sent"]],
  ["ThrottlingException", TOO_MANY],
  ["TooManyRequestsException", TOO_MANY],
  ["ServiceQuotaExceededException", TOO_MANY],
  ["ServiceUnavailableException", SERVICE_BUSY],
  ["ModelNotReadyException", SERVICE_BUSY],
  ["ModelTimeoutException", TIME_UP],
  ["ModelStreamErrorException", FAULT],
  ["ModelErrorException", FAULT],
  ["InternalServerException", FAULT],
]);

const BY_CAUSE: Readonly<Record<NovaErrorCause, AwsFailureRow>> = {
  noAudio: ["MODEL_LOST", "the service ended the session because it heard nothing"],
  historyTooLong: ["MODEL_PROTOCOL", "the service refused the history of the call as too long"],
  historyLate: ["MODEL_PROTOCOL", "the service got history after audio"],
  toolResult: ["MODEL_PROTOCOL", "the service could not read the result of a tool"],
  broken: BROKE,
};

const BY_STATUS = new Map<number, AwsFailureRow>([
  [400, BAD_SETTINGS],
  [401, UNKNOWN_KEY],
  [403, NO_ACCESS],
  [404, NO_MODEL],
  [429, TOO_MANY],
  [503, SERVICE_BUSY],
]);

/** What a session's stream failed of. @param ready whether the session had begun: what breaks then was lost. */
export function classifyStreamError(error: NovaStreamError, ready: boolean): ModelFailure {
  const row = rowOf(error, ready);
  return {
    code: codeAt(row, ready),
    reason: `${row[1]} (${detailOf(error)})`,
  };
}

function rowOf({ name, statusCode, systemCode, cause }: NovaStreamError, ready: boolean) {
  if (cause !== undefined) {
    return BY_CAUSE[cause];
  }
  if (!ready && name === "ValidationException") {
    return BAD_SETTINGS;
  }
  const named = BY_NAME.get(name);
  if (named !== undefined) {
    return named;
  }
  const byStatus = statusCode === undefined ? undefined : BY_STATUS.get(statusCode);
  return byStatus ?? unnamedFailure(systemCode, ready);
}
