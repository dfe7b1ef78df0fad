/** The port through which people and programs see how the trunks do. */

/** Where a registration stands. */
export type RegistrationState = "idle" | "registering" | "registered" | "failed";

/** Why the last attempt to register failed. */
export type RegistrationFailure =
  | "noAnswer"
  | "credentialsRefused"
  | "forbidden"
  | "userUnknown"
  | "expiryRefused"
  | "unavailable"
  | "refused"
  | "notSent";

/** Our registration with a trunk. Times are wall milliseconds. */
export interface RegistrationStatus {
  readonly state: RegistrationState;
  /** Of the last attempt, where it failed. */
  readonly failure: RegistrationFailure | undefined;
  /** The registrar's last final status. */
  readonly status: number | undefined;
  readonly failures: number;
  /** When the registrar forgets us; `undefined` while we are not registered. */
  readonly expiresAtMs: number | undefined;
  readonly nextAttemptAtMs: number | undefined;
}

/** Whether the peer answers. `unknown`: it was not asked long enough to tell. */
export type PingState = "unknown" | "up" | "down";

/** What our OPTIONS found. */
export interface PingStatus {
  readonly state: PingState;
  /** Since when, in wall milliseconds. */
  readonly sinceMs: number;
  /** Unanswered in a row. */
  readonly missed: number;
  /** The last final status; 408 and 503 count as none. */
  readonly status: number | undefined;
  readonly roundTripMs: number | undefined;
}

/** One trunk. */
export interface TrunkStatus {
  readonly name: string;
  readonly transport: "udp" | "tcp" | "tls";
  /** `undefined`: the trunk only calls us. */
  readonly host: string | undefined;
  /** `undefined`: it is not pinged. */
  readonly ping: PingStatus | undefined;
  /** `undefined`: we do not register with it. */
  readonly registration: RegistrationStatus | undefined;
}

/** The trunks, in the order of their file. */
export interface TrunkDirectory {
  listTrunks(): readonly TrunkStatus[];
}
