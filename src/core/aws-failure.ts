/** What an error of a client of AWS says, in one word: messages of clients may hold anything, so nobody reads them. */

/** The closed set of words. */
export type AwsFailure = "unreachable" | "refused" | "rateLimited" | "status";

/** Missing credentials, which have no status, and what services that answer everything with 400 say of keys and names. */
const REFUSALS = new Set([
  "CredentialsProviderError",
  "TokenProviderError",
  "AccessDeniedException",
  "AccessDenied",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "ExpiredTokenException",
  "ResourceNotFoundException",
]);
const THROTTLES = new Set([
  "ThrottlingException",
  "TooManyRequestsException",
  "ServiceQuotaExceededException",
  "ProvisionedThroughputExceededException",
  "LimitExceededException",
]);

/** The name of an error, as AWS wrote it: `ThrottlingException`. */
export function awsErrorName(error: unknown): string {
  const name = (error as { readonly name?: unknown } | undefined)?.name;
  return typeof name === "string" ? name : "";
}

/** Reads the name and the status, never the message. */
export function awsFailure(error: unknown): AwsFailure {
  const name = awsErrorName(error);
  if (REFUSALS.has(name)) {
    return "refused";
  }
  if (THROTTLES.has(name)) {
    return "rateLimited";
  }
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return failureOfHttpStatus($metadata?.httpStatusCode);
}

/** @param status `undefined`: there was no answer. */
export function failureOfHttpStatus(status: number | undefined): AwsFailure {
  switch (status) {
    case undefined:
      return "unreachable";
    case 401:
    case 403:
    case 404:
      return "refused";
    case 429:
    case 503:
    case 529:
      return "rateLimited";
    default:
      return "status";
  }
}
