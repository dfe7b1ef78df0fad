/** What the failures of Bedrock mean for a session, and what an operator can do about them. */
import type { ModelFailure } from "../ports/realtime-model.ts";
import type { NovaErrorCause, NovaStreamError } from "./nova-stream.ts";

type FailureCode = ModelFailure["code"];
type FailureRow = readonly [code: FailureCode, reason: string];

const NO_CREDENTIALS: FailureRow = [
  "MODEL_REJECTED",
  "no AWS credentials were found: set accessKeyId and secretAccessKey of the model, or give this machine a role or a profile",
];
const UNKNOWN_KEY: FailureRow = [
  "MODEL_REJECTED",
  "AWS does not know the access key: look at accessKeyId of the model, or at the credentials of this machine",
];
const WRONG_SECRET: FailureRow = [
  "MODEL_REJECTED",
  "AWS refused the signature: look at secretAccessKey of the model, its region, and the clock of this machine",
];
const EXPIRED: FailureRow = [
  "MODEL_REJECTED",
  "the AWS credentials have expired: renew them, or use a role that renews itself",
];
const NO_ACCESS: FailureRow = [
  "MODEL_REJECTED",
  "the AWS account may not use this model: allow bedrock:InvokeModel to the role, and ask for access to the model in this region",
];
const NO_MODEL: FailureRow = [
  "MODEL_REJECTED",
  "the model does not exist in this region: look at model and region",
];
const TOO_MANY: FailureRow = ["MODEL_RATE_LIMITED", "the quota of the AWS account is used up"];
const BUSY: FailureRow = ["MODEL_RATE_LIMITED", "the service is overloaded"];
const FAULT: FailureRow = ["MODEL_LOST", "the service failed"];
const TIME_UP: FailureRow = ["MODEL_LOST", "the session reached its longest duration"];
const BROKE: FailureRow = ["MODEL_LOST", "the connection broke"];
const BAD_SETTINGS: FailureRow = [
  "MODEL_REJECTED",
  "the service refused the settings of the session: look at model, voice and region",
];
const NO_HTTP2: FailureRow = [
  "MODEL_CONNECT_FAILED",
  "no HTTP/2 stream came about: a proxy on the way may speak HTTP/1.1 only",
];
/** The client of AWS does not always say why. */
const UNREACHABLE: FailureRow = [
  "MODEL_CONNECT_FAILED",
  "the service cannot be reached: look at endpoint and region of the model, and at the network",
];

/** By the name of the exception, or the code that AWS gives in its place. */
const BY_NAME = new Map<string, FailureRow>([
  ["CredentialsProviderError", NO_CREDENTIALS],
  ["TokenProviderError", NO_CREDENTIALS],
  ["MissingAuthenticationToken", NO_CREDENTIALS],
  ["MissingAuthenticationTokenException", NO_CREDENTIALS],
  ["UnrecognizedClientException", UNKNOWN_KEY],
  ["InvalidClientTokenId", UNKNOWN_KEY],
  ["InvalidSignatureException", WRONG_SECRET],
  ["SignatureDoesNotMatch", WRONG_SECRET],
  ["IncompleteSignatureException", WRONG_SECRET],
  ["ExpiredTokenException", EXPIRED],
  ["ExpiredToken", EXPIRED],
  ["AccessDeniedException", NO_ACCESS],
  ["ResourceNotFoundException", NO_MODEL],
  ["ValidationException", ["MODEL_PROTOCOL", "the service did not accept what it was sent"]],
  ["ThrottlingException", TOO_MANY],
  ["TooManyRequestsException", TOO_MANY],
  ["ServiceQuotaExceededException", TOO_MANY],
  ["ServiceUnavailableException", BUSY],
  ["ModelNotReadyException", BUSY],
  ["ModelTimeoutException", TIME_UP],
  ["ModelStreamErrorException", FAULT],
  ["ModelErrorException", FAULT],
  ["InternalServerException", FAULT],
]);

const BY_CAUSE: Readonly<Record<NovaErrorCause, FailureRow>> = {
  noAudio: ["MODEL_LOST", "the service ended the session because it heard nothing"],
  historyTooLong: ["MODEL_PROTOCOL", "the service refused the history of the call as too long"],
  historyLate: ["MODEL_PROTOCOL", "the service got history after audio"],
  toolResult: ["MODEL_PROTOCOL", "the service could not read the result of a tool"],
  broken: BROKE,
};

const BY_STATUS = new Map<number, FailureRow>([
  [400, BAD_SETTINGS],
  [401, UNKNOWN_KEY],
  [403, NO_ACCESS],
  [404, NO_MODEL],
  [429, TOO_MANY],
  [503, BUSY],
]);

/** What a session's stream failed of. @param ready whether the session had begun: what breaks then was lost. */
export function classifyStreamError(error: NovaStreamError, ready: boolean): ModelFailure {
  const [code, reason] = rowOf(error, ready);
  return {
    code: ready ? onceReady(code, error.name) : beforeReady(code),
    reason: `${reason} (${detailOf(error)})`,
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
  return byStatus ?? bySystem(systemCode, ready);
}

function bySystem(systemCode: string | undefined, ready: boolean): FailureRow {
  if (ready) {
    return BROKE;
  }
  return systemCode?.startsWith("ERR_HTTP2") === true ? NO_HTTP2 : UNREACHABLE;
}

/** Credentials that expire under way were good at the beginning: a new session gets new ones. */
function onceReady(code: FailureCode, name: string): FailureCode {
  const isExpired = BY_NAME.get(name) === EXPIRED;
  return code === "MODEL_CONNECT_FAILED" || isExpired ? "MODEL_LOST" : code;
}

function beforeReady(code: FailureCode): FailureCode {
  return code === "MODEL_LOST" ? "MODEL_CONNECT_FAILED" : code;
}

/** The far side ended the stream, or the connection broke: both look the same. */
export function endedFailure(ready: boolean): ModelFailure {
  return ready
    ? { code: "MODEL_LOST", reason: "the stream ended in the middle of the call" }
    : { code: "MODEL_CONNECT_FAILED", reason: "the stream ended before the session began" };
}

/** The word of the system or the service for an error, when it looks like one. */
function detailOf({ name, systemCode }: NovaStreamError): string {
  const word = systemCode ?? (name === "Error" ? "no connection" : name);
  return /^[A-Za-z][A-Za-z0-9_. ]{0,63}$/.test(word) ? word : "unnamed";
}
