/** A trunk: a provisioned SIP peer and what was agreed with it, as `sip-config/trunks.yaml` describes it. */

import type { DigestAlgorithm } from "../core/sip-digest.ts";

/** How SIP travels to the peer. */
export type TrunkTransport = "udp" | "tcp" | "tls";

/** What an SDP may name for audio. */
export type TrunkCodec = "pcmu" | "pcma";

/** Whether media is encrypted: never, when the peer can, always. */
export type TrunkSrtp = "off" | "optional" | "required";

/** What the peer must prove to call us (RFC 8760 "HTTP Digest Authentication Scheme" for SIP). */
export interface InboundCredentials {
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  /**
   * Offered in this order. A peer of RFC 8760 takes the first that it knows; SIPp 3.6 looks at the first only, and
   * baresip 1.0 gives up when any is not MD5.
   */
  readonly algorithms: readonly DigestAlgorithm[];
}

/** What we answer the peer's challenges with. */
export interface OutboundCredentials {
  readonly username: string;
  readonly password: string;
}

/** Our registration with the peer (RFC 3261 "Registrations"). */
export interface TrunkRegistration {
  /** Host of the address-of-record and target of REGISTER; absent: the trunk's host. */
  readonly registrar?: string | undefined;
  /** User part of the address-of-record; absent: the outbound user name. */
  readonly user?: string | undefined;
  /** Asked for; the registrar may grant less. */
  readonly expiresSeconds: number;
  /** Pause after the first failure; doubled after each further one. */
  readonly retrySeconds: number;
  readonly maxRetrySeconds: number;
}

/** How often the peer is asked whether it is there (OPTIONS). */
export interface TrunkPing {
  readonly intervalSeconds: number;
  /** Without an answer for so long, the peer did not answer. */
  readonly timeoutSeconds: number;
  /** Unanswered in a row after which the trunk is down. */
  readonly downAfter: number;
}

/** What happens to headers beyond those that SIP itself needs. */
export interface TrunkHeaders {
  /** Headers of the peer's invitations that are kept as attributes of the call. */
  readonly keep: readonly string[];
  /** Headers of our invitations, with their values. */
  readonly set: Readonly<Record<string, string>>;
  /** Headers that our invitations to the peer never carry. */
  readonly remove: readonly string[];
}

/** Who is calling, where networks trust each other (RFC 3325). */
export interface TrunkIdentity {
  /** The calling number is the user part of P-Asserted-Identity, where there is one. */
  readonly trustAsserted: boolean;
  /** Our invitations carry P-Asserted-Identity. */
  readonly assert: boolean;
  /** `id`: our invitations ask with Privacy to withhold the number from the called one. */
  readonly privacy: "none" | "id";
}

/** Where our calls over the trunk may go: nowhere that `allow` does not name. */
export interface TrunkDestinations {
  /** Countries (`US`) and prefixes (`+4930`). */
  readonly allow: readonly string[];
  /** Wins over `allow`, unless that is the longer prefix. */
  readonly deny: readonly string[];
}

/** One trunk. Passwords are in it: never log it as a whole. */
export interface Trunk {
  readonly name: string;
  /** `203.0.113.0/24`, `2001:db8::1`; empty: known by its digest credentials alone. */
  readonly networks: readonly string[];
  /** Where our calls go; absent: the trunk only calls us. */
  readonly host?: string | undefined;
  /** Absent: as DNS or the transport says. */
  readonly port?: number | undefined;
  readonly transport: TrunkTransport;
  readonly digest: {
    readonly inbound?: InboundCredentials | undefined;
    readonly outbound?: OutboundCredentials | undefined;
  };
  readonly register?: TrunkRegistration | undefined;
  readonly ping?: TrunkPing | undefined;
  /** The best first in our offers; a caller's order is kept. */
  readonly codecs: readonly TrunkCodec[];
  /** Absent: `media.srtp`. */
  readonly srtp?: TrunkSrtp | undefined;
  readonly headers: TrunkHeaders;
  readonly identity: TrunkIdentity;
  /** Number that our calls show; absent: the user name that the trunk knows us by. */
  readonly callerId?: string | undefined;
  /** Invitations of the peer; absent: no bound of its own. */
  readonly callsPerSecond?: number | undefined;
  /** Calls at a time; absent: no bound of its own. */
  readonly maxCalls?: number | undefined;
  /** ISO 3166 code of the country whose national numbers the peer writes. */
  readonly country?: string | undefined;
  readonly destinations: TrunkDestinations;
}
