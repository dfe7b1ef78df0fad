/** Somebody at a door that is not SIP, in the shape of an invitation, so that a call does not care how it came. */
import { GatewayError } from "../../core/errors.ts";
import type { CallId } from "../../core/ids.ts";
import type { Arrival, Visit, Visitor } from "../../ports/call-door.ts";
import type { CallRecord } from "../../ports/call-store.ts";
import type {
  DialogEnd,
  Invitation,
  InvitationRefusal,
  SipDialog,
  SipDialogDelegate,
  SipSource,
} from "../../ports/signaling-server.ts";
import { writeDoorOffer } from "./door-offer.ts";

/** What the invitation is made of. */
export interface DoorInvitationOptions {
  readonly callId: CallId;
  /** In place of a Call-ID. */
  readonly name: string;
  readonly arrival: Arrival;
  readonly visitor: Visitor;
}

/** Its source is the line that the audio comes by. */
export class DoorInvitation implements Invitation, Visit {
  readonly callId: CallId;
  readonly sipCallId: string;
  readonly source: SipSource;
  readonly uri: string;
  readonly calledUser: string;
  readonly callingUser: string;
  readonly assertedUser = "";
  readonly offer: string;
  readonly #arrival: Arrival;
  readonly #visitor: Visitor;
  readonly #gone = new AbortController();
  #ending: AbortSignal | undefined;
  #dialog: DoorDialog | undefined;
  #refusedWith: number | undefined;

  constructor({ callId, name, arrival, visitor }: DoorInvitationOptions) {
    const { line, door, flow, callingNumber } = arrival;
    this.callId = callId;
    this.sipCallId = name;
    this.#arrival = arrival;
    this.#visitor = visitor;
    this.source = { address: line.address, port: line.streams[0]?.port ?? 0, transport: "tcp" };
    this.uri = `${door}:${flow}`;
    this.calledUser = flow;
    this.callingUser = callingNumber;
    this.offer = writeDoorOffer(arrival);
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Everything is released. */
  onReleased({ verdict }: Pick<CallRecord, "verdict">): void {
    if (this.#refusedWith !== undefined) {
      this.#visitor.refuse(this.#refusedWith, verdict.reason);
    }
    this.#visitor.onEnded(verdict);
  }

  /** Gives up waiting for the peer when the call ends. */
  endWith(ending: AbortSignal): void {
    this.#ending = ending;
  }

  header(name: string): string | undefined {
    return name.toLowerCase() === "x-amzn-connectcontactid" ? this.#arrival.contactId : undefined;
  }

  progress(): void {
    // These peers do not ring.
  }

  async answer(): Promise<SipDialog> {
    const ended = [this.#gone.signal, ...(this.#ending === undefined ? [] : [this.#ending])];
    const signal = AbortSignal.any(ended);
    signal.throwIfAborted();
    await this.#visitor.accept(this.callId, signal);
    signal.throwIfAborted();
    this.#dialog = new DoorDialog(this.sipCallId, this.offer, this.#visitor);
    return this.#dialog;
  }

  reject({ status }: InvitationRefusal): Promise<void> {
    this.#refusedWith = status;
    return Promise.resolve();
  }

  pressDigit(digit: string): void {
    this.#dialog?.pressDigit(digit);
  }

  leave(by: "peer" | "server", reason: string | undefined): void {
    const code = by === "peer" ? "SIP_INVITATION_ENDED" : "SIP_SERVER_LOST";
    if (this.#dialog === undefined) {
      this.#gone.abort(new GatewayError(code));
    } else {
      this.#dialog.end({ by, reason });
    }
  }
}

/** There is nothing to negotiate anew: a line stays as it is. */
class DoorDialog implements SipDialog {
  readonly sipCallId: string;
  readonly remoteSdp: string;
  readonly peerAllows: readonly string[];
  readonly #visitor: Visitor;
  #delegate: SipDialogDelegate | undefined;
  #end: DialogEnd | undefined;
  #ended = false;

  constructor(sipCallId: string, remoteSdp: string, visitor: Visitor) {
    this.sipCallId = sipCallId;
    this.remoteSdp = remoteSdp;
    this.#visitor = visitor;
    this.peerAllows = visitor.handOver === undefined ? [] : ["REFER"];
  }

  get ended(): boolean {
    return this.#ended;
  }

  setDelegate(delegate: SipDialogDelegate): void {
    this.#delegate = delegate;
    if (this.#end !== undefined) {
      delegate.onEnded(this.#end);
    }
  }

  end(cause: DialogEnd): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#end = cause;
      this.#delegate?.onEnded(cause);
    }
  }

  pressDigit(digit: string): void {
    this.#delegate?.onInfo("application/dtmf", digit);
  }

  bye(): Promise<void> {
    this.#ended = true;
    return Promise.resolve();
  }

  info(): Promise<void> {
    return Promise.reject(refused("INFO"));
  }

  reoffer(): Promise<string> {
    return Promise.reject(refused("INVITE"));
  }

  /** The peer takes the call over or not; what becomes of it then is its own affair. */
  refer(_target: string, _headers?: unknown, about = "handed over"): Promise<void> {
    if (this.#ended || this.#visitor.handOver?.(about) !== true) {
      return Promise.reject(refused("REFER"));
    }
    this.#delegate?.onReferStatus?.(200, true);
    return Promise.resolve();
  }
}

function refused(method: string): GatewayError {
  return new GatewayError("SIP_REQUEST_FAILED", { method, reason: "the peer is not SIP" });
}
