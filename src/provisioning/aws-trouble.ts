/** Why AWS does not do what it is asked, in one word that says what to change; messages of services are never read. */
import { awsErrorName } from "../core/aws-failure.ts";
import { codeOf, GatewayError } from "../core/errors.ts";

/** The closed set of words. */
export type AwsTrouble =
  | "noKeys"
  | "expired"
  | "unknownKeys"
  | "wrongSecret"
  | "denied"
  | "missing"
  | "noSuchHost"
  | "unreachable"
  | "busy"
  | "failed";

const BY_NAME: Readonly<Record<string, AwsTrouble>> = {
  CredentialsProviderError: "noKeys",
  TokenProviderError: "expired",
  ExpiredToken: "expired",
  ExpiredTokenException: "expired",
  InvalidClientTokenId: "unknownKeys",
  UnrecognizedClientException: "unknownKeys",
  AuthFailure: "unknownKeys",
  SignatureDoesNotMatch: "wrongSecret",
  InvalidSignatureException: "wrongSecret",
  AccessDenied: "denied",
  AccessDeniedException: "denied",
  UnauthorizedOperation: "denied",
  ForbiddenException: "denied",
  UnauthorizedClientException: "denied",
  NoSuchResourceException: "missing",
  ResourceNotFoundException: "missing",
  NotFoundException: "missing",
  "InvalidGroup.NotFound": "missing",
  "InvalidGroupId.Malformed": "missing",
  ThrottlingException: "busy",
  Throttling: "busy",
  RequestLimitExceeded: "busy",
  ThrottledClientException: "busy",
  TooManyRequestsException: "busy",
};

/** Of an error of a client, or of one that {@link PacedCalls} made of it. */
export function awsTrouble(error: unknown): AwsTrouble {
  if (error instanceof GatewayError) {
    return codeOf(error) === "PROVISION_UNREACHABLE"
      ? "unreachable"
      : troubleOfStatus(error.details["status"]);
  }
  const byName = BY_NAME[awsErrorName(error)];
  if (byName !== undefined) {
    return byName;
  }
  const { $metadata, code } = error as {
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly code?: unknown;
  };
  return code === "ENOTFOUND" ? "noSuchHost" : troubleOfStatus($metadata?.httpStatusCode);
}

function troubleOfStatus(status: unknown): AwsTrouble {
  switch (status) {
    case undefined:
      return "unreachable";
    case 401:
    case 403:
      return "denied";
    case 404:
      return "missing";
    case 429:
      return "busy";
    default:
      return "failed";
  }
}
