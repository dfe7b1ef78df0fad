/** One dialog: who is on it, where its requests go, how they are numbered. RFC 3261 section 12, Dialogs. */
import type { AppClient } from "./app-client.ts";
import { parseNameAddress } from "./header-values.ts";
import { isPrivateAddress } from "./local-address.ts";
import type { SipMessage } from "./message.ts";
import { contactUriOf, defaultPortOf } from "./message-check.ts";
import type { SessionTimer } from "./session-timer.ts";
import type { Hop } from "./transport.ts";
import { parseUri } from "./uri.ts";

/** The fixed part of a dialog. */
export interface DialogOptions {
  /** What the application calls it: `<Call-ID>;from-tag=<From tag of the INVITE>`. */
  readonly id: string;
  readonly role: "uas" | "uac";
  readonly owner: AppClient;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** Our From value, and the peer's To value, in requests of ours; tags included. */
  readonly localParty: string;
  readonly remoteParty: string;
  readonly routeSet: readonly string[];
  readonly remoteTarget: string;
  /** Number of our last request. */
  readonly localSequence: number;
  /** Number of the peer's last request; undefined before the first. */
  readonly remoteSequence: number | undefined;
  /** Where the peer's message came from. */
  readonly peer: Hop;
  /** Whether to doubt a Contact that differs from the packet's source. */
  readonly natRule: boolean;
}

/** A 2xx of ours that waits for its ACK. RFC 3261 section 13.3.1.4, The INVITE is Accepted. */
export interface UnacknowledgedAnswer {
  /** The CSeq number of the ACK. */
  readonly sequence: number;
  /** What the application will know the ACK by. */
  readonly ackTransactionId: string;
  /** Stops repeating the 2xx. */
  acknowledge(): void;
  /** Runs once when the ACK has come or will not come any more. RFC 3261 section 15, Terminating a Session. */
  whenSettled(run: () => void): void;
  /** Stops everything, silently. */
  abandon(): void;
}

/** Changes as requests and responses pass; owned by the registry. */
export class Dialog {
  readonly id: string;
  readonly role: "uas" | "uac";
  readonly owner: AppClient;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localParty: string;
  readonly remoteParty: string;
  readonly routeSet: readonly string[];
  confirmed = false;
  remoteTarget: string;
  localSequence: number;
  remoteSequence: number | undefined;
  peer: Hop;
  /** The ACK of our last answered INVITE, to be repeated with repeated 2xx. */
  lastAck: { readonly sequence: number; readonly bytes: Buffer; readonly hop: Hop } | undefined;
  /** The number of our answered INVITE that the application has still to acknowledge. */
  inviteSequence: number | undefined;
  /** The INVITE was cancelled and answered at once: the dialog ends after the ACK. */
  endsAfterAck = false;
  /** A re-INVITE of ours without a final response. */
  openInvite: { cancel(): void } | undefined;
  /** An INVITE of the peer that we have not finally answered, by its transaction id. */
  pendingInvite: string | undefined;
  /** Our 2xx that waits for an ACK. */
  unacknowledged: UnacknowledgedAnswer | undefined;
  /** The peer's last reliable provisional response: its RSeq and the CSeq number of its INVITE. */
  reliableProgress: { readonly number: number; readonly sequence: number } | undefined;
  /** Our last session description that the peer has agreed to or is about to see, in Latin-1. */
  localSdp: string | undefined;
  /** The Contact value that the application gave the peer; undefined for the server's own. */
  localContact: string | undefined;
  /** What ends the dialog when nobody refreshes it. */
  session: SessionTimer | undefined;
  /** What the application wants to send after the refresh of ours that is under way; undefined when none is. */
  afterRefresh: (() => void)[] | undefined;
  #over = false;
  readonly #natRule: boolean;
  #nextHopIsPeer = false;

  constructor(options: DialogOptions) {
    this.id = options.id;
    this.role = options.role;
    this.owner = options.owner;
    this.callId = options.callId;
    this.localTag = options.localTag;
    this.remoteTag = options.remoteTag;
    this.localParty = options.localParty;
    this.remoteParty = options.remoteParty;
    this.routeSet = options.routeSet;
    this.remoteTarget = options.remoteTarget;
    this.localSequence = options.localSequence;
    this.remoteSequence = options.remoteSequence;
    this.peer = options.peer;
    this.#natRule = options.natRule;
    this.#applyNatRule();
  }

  /** Whether the dialog has ended. */
  get over(): boolean {
    return this.#over;
  }

  /** The dialog has ended: nothing of it is armed any more but what ends it. Idempotent. */
  release(): void {
    this.#over = true;
    this.session?.stop();
    this.session = undefined;
    for (const run of this.afterRefresh?.splice(0) ?? []) {
      run();
    }
  }

  /** Whether requests go to the packet source instead of the route set or the Contact. */
  get nextHopIsPeer(): boolean {
    return this.#nextHopIsPeer;
  }

  /** Where the first hop is named: the first route, or the remote target. */
  get nextHopUri(): string {
    const first = this.routeSet[0];
    return (first === undefined ? undefined : parseNameAddress(first)?.uri) ?? this.remoteTarget;
  }

  /** The peer named no usable Contact: requests go where its messages come from. */
  sendToPeer(): void {
    this.#nextHopIsPeer = true;
  }

  /** A message that may move the remote target. RFC 3261 section 12.2, Requests within a Dialog. */
  refreshTarget(message: SipMessage, from: Hop): void {
    this.peer = from;
    const contact = contactUriOf(message);
    if (contact !== undefined) {
      this.remoteTarget = contact;
      this.#applyNatRule();
    }
  }

  /** Takes note of a request's number; false when it is out of order. RFC 3261 section 12.2.2, UAS Behavior. */
  acceptSequence(sequence: number): boolean {
    if (this.remoteSequence !== undefined && sequence < this.remoteSequence) {
      return false;
    }
    this.remoteSequence = sequence;
    return true;
  }

  /**
   * A peer behind NAT names an address that cannot be reached: without a route set, the packet's source is used when the
   * Contact differs from it; as UAC also when the first route is a private address.
   */
  #applyNatRule(): void {
    const first = parseUri(this.nextHopUri);
    if (first === undefined) {
      this.#nextHopIsPeer = true;
      return;
    }
    const elsewhere =
      first.host !== this.peer.host ||
      (this.role === "uas" && (first.port ?? defaultPortOf(first)) !== this.peer.port);
    if (this.routeSet.length === 0) {
      this.#nextHopIsPeer = this.#natRule && elsewhere;
    } else {
      this.#nextHopIsPeer = this.#natRule && this.role === "uac" && isPrivateAddress(first.host);
    }
  }
}

/** The application's name of the dialog that an INVITE creates. */
export function dialogIdOf(callId: string, inviteFromTag: string): string {
  return `${callId};from-tag=${inviteFromTag}`;
}
