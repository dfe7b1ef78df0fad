/** Where AWS is and who asks: what every client of AWS is made from. */
import { isLoopback } from "./ip-address.ts";

/** Keys of AWS. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Where a service is, and who asks. */
export interface AwsAccess {
  readonly region: string;
  /** `undefined`: the service of the region. */
  readonly endpoint?: string | undefined;
  /** `undefined`: those of the machine; on loopback, {@link STAND_IN_KEYS}. */
  readonly keys?: AwsKeys | undefined;
}

/** What a client of AWS is configured with. */
export interface AwsClientOptions {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: {
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
  };
  readonly logger: typeof SILENT_LOGGER;
}

/** What is shown to a stand-in on this machine, so that keys of an account are never used on it. */
export const STAND_IN_KEYS: AwsKeys = {
  accessKeyId: "AKIATRUNKLINESTANDIN",
  secretAccessKey: "stand-in/secret",
};

/** Clients tell their errors to whoever calls them; what they would write besides goes past the gateway's log. */
const silent = (): void => undefined;
const SILENT_LOGGER = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** Options for the constructor of any client of AWS; a stand-in on this machine never sees keys of an account. */
export function awsClientOptions({ region, endpoint, keys }: AwsAccess): AwsClientOptions {
  const known = keys ?? (isStandIn(endpoint) ? STAND_IN_KEYS : undefined);
  return {
    region,
    logger: SILENT_LOGGER,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(known === undefined ? {} : { credentials: credentialsOf(known) }),
  };
}

/** Whether an endpoint is a stand-in on this machine. */
export function isStandIn(endpoint: string | undefined): boolean {
  const host = endpoint === undefined ? "" : new URL(endpoint).hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || isLoopback(host);
}

function credentialsOf({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys) {
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
