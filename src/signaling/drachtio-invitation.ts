/** Invitation over a drachtio-srf INVITE. */
import { GatewayError } from "../core/errors.ts";
import type {
  Invitation,
  InvitationAnswer,
  InvitationRefusal,
  MessageBody,
  SipSource,
} from "../ports/signaling-server.ts";
import type { DrachtioSipDialog } from "./drachtio-dialog.ts";
import type { DrachtioLink } from "./drachtio-link.ts";
import type { DrachtioDialog, DrachtioRequest, DrachtioResponse } from "./drachtio-types.ts";
import { requiresReliableProgress } from "./extensions.ts";
import { bodyBesideSdp, safeHeaders, sendableStatus, sourceOf, userOf } from "./sip-values.ts";

/** What the server lends an invitation. */
export interface InvitationContext {
  readonly link: DrachtioLink;
  /** Whether callers that require it are told of progress: a drachtio-server 0.9.10 ends when they do not acknowledge it. */
  readonly sendsReliably: boolean;
  /** Wraps the dialog so that the server can end it with the link. */
  adopt(dialog: DrachtioDialog): DrachtioSipDialog;
}

interface Answered {
  readonly dialog: DrachtioSipDialog;
  /** Resolves when both sides have described their media: with the ACK, where the offer was ours. */
  readonly agreed: Promise<void>;
}

/** Open until answered, rejected or cancelled; see the port. */
export class DrachtioInvitation implements Invitation {
  readonly source: SipSource;
  readonly sipCallId: string;
  readonly uri: string;
  readonly calledUser: string;
  readonly callingUser: string;
  readonly assertedUser: string;
  readonly offer: string | undefined;
  readonly body: MessageBody | undefined;
  readonly #request: DrachtioRequest;
  readonly #response: DrachtioResponse;
  readonly #context: InvitationContext;
  readonly #abort = new AbortController();
  #settled = false;

  constructor(request: DrachtioRequest, response: DrachtioResponse, context: InvitationContext) {
    this.#request = request;
    this.#response = response;
    this.#context = context;
    this.source = sourceOf(request.source_address, request.source_port, request.protocol);
    this.sipCallId = request.get("Call-ID") ?? "";
    this.uri = request.uri;
    this.calledUser = userOf(request.uri);
    this.callingUser = userOf(request.get("From") ?? "");
    this.assertedUser = userOf(request.get("P-Asserted-Identity") ?? "");
    this.body = bodyBesideSdp(request.get("Content-Type"), request.body);
    const hasOffer = this.body === undefined && request.body !== "";
    this.offer = hasOffer ? request.body : undefined;
    request.on("cancel", () => this.cancel("SIP_INVITATION_ENDED"));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  header(name: string): string | undefined {
    return this.#request.get(name);
  }

  /** The caller gave up, or the SIP server is gone. */
  cancel(code: "SIP_INVITATION_ENDED" | "SIP_SERVER_LOST"): void {
    this.#settled = true;
    this.#abort.abort(new GatewayError(code));
  }

  progress(status: number, reason?: string, sdp?: string): void {
    if (this.#settled) {
      return;
    }
    const known = sendableStatus(status);
    const isReliable = requiresReliableProgress(this.header("Require"));
    if (isReliable && !this.#context.sendsReliably) {
      return;
    }
    const headers = {
      ...(isReliable ? { Require: "100rel" } : {}),
      ...(sdp === undefined ? {} : { "Content-Type": "application/sdp" }),
    };
    const options = sdp === undefined ? { headers } : { headers, body: sdp };
    if (reason === undefined) {
      this.#response.send(known, options);
    } else {
      this.#response.send(known, reason, options);
    }
  }

  async answer(answer: InvitationAnswer): Promise<DrachtioSipDialog> {
    const headers = safeHeaders(answer.headers);
    this.#settle();
    const { link } = this.#context;
    const options = { localSdp: answer.sdp, headers };
    let answered: Answered;
    try {
      answered = await link.bounded(this.#accept(options));
    } catch (error) {
      this.#abort.abort(new GatewayError("SIP_INVITATION_ENDED"));
      throw new GatewayError("SIP_INVITATION_ENDED", {}, { cause: error });
    }
    await link.bounded(answered.agreed).catch((error: unknown) => {
      throw new GatewayError("SIP_INVITATION_ENDED", { reason: "no ACK" }, { cause: error });
    });
    return answered.dialog;
  }

  /** By callback: what comes in the same chunk as the server's reply meets a dialog that somebody listens to. */
  #accept(options: { localSdp: string; headers: Record<string, string> }): Promise<Answered> {
    const isLateOffer = this.offer === undefined && this.body === undefined;
    const { link, adopt } = this.#context;
    return new Promise((resolve, reject) => {
      link.srf.createUAS(this.#request, this.#response, options, (error, dialog) => {
        if (dialog === undefined) {
          reject(error);
          return;
        }
        const agreed = isLateOffer ? acknowledged(dialog) : Promise.resolve();
        agreed.catch(() => undefined);
        resolve({ dialog: adopt(dialog), agreed });
      });
    });
  }

  async reject(refusal: InvitationRefusal): Promise<void> {
    if (this.signal.aborted) {
      return;
    }
    const headers = safeHeaders(refusal.headers);
    this.#settle();
    const sent = new Promise<void>((resolve) => {
      const done = (): void => resolve();
      const status = sendableStatus(refusal.status);
      this.#response.send(status, refusal.reason ?? "", { headers }, done);
    });
    await this.#context.link.bounded(sent).catch(() => undefined);
  }

  #settle(): void {
    if (this.signal.aborted) {
      throw new GatewayError("SIP_INVITATION_ENDED", {}, { cause: this.signal.reason });
    }
    if (this.#settled) {
      throw new GatewayError("CALL_STATE_INVALID", { invitation: "already answered or rejected" });
    }
    this.#settled = true;
  }
}

/** Waits for the ACK that carries the peer's answer; the SIP server's own ACK timeout bounds the wait. */
function acknowledged(dialog: DrachtioDialog): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error("the dialog ended"));
    if (!dialog.connected) {
      ended();
      return;
    }
    dialog.once("destroy", ended);
    dialog.once("ack", () => {
      dialog.removeListener("destroy", ended);
      resolve();
    });
  });
}
