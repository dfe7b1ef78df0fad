/** The port to SIP: invitations come up through one handler, dialogs are driven by method calls. */

/** Where a SIP request came from. */
export interface SipSource {
  /** IP address of the peer's socket, as seen by the SIP server. */
  readonly address: string;
  readonly port: number;
  readonly transport: "udp" | "tcp" | "tls";
}

/** Header values by name; the first match in the message, without line folding. */
export type HeaderLookup = (name: string) => string | undefined;

/** Extra headers of a message we send. Values must not hold CR or LF; the adapter refuses those that do. */
export type SipHeaders = Readonly<Record<string, string>>;

/** A body that is not a session description alone, as it came. */
export interface MessageBody {
  /** As written; `undefined`: the message does not say. */
  readonly contentType: string | undefined;
  readonly text: string;
}

/** What an answer carries. */
export interface InvitationAnswer {
  /** Our SDP: the answer to the offer, or our offer when the invitation had none. */
  readonly sdp: string;
  readonly headers?: SipHeaders;
}

/** What a final refusal carries. */
export interface InvitationRefusal {
  /** 300 … 699. */
  readonly status: number;
  readonly reason?: string;
  readonly headers?: SipHeaders;
}

/**
 * An INVITE not yet finally answered (RFC 3261 "Initiating a Session").
 *
 * States: open → answered | rejected | cancelled.
 * - MUST abort `signal` when the caller cancels (reason SIP_INVITATION_ENDED) or the SIP server is lost (SIP_SERVER_LOST);
 *   the SIP answer to the CANCEL is the adapter's work.
 * - `answer` and `reject` MUST be called at most once in total; a second call rejects with CALL_STATE_INVALID.
 * - `answer` after the signal aborted MUST reject with SIP_INVITATION_ENDED and leave no dialog behind.
 */
export interface Invitation {
  readonly sipCallId: string;
  readonly source: SipSource;
  /** The Request-URI as received. */
  readonly uri: string;
  /** User part of the Request-URI, percent-decoded; empty when there is none. */
  readonly calledUser: string;
  /** User part of From, percent-decoded; empty when there is none. */
  readonly callingUser: string;
  /** User part of the first P-Asserted-Identity (RFC 3325), percent-decoded; empty when there is none. */
  readonly assertedUser: string;
  readonly header: HeaderLookup;
  /** The SDP offer; `undefined` for a late offer (RFC 3264 "Generating the Initial Offer" by the answerer). */
  readonly offer: string | undefined;
  /** A body of another type, such as that of a recording client; absent: there is none. Then there is no `offer`. */
  readonly body?: MessageBody | undefined;
  readonly signal: AbortSignal;
  /**
   * Sends 101 … 199; with `sdp`, our answer, media may flow before the call is answered, and `answer` MUST repeat it.
   * Never rejects: a provisional response that cannot be sent is not an error.
   */
  progress(status: number, reason?: string, sdp?: string): void;
  /** Resolves when the 200 is sent, or, for a late offer, when the ACK brought the peer's answer. */
  answer(answer: InvitationAnswer): Promise<SipDialog>;
  reject(refusal: InvitationRefusal): Promise<void>;
}

/** What a re-INVITE is answered with: our SDP, nothing but a 200, or a refusal that leaves the session as it was. */
export type ReofferVerdict =
  | { readonly kind: "accept"; readonly sdp: string; readonly headers?: SipHeaders }
  | { readonly kind: "noted"; readonly headers?: SipHeaders }
  | { readonly kind: "refuse"; readonly status: number };

/** Hears what the peer does in a dialog. */
export interface SipDialogDelegate {
  /** The dialog is over, by BYE of the peer or because the SIP server gave it up. Called once, never after our `bye`. */
  onEnded(cause: DialogEnd): void;
  /** The peer offers anew (`sdp`), or asks us to offer (`undefined`). */
  onReoffer(sdp: string | undefined): Promise<ReofferVerdict>;
  /** A re-INVITE or UPDATE with a body that is not SDP alone; without this handler it goes to `onReoffer`. */
  onBody?(body: MessageBody): Promise<ReofferVerdict>;
  /** The peer's answer to the offer that it asked for. */
  onReanswer?(sdp: string): void;
  /** An INFO, answered 200 by the adapter. */
  onInfo(contentType: string, body: string): void;
  /**
   * What the peer reports of our `refer`, in a NOTIFY answered 200 by the adapter: the status that the target answered
   * with, `undefined` when it does not say. After a final report no other follows.
   */
  onReferStatus?(status: number | undefined, isFinal: boolean): void;
}

/** Why a dialog ended without our asking. */
export interface DialogEnd {
  readonly by: "peer" | "server";
  /** The Reason header's text or the server's, when there was one. */
  readonly reason: string | undefined;
}

/**
 * One SIP dialog (RFC 3261 "Dialogs").
 *
 * - MUST report `onEnded` even when the BYE arrived before the delegate was set: setting the delegate then reports at once.
 * - `bye` MUST be idempotent, never rejects, and resolves when the BYE is answered or given up.
 */
export interface SipDialog {
  readonly sipCallId: string;
  /** The peer's SDP: its offer, or its answer for a late offer or an outbound call. */
  readonly remoteSdp: string;
  readonly ended: boolean;
  /** Methods of the peer's Allow, in capitals; `undefined`: it did not say. */
  readonly peerAllows: readonly string[] | undefined;
  setDelegate(delegate: SipDialogDelegate): void;
  bye(headers?: SipHeaders): Promise<void>;
  /** Sends an INFO; rejects with SIP_REQUEST_FAILED when it is refused. */
  info(contentType: string, body: string): Promise<void>;
  /** Sends a re-INVITE with our SDP; resolves with the peer's answer. */
  reoffer(sdp: string): Promise<string>;
  /**
   * Asks the peer to call `target` instead (RFC 3515); resolves when it accepted to try, and reports by `onReferStatus`.
   * @param about who that is in plain words, for peers that are not SIP; SIP has no place for it.
   */
  refer(target: string, headers?: SipHeaders, about?: string): Promise<void>;
}

/** What we prove to a peer that challenges us (RFC 3261 "Usage of HTTP Authentication"); never logged. */
export interface SipCredentials {
  readonly username: string;
  readonly password: string;
}

/** An INVITE of ours. */
export interface OutboundInvitation {
  /** Where to, for example `sip:agent@127.0.0.1:5060;transport=udp`. */
  readonly uri: string;
  /** User part of From; the host part is ours. */
  readonly callingUser: string;
  readonly sdp: string;
  readonly headers?: SipHeaders;
  /** Without them a 401 or 407 is a refusal. */
  readonly credentials?: SipCredentials | undefined;
  readonly signal: AbortSignal;
  /** Hears 180 and 183, and the peer's SDP where it opens media before the answer. */
  readonly onProgress?: (status: number, sdp: string | undefined) => void;
}

/** A request of ours outside any dialog. A host part `localhost` in From, To and Contact is replaced by ours. */
export interface OutboundRequest {
  readonly method: "REGISTER" | "OPTIONS";
  /** Where to, for example `sip:127.0.0.1:5060;transport=udp`. */
  readonly uri: string;
  readonly headers?: SipHeaders;
  /** The same for requests that belong together, with rising `sequence` (RFC 3261 "Constructing the REGISTER Request"). */
  readonly callId?: string;
  /** CSeq of the first attempt; those that answer a challenge count on from it. */
  readonly sequence?: number;
  readonly credentials?: SipCredentials | undefined;
  /** How long a final answer is waited for, all attempts together. */
  readonly timeoutMs: number;
}

/** The final answer to a request of ours. */
export interface SipAnswer {
  /** 200 … 699; 408 and 503 also when the SIP server made them up for a peer that it could not reach. */
  readonly status: number;
  readonly reason: string;
  readonly header: HeaderLookup;
}

/** Hears what reaches the server from outside. */
export interface SignalingHandler {
  /** MUST answer or reject every invitation in the end. A throw is answered with 500. */
  onInvitation(invitation: Invitation): void;
  /** The link to the SIP server broke or came back; dialogs of the old link are ended by the adapter. */
  onLink(state: "up" | "down"): void;
}

/**
 * The SIP server as the engine sees it.
 *
 * - `start` MUST resolve only when invitations can arrive, and reject with SIP_BIND_FAILED or SIP_SERVER_LOST otherwise.
 * - `drain` MUST refuse new invitations with 503 and Retry-After, and leave dialogs alone.
 * - `close` MUST be idempotent and leave no socket and no timer behind.
 */
export interface SignalingServer {
  start(handler: SignalingHandler): Promise<void>;
  /** Places a call; rejects with SIP_REQUEST_FAILED (details.status) when refused, SIP_INVITATION_ENDED when aborted. */
  invite(invitation: OutboundInvitation): Promise<SipDialog>;
  /** Rejects with SIP_REQUEST_FAILED (details.timeoutMs when no final answer came in time), SIP_SERVER_LOST. */
  request(request: OutboundRequest): Promise<SipAnswer>;
  drain(): void;
  close(): Promise<void>;
  /** Sockets listened on, transactions and dialogs alive, counters. */
  toJSON(): Readonly<Record<string, unknown>>;
}
