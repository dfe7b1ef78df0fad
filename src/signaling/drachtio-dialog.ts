/** SipDialog over a drachtio-srf dialog. */
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type {
  DialogEnd,
  ReofferVerdict,
  SipDialog,
  SipDialogDelegate,
  SipHeaders,
} from "../ports/signaling-server.ts";
import type { DrachtioDialog, DrachtioRequest, DrachtioResponse } from "./drachtio-types.ts";
import { safeHeaders } from "./sip-values.ts";

/** What the server wants to know of its dialogs. */
export interface DialogOwner {
  readonly logger: Logger;
  /** The dialog is over; called once. */
  onDialogGone(dialog: DrachtioSipDialog): void;
}

/** Ends once, whoever ends it; keeps an end that came before the delegate did. */
export class DrachtioSipDialog implements SipDialog {
  readonly #dialog: DrachtioDialog;
  readonly #owner: DialogOwner;
  #delegate: SipDialogDelegate | undefined;
  #end: DialogEnd | undefined;
  #byeSent: Promise<void> | undefined;

  constructor(dialog: DrachtioDialog, owner: DialogOwner) {
    this.#dialog = dialog;
    this.#owner = owner;
    dialog.on("destroy", (_bye: DrachtioRequest, reason?: string) => {
      this.#finish({ by: "peer", reason });
    });
    dialog.on("modify", (request: DrachtioRequest, response: DrachtioResponse) => {
      void this.#reoffered(request, response);
    });
    dialog.on("update", (request: DrachtioRequest, response: DrachtioResponse) => {
      void this.#updated(request, response);
    });
    dialog.on("info", (request: DrachtioRequest, response: DrachtioResponse) => {
      response.send(200);
      this.#delegate?.onInfo(request.get("Content-Type") ?? "", request.body ?? "");
    });
    dialog.on("refer", (_request: DrachtioRequest, response: DrachtioResponse) => {
      response.send(603, "Decline");
    });
    if (!dialog.connected) {
      this.#finish({ by: "peer", reason: undefined });
    }
  }

  get sipCallId(): string {
    return this.#dialog.sip.callId;
  }

  get remoteSdp(): string {
    return this.#dialog.remote.sdp ?? "";
  }

  get ended(): boolean {
    return this.#end !== undefined || this.#byeSent !== undefined;
  }

  setDelegate(delegate: SipDialogDelegate): void {
    this.#delegate = delegate;
    if (this.#end !== undefined && this.#byeSent === undefined) {
      delegate.onEnded(this.#end);
    }
  }

  /** The SIP server no longer knows this dialog. */
  abandon(reason: string): void {
    this.#finish({ by: "server", reason });
  }

  bye(headers?: SipHeaders): Promise<void> {
    this.#byeSent ??= this.#end === undefined ? this.#sendBye(headers) : Promise.resolve();
    return this.#byeSent;
  }

  async #sendBye(headers: SipHeaders | undefined): Promise<void> {
    try {
      await this.#dialog.destroy({ headers: safeHeaders(headers) });
    } catch (error) {
      this.#owner.logger.debug("BYE not delivered", { error });
    } finally {
      this.#owner.onDialogGone(this);
    }
  }

  async info(contentType: string, body: string): Promise<void> {
    await this.#request("INFO", { "Content-Type": contentType }, body);
  }

  async refer(target: string, headers?: SipHeaders): Promise<void> {
    await this.#request("REFER", {
      ...safeHeaders(headers),
      ...safeHeaders({ "Refer-To": target }),
    });
  }

  async reoffer(sdp: string): Promise<string> {
    try {
      return await this.#dialog.modify(sdp);
    } catch (error) {
      throw new GatewayError("SIP_REQUEST_FAILED", { method: "INVITE" }, { cause: error });
    }
  }

  async #request(method: string, headers: Record<string, string>, body?: string): Promise<void> {
    if (this.ended) {
      throw new GatewayError("SIP_REQUEST_FAILED", { method, reason: "the dialog has ended" });
    }
    let status: number;
    try {
      const options = { method, headers, ...(body === undefined ? {} : { body }) };
      status = (await this.#dialog.request(options)).status;
    } catch (error) {
      throw new GatewayError("SIP_REQUEST_FAILED", { method }, { cause: error });
    }
    if (status >= 300) {
      throw new GatewayError("SIP_REQUEST_FAILED", { method, status });
    }
  }

  #finish(end: DialogEnd): void {
    if (this.#end !== undefined) {
      return;
    }
    this.#end = end;
    this.#owner.onDialogGone(this);
    if (this.#byeSent === undefined) {
      this.#delegate?.onEnded(end);
    }
  }

  /** A session refresh without SDP needs no answer of the engine (RFC 3311 "Receiving an UPDATE"). */
  async #updated(request: DrachtioRequest, response: DrachtioResponse): Promise<void> {
    if ((request.body ?? "") === "") {
      response.send(200);
      return;
    }
    await this.#reoffered(request, response);
  }

  async #reoffered(request: DrachtioRequest, response: DrachtioResponse): Promise<void> {
    const verdict = await this.#askDelegate(request.body === "" ? undefined : request.body);
    if (verdict.kind === "refuse") {
      response.send(verdict.status);
      return;
    }
    // drachtio-srf answers later refreshes from local.sdp, so it has to be told what was agreed.
    this.#dialog.local.sdp = verdict.sdp;
    response.send(200, {
      body: verdict.sdp,
      headers: { "Content-Type": "application/sdp" },
    });
  }

  async #askDelegate(sdp: string | undefined): Promise<ReofferVerdict> {
    if (this.#delegate === undefined) {
      return { kind: "refuse", status: 491 };
    }
    try {
      return await this.#delegate.onReoffer(sdp);
    } catch (error) {
      this.#owner.logger.warn("re-INVITE refused", { error });
      const status = error instanceof GatewayError ? error.sipStatus : 500;
      return { kind: "refuse", status };
    }
  }
}
