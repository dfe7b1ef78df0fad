/** What Voice Connectors an account shall have, as the `provision` part of `sip-config/trunks.yaml` says it. */

/** `phone`: the public network; `callTransfer`, `analytics`: the two connectors of Amazon Connect. */
export type ConnectorKind = "phone" | "callTransfer" | "analytics";

/** Which versions of IP a connector speaks. */
export type ConnectorNetwork = "ipv4" | "dualStack";

/** A host that calls are brought to. */
export interface RouteWish {
  readonly host: string;
  readonly port: number;
  readonly transport: "udp" | "tcp";
  /** 1 is asked first. */
  readonly priority: number;
  /** Share among hosts of one priority. */
  readonly weight: number;
}

/** Calls from the connector to us. */
export interface OriginationWish {
  readonly disabled: boolean;
  readonly routes: readonly RouteWish[];
}

/** Calls from us to the connector; passwords are kept apart, in {@link CredentialWish}. */
export interface TerminationWish {
  readonly disabled: boolean;
  /** Public networks that may call, /27 to /32. */
  readonly networks: readonly string[];
  readonly callsPerSecond: number;
  /** ISO 3166 codes of countries that may be called. */
  readonly countries: readonly string[];
  readonly defaultNumber?: string | undefined;
}

/** Who may call by user name and password. Never log it. */
export interface CredentialWish {
  readonly username: string;
  readonly password: string;
}

/** What the service writes to CloudWatch. */
export interface LoggingWish {
  readonly sip: boolean;
  readonly media: boolean;
}

/** Audio into Kinesis Video Streams. */
export interface StreamingWish {
  readonly disabled: boolean;
  readonly retentionHours: number;
  readonly notify: readonly ("eventBridge" | "sns" | "sqs")[];
  /** A configuration of call analytics. */
  readonly analytics?: { readonly disabled: boolean; readonly configuration: string } | undefined;
}

/** Whose equipment stands beside the connector; names as the service has them. */
export interface ExternalSystemsWish {
  readonly borderControllers: readonly string[];
  readonly contactCenters: readonly string[];
}

/** So many numbers of a kind, whichever are free. */
export interface NumberSearch {
  readonly country: string;
  readonly type: "local" | "tollFree";
  /** Area code, or prefix of a toll-free number. */
  readonly prefix: string;
  readonly count: number;
}

/** Numbers that lead to a connector or a group. */
export interface NumbersWish {
  /** Exactly these, beside those of `search`; absent: whatever leads there is left alone. */
  readonly numbers?: readonly string[] | undefined;
  readonly search: readonly NumberSearch[];
}

/** A Voice Connector. */
export interface ConnectorWish extends NumbersWish {
  readonly key: string;
  readonly name: string;
  readonly region: string;
  readonly kind: ConnectorKind;
  readonly network: ConnectorNetwork;
  readonly encryption: boolean;
  readonly origination?: OriginationWish | undefined;
  readonly termination?: TerminationWish | undefined;
  readonly credentials: readonly CredentialWish[];
  readonly logging: LoggingWish;
  readonly streaming?: StreamingWish | undefined;
  readonly externalSystems?: ExternalSystemsWish | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** How a group shares out calls. */
export type GroupDistribution = "priority" | "balanced";

/** Connectors that stand in for each other. */
export interface GroupWish extends NumbersWish {
  readonly key: string;
  readonly connectors: readonly { readonly connector: string; readonly priority: number }[];
  readonly distribution: GroupDistribution;
}

/** All that is ours in an account. */
export interface Provision {
  /** Tells our things from those of other installations in the same account. */
  readonly deployment: string;
  readonly connectors: readonly ConnectorWish[];
  readonly groups: readonly GroupWish[];
}

/** Connector or group. */
export type OwnerKind = "connector" | "group";

/** Whose numbers are meant. */
export interface NumberOwner {
  readonly kind: OwnerKind;
  readonly key: string;
}

/** What marks a thing in the account as ours: tag of a connector, name of a group and of its numbers. */
export const DEPLOYMENT_TAG = "trunkline:deployment";
/** Tag with the key that the YAML gives a connector. */
export const KEY_TAG = "trunkline:key";
/** Tag with a fingerprint of the passwords, which cannot be read back. */
export const PASSWORDS_TAG = "trunkline:passwords";

/** Name of a group, and of numbers that were ordered for an owner; groups cannot be tagged when they are made. */
export function ownName(deployment: string, { kind, key }: NumberOwner): string {
  return `${deployment}.${kind}.${key}`;
}
