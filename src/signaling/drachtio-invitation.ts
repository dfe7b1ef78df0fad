/** Invitation over a drachtio-srf INVITE. */
import { GatewayError } from "../core/errors.ts";
import type {
  Invitation,
  InvitationAnswer,
  InvitationRefusal,
  SipSource,
} from "../ports/signaling-server.ts";
import type { DrachtioSipDialog } from "./drachtio-dialog.ts";
import type {
  DrachtioDialog,
  DrachtioRequest,
  DrachtioResponse,
  DrachtioSrf,
} from "./drachtio-types.ts";
import { safeHeaders, sourceOf, userOf } from "./sip-values.ts";

/** What the server lends an invitation. */
export interface InvitationContext {
  readonly srf: DrachtioSrf;
  /** Wraps the dialog so that the server can end it with the link. */
  adopt(dialog: DrachtioDialog): DrachtioSipDialog;
}

/** Open until answered, rejected or cancelled; see the port. */
export class DrachtioInvitation implements Invitation {
  readonly source: SipSource;
  readonly sipCallId: string;
  readonly uri: string;
  readonly calledUser: string;
  readonly callingUser: string;
  readonly offer: string | undefined;
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
    this.offer = request.body === undefined || request.body === "" ? undefined : request.body;
    request.on("cancel", () => this.cancel("the caller cancelled"));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  header(name: string): string | undefined {
    return this.#request.get(name);
  }

  /** The caller gave up, or the SIP server is gone. */
  cancel(reason: string): void {
    this.#settled = true;
    this.#abort.abort(new GatewayError("SIP_INVITATION_ENDED", { reason }));
  }

  progress(status: number, reason?: string): void {
    if (this.#settled) {
      return;
    }
    if (reason === undefined) {
      this.#response.send(status);
    } else {
      this.#response.send(status, reason);
    }
  }

  async answer(answer: InvitationAnswer): Promise<DrachtioSipDialog> {
    this.#settle();
    const headers = safeHeaders(answer.headers);
    let dialog: DrachtioDialog;
    try {
      dialog = await this.#context.srf.createUAS(this.#request, this.#response, {
        localSdp: answer.sdp,
        headers,
      });
    } catch (error) {
      this.#abort.abort(new GatewayError("SIP_INVITATION_ENDED"));
      throw new GatewayError("SIP_INVITATION_ENDED", {}, { cause: error });
    }
    const adopted = this.#context.adopt(dialog);
    if (this.offer === undefined) {
      await acknowledged(dialog);
    }
    return adopted;
  }

  async reject(refusal: InvitationRefusal): Promise<void> {
    if (this.signal.aborted) {
      return;
    }
    this.#settle();
    const headers = safeHeaders(refusal.headers);
    await new Promise<void>((resolve) => {
      const done = (): void => resolve();
      this.#response.send(refusal.status, refusal.reason ?? "", { headers }, done);
    });
  }

  #settle(): void {
    if (this.signal.aborted) {
      throw this.signal.reason;
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
    const ended = (): void =>
      reject(new GatewayError("SIP_INVITATION_ENDED", { reason: "no ACK" }));
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
