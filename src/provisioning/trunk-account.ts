/** What an account has, as far as trunks are concerned: the other side of a plan. */
import type {
  ConnectorKind,
  ConnectorNetwork,
  ExternalSystemsWish,
  GroupDistribution,
  LoggingWish,
  OriginationWish,
  StreamingWish,
  TerminationWish,
} from "./trunk-wish.ts";

/** A connector of ours, with all its settings; a setting that was never made is absent. */
export interface AccountConnector {
  readonly id: string;
  readonly arn: string;
  readonly key: string;
  readonly name: string;
  readonly region: string;
  readonly kind: ConnectorKind;
  readonly network: ConnectorNetwork;
  readonly encryption: boolean;
  readonly hostName: string;
  readonly origination?: OriginationWish | undefined;
  readonly termination?: TerminationWish | undefined;
  readonly usernames: readonly string[];
  /** Fingerprint of the passwords that were put last. */
  readonly passwordsMark?: string | undefined;
  readonly logging: LoggingWish;
  readonly streaming?: StreamingWish | undefined;
  readonly externalSystems?: ExternalSystemsWish | undefined;
  /** All of them, ours too. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A group of ours. */
export interface AccountGroup {
  readonly id: string;
  readonly key: string;
  readonly connectors: readonly { readonly connectorId: string; readonly priority: number }[];
  readonly distribution: GroupDistribution;
}

/** `coming`: ordered and not there yet; `stuck`: none of the others, `status` says what. */
export type NumberState = "coming" | "free" | "used" | "stuck";

/** A number of the account, or one that is on its way to it. */
export interface AccountNumber {
  readonly number: string;
  readonly state: NumberState;
  /** As the service calls it. */
  readonly status: string;
  /** Id of the connector or group that it leads to. */
  readonly ownerId?: string | undefined;
  readonly name?: string | undefined;
}

/** Everything that a plan has to know. */
export interface Account {
  readonly connectors: readonly AccountConnector[];
  readonly groups: readonly AccountGroup[];
  readonly numbers: readonly AccountNumber[];
  /** Connectors of others, by region: they share our quota. */
  readonly otherConnectors: Readonly<Record<string, number>>;
  readonly otherGroups: number;
}
