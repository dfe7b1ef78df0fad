/** How clients of AWS are set up that only look, once, while somebody waits. */
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";

const CONNECTION_LIMIT_MS = 3000;
const REQUEST_LIMIT_MS = 10_000;

/** Asks once, and not for long. */
export function lookingClientOptions(access: AwsAccess) {
  return {
    ...awsClientOptions(access),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
    },
  };
}
