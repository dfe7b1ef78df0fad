/** The port by which a SIP server asks whom it may talk to, before it makes anything for a request. */
import type { HeaderLookup, SipSource } from "./signaling-server.ts";

/** A request outside any dialog. */
export interface GateRequest {
  readonly method: string;
  readonly uri: string;
  readonly source: SipSource;
  /** Several header fields of a name are given as one, joined by commas. */
  readonly header: HeaderLookup;
}

/** What becomes of a request. `drop`: no answer at all. */
export type GateAnswer = { readonly kind: "admit" } | { readonly kind: "drop" } | GateRefusal;

/** A final answer, sent without keeping anything. */
export interface GateRefusal {
  readonly kind: "refuse";
  /** 400 … 699. */
  readonly status: number;
  readonly reason: string;
  /** A name may occur more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/**
 * Whoever decides about admission.
 *
 * All of it MUST be quick, synchronous and never throw: it stands in the way of every message. The server asks only about
 * what belongs to no transaction and no dialog that it has.
 */
export interface SipGate {
  /** Whether an address may open a connection; a TLS handshake alone would show that we are here. */
  mayConnect(address: string): boolean;
  /** Whether new requests of an address are looked at right now; asked before one is parsed. */
  listensTo(address: string): boolean;
  /** Whether the server may answer an address in its own name: to faulty messages, to requests of no dialog it knows. */
  mayAnswer(address: string): boolean;
  /** Decides about a request outside any dialog, other than ACK and CANCEL. */
  admit(request: GateRequest): GateAnswer;
}
