/** An in-memory SignalingServer, with callers that do what a SIP phone does. */
import { GatewayError } from "../../src/core/errors.ts";
import type {
  DialogEnd,
  Invitation,
  InvitationAnswer,
  InvitationRefusal,
  MessageBody,
  OutboundInvitation,
  ReofferVerdict,
  SignalingHandler,
  SignalingServer,
  SipAnswer,
  SipDialog,
  SipDialogDelegate,
  SipHeaders,
  SipSource,
} from "../../src/ports/signaling-server.ts";

/** How a caller calls. */
export interface FakeInvite {
  readonly to?: string;
  readonly from?: string;
  /** User part of P-Asserted-Identity. */
  readonly asserted?: string;
  /** `undefined`: a late offer, answered with `lateAnswer`. */
  readonly offer: string | undefined;
  readonly lateAnswer?: string;
  /** In place of an offer. */
  readonly body?: MessageBody;
  readonly headers?: Readonly<Record<string, string>>;
  readonly source?: SipSource;
  readonly onStatus?: (status: number) => void;
}

/** The caller's side of one call. */
export class FakeCaller implements Invitation, SipDialog {
  readonly sipCallId: string;
  readonly source: SipSource;
  readonly uri: string;
  readonly calledUser: string;
  readonly callingUser: string;
  readonly assertedUser: string;
  readonly offer: string | undefined;
  readonly body: MessageBody | undefined;
  /** Every status the gateway sent, in order. */
  readonly statuses: number[] = [];
  readonly refusalHeaders: Record<string, string> = {};
  readonly infos: string[] = [];
  /** Targets that the gateway referred us to. */
  readonly referrals: string[] = [];
  /** Rejects to refuse. */
  onRefer: () => Promise<void> = () => Promise.resolve();
  answerSdp: string | undefined;
  answerHeaders: SipHeaders = {};
  /** Of a 183. */
  earlySdp: string | undefined;
  byesReceived = 0;
  remoteSdp: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #onStatus: ((status: number) => void) | undefined;
  readonly #abort = new AbortController();
  #delegate: SipDialogDelegate | undefined;
  #end: DialogEnd | undefined;
  #settled = false;

  constructor(serial: number, invite: FakeInvite) {
    this.sipCallId = `fake-${serial}@caller`;
    this.source = invite.source ?? { address: "127.0.0.1", port: 5070, transport: "udp" };
    this.calledUser = invite.to ?? "agent";
    this.callingUser = invite.from ?? "+15550001111";
    this.uri = `sip:${this.calledUser}@127.0.0.1`;
    this.assertedUser = invite.asserted ?? "";
    this.offer = invite.offer;
    this.body = invite.body;
    this.remoteSdp = invite.offer ?? invite.lateAnswer ?? "";
    this.#headers = invite.headers ?? {};
    this.#onStatus = invite.onStatus;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get ended(): boolean {
    return this.#end !== undefined || this.byesReceived > 0;
  }

  header(name: string): string | undefined {
    return this.#headers[name];
  }

  progress(status: number, _reason?: string, sdp?: string): void {
    this.earlySdp = sdp ?? this.earlySdp;
    this.#status(status);
  }

  answer(answer: InvitationAnswer): Promise<SipDialog> {
    if (this.signal.aborted) {
      return Promise.reject(new GatewayError("SIP_INVITATION_ENDED"));
    }
    this.#settle();
    this.answerSdp = answer.sdp;
    this.answerHeaders = answer.headers ?? {};
    this.#status(200);
    return Promise.resolve(this);
  }

  reject(refusal: InvitationRefusal): Promise<void> {
    this.#settle();
    Object.assign(this.refusalHeaders, refusal.headers);
    this.#status(refusal.status);
    return Promise.resolve();
  }

  setDelegate(delegate: SipDialogDelegate): void {
    this.#delegate = delegate;
    if (this.#end !== undefined) {
      delegate.onEnded(this.#end);
    }
  }

  bye(): Promise<void> {
    if (!this.ended) {
      this.byesReceived += 1;
    }
    return Promise.resolve();
  }

  info(_contentType: string, body: string): Promise<void> {
    this.infos.push(body);
    return Promise.resolve();
  }

  reoffer(): Promise<string> {
    return Promise.resolve(this.remoteSdp);
  }

  get peerAllows(): readonly string[] | undefined {
    return this.#headers["Allow"]?.split(", ");
  }

  refer(target: string): Promise<void> {
    this.referrals.push(target);
    return this.onRefer();
  }

  /** The caller reports what became of a referral, by NOTIFY. */
  reportReferral(status: number | undefined, isFinal: boolean): void {
    this.#delegate?.onReferStatus?.(status, isFinal);
  }

  /** The caller gives up before the answer. */
  cancel(): void {
    this.#settled = true;
    this.#status(487);
    this.#abort.abort(new GatewayError("SIP_INVITATION_ENDED"));
  }

  /** The caller hangs up. */
  hangUp(): void {
    this.#finish({ by: "peer", reason: undefined });
  }

  /** The SIP server is gone, and with it the invitation or the dialog. */
  loseServer(): void {
    if (!this.#settled) {
      this.#settled = true;
      this.#abort.abort(new GatewayError("SIP_SERVER_LOST"));
      return;
    }
    this.#finish({ by: "server", reason: "the SIP server was lost" });
  }

  /** The caller offers anew, for instance to hold. */
  reinvite(sdp: string | undefined): Promise<ReofferVerdict> {
    if (this.#delegate === undefined) {
      throw new Error("the call is not answered");
    }
    return this.#delegate.onReoffer(sdp);
  }

  /** A re-INVITE or UPDATE with a body that is not SDP alone. */
  update(body: MessageBody): Promise<ReofferVerdict> {
    const verdict = this.#delegate?.onBody?.(body);
    if (verdict === undefined) {
      throw new Error("the call takes no such body");
    }
    return verdict;
  }

  /** The ACK brings the caller's answer to the offer that `reinvite(undefined)` asked for. */
  reanswer(sdp: string): void {
    this.#delegate?.onReanswer?.(sdp);
  }

  /** The caller presses a key by SIP INFO. */
  sendInfo(contentType: string, body: string): void {
    this.#delegate?.onInfo(contentType, body);
  }

  #finish(end: DialogEnd): void {
    if (!this.ended) {
      this.#end = end;
      this.#delegate?.onEnded(end);
    }
  }

  #settle(): void {
    if (this.#settled) {
      throw new GatewayError("CALL_STATE_INVALID", { invitation: "settled twice" });
    }
    this.#settled = true;
  }

  #status(status: number): void {
    this.statuses.push(status);
    this.#onStatus?.(status);
  }
}

/** Delivers invitations to the handler it was started with. */
export class FakeSignaling implements SignalingServer {
  #handler: SignalingHandler | undefined;
  #serial = 0;
  draining = false;
  closed = false;

  start(handler: SignalingHandler): Promise<void> {
    this.#handler = handler;
    handler.onLink("up");
    return Promise.resolve();
  }

  /** A caller calls. */
  call(invite: FakeInvite): FakeCaller {
    this.#serial += 1;
    const caller = new FakeCaller(this.#serial, invite);
    if (this.#handler === undefined) {
      throw new Error("the server is not started");
    }
    this.#handler.onInvitation(caller);
    return caller;
  }

  /** Calls that the gateway placed. */
  readonly placed: OutboundInvitation[] = [];
  /** What becomes of them. */
  onPlaced: (invitation: OutboundInvitation) => Promise<SipDialog> = () =>
    Promise.reject(new GatewayError("SIP_REQUEST_FAILED", { method: "INVITE", status: 503 }));

  invite(invitation: OutboundInvitation): Promise<SipDialog> {
    this.placed.push(invitation);
    return this.onPlaced(invitation);
  }

  request(): Promise<SipAnswer> {
    return Promise.reject(new GatewayError("SIP_REQUEST_FAILED", { timeoutMs: 0 }));
  }

  drain(): void {
    this.draining = true;
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { calls: this.#serial };
  }
}
