/** What failures of AWS mean that all its streaming services share, and what an operator can do about them. */
import type { ModelFailure } from "../ports/realtime-model.ts";
import type { AwsStreamError } from "./aws-duplex.ts";

type FailureCode = ModelFailure["code"];
/** What a failure is to the engine, and in plain words. */
export type AwsFailureRow = readonly [code: FailureCode, reason: string];

const NO_CREDENTIALS: AwsFailureRow = [
  "MODEL_REJECTED",
  "no AWS credentials were found: set accessKeyId and secretAccessKey in the configuration, or give this machine a role or a profile",
];
/** The key is not known. */
export const UNKNOWN_KEY: AwsFailureRow = [
  "MODEL_REJECTED",
  "AWS does not know the access key: look at accessKeyId in the configuration, or at the credentials of this machine",
];
const WRONG_SECRET: AwsFailureRow = [
  "MODEL_REJECTED",
  "AWS refused the signature: look at secretAccessKey in the configuration, the region, and the clock of this machine",
];
const EXPIRED: AwsFailureRow = [
  "MODEL_REJECTED",
  "the AWS credentials have expired: renew them, or use a role that renews itself",
];
/** A quota of the account. */
export const TOO_MANY: AwsFailureRow = [
  "MODEL_RATE_LIMITED",
  "the quota of the AWS account is used up",
];
/** Too much for the service itself. */
export const SERVICE_BUSY: AwsFailureRow = ["MODEL_RATE_LIMITED", "the service is overloaded"];
/** A fault of the service. */
export const FAULT: AwsFailureRow = ["MODEL_LOST", "the service failed"];
/** Nobody's fault. */
export const BROKE: AwsFailureRow = ["MODEL_LOST", "the connection broke"];
const NO_HTTP2: AwsFailureRow = [
  "MODEL_CONNECT_FAILED",
  "no HTTP/2 stream came about: a proxy on the way may speak HTTP/1.1 only",
];
/** The client of AWS does not always say why. */
const UNREACHABLE: AwsFailureRow = [
  "MODEL_CONNECT_FAILED",
  "the service cannot be reached: look at endpoint and region, and at the network",
];

/** Names of exceptions about who asks. */
export const CREDENTIAL_FAILURES: readonly (readonly [string, AwsFailureRow])[] = [
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
];

/** A failure that the service gave no name. @param ready whether the session had begun. */
export function unnamedFailure(systemCode: string | undefined, ready: boolean): AwsFailureRow {
  if (ready) {
    return BROKE;
  }
  return systemCode?.startsWith("ERR_HTTP2") === true ? NO_HTTP2 : UNREACHABLE;
}

/** What breaks before a session began never came about; credentials that expire under way were good at its beginning. */
export function codeAt(row: AwsFailureRow, ready: boolean): FailureCode {
  const [code] = row;
  if (ready) {
    return code === "MODEL_CONNECT_FAILED" || row === EXPIRED ? "MODEL_LOST" : code;
  }
  return code === "MODEL_LOST" ? "MODEL_CONNECT_FAILED" : code;
}

/** The word of the system or the service for an error, when it looks like one. */
export function detailOf({ name, systemCode }: AwsStreamError): string {
  const word = systemCode ?? (name === "Error" ? "no connection" : name);
  return /^[A-Za-z][A-Za-z0-9_. ]{0,63}$/.test(word) ? word : "unnamed";
}

/** The far side ended the stream, or the connection broke: both look the same. */
export function endedFailure(ready: boolean): ModelFailure {
  return ready
    ? { code: "MODEL_LOST", reason: "the stream ended in the middle of the call" }
    : { code: "MODEL_CONNECT_FAILED", reason: "the stream ended before the session began" };
}
