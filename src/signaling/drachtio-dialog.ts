/** SipDialog over a drachtio-srf dialog. */
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type {
  DialogEnd,
  ReofferVerdict,
  SipDialog,
  SipDialogDelegate,
  SipHeaders,
} from "../ports/signaling-server.ts";
import { DelegateSeat } from "./delegate-seat.ts";
import { endOf } from "./dialog-end.ts";
import { onceAnswered } from "./drachtio-late-answer.ts";
import type { DrachtioLink } from "./drachtio-link.ts";
import { hearRefers, methodsAllowed } from "./drachtio-refer.ts";
import type { DrachtioDialog, DrachtioRequest, DrachtioResponse } from "./drachtio-types.ts";
import { outlastGlare } from "./glare.ts";
import { bodyBesideSdp, byeHeaders, safeHeaders, sendableStatus } from "./sip-values.ts";

/** What the server wants to know of its dialogs. */
export interface DialogOwner {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The connection that the dialog lives on. */
  readonly link: DrachtioLink;
  /** The dialog is over; called once. */
  onDialogGone(dialog: DrachtioSipDialog): void;
}

/** The server repeats a BYE for 32 s to a peer that is gone; nobody has to wait for that. */
const BYE_WAIT_MS = 4000;
/** Made once: without a reason, `abort` makes an exception with its stack for each dialog. */
const OVER = new Error("the dialog is over");

/** Ends once, whoever ends it; keeps an end that came before the delegate did. */
export class DrachtioSipDialog implements SipDialog {
  readonly #dialog: DrachtioDialog;
  readonly #owner: DialogOwner;
  readonly #seat: DelegateSeat;
  #end: DialogEnd | undefined;
  #byeSent: Promise<void> | undefined;
  /** Aborted when the dialog ends. */
  readonly #over = new AbortController();
  /** Settles when the last re-INVITE of ours was answered. */
  #reoffers: Promise<unknown> = Promise.resolve();

  constructor(dialog: DrachtioDialog, owner: DialogOwner) {
    this.#dialog = dialog;
    this.#owner = owner;
    this.#seat = new DelegateSeat(owner.logger);
    dialog.on("destroy", (bye: DrachtioRequest) => this.#finish(endOf(bye)));
    dialog.on("modify", (request: DrachtioRequest, response: DrachtioResponse) => {
      void this.#reoffered(request, response);
    });
    dialog.on("update", (request: DrachtioRequest, response: DrachtioResponse) => {
      void this.#updated(request, response);
    });
    dialog.on("info", (request: DrachtioRequest, response: DrachtioResponse) => {
      response.send(200);
      void this.#informed(request.get("Content-Type") ?? "", request.body ?? "");
    });
    hearRefers(dialog, (status, isFinal) => {
      this.#seat.tell((delegate) => delegate.onReferStatus?.(status, isFinal));
    });
    if (!dialog.connected) {
      this.#finish({ by: "peer", reason: undefined });
    }
  }

  /** What the SIP server calls this dialog. */
  get id(): string {
    return this.#dialog.id;
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

  get peerAllows(): readonly string[] | undefined {
    return methodsAllowed(this.#dialog);
  }

  setDelegate(delegate: SipDialogDelegate): void {
    this.#seat.take(delegate);
    const end = this.#end;
    if (end !== undefined && this.#byeSent === undefined) {
      this.#seat.tell(() => delegate.onEnded(end));
    }
  }

  /** The SIP server no longer knows this dialog. */
  abandon(reason: string): void {
    this.#finish({ by: "server", reason });
  }

  bye(headers?: SipHeaders): Promise<void> {
    this.#over.abort(OVER);
    this.#seat.giveUp();
    this.#byeSent ??= this.#end === undefined ? this.#sendBye(headers) : Promise.resolve();
    return this.#byeSent;
  }

  async #sendBye(headers: SipHeaders | undefined): Promise<void> {
    try {
      const sent = this.#dialog.destroy({ headers: byeHeaders(headers, this.#owner.logger) });
      await this.#owner.link.bounded(sent, BYE_WAIT_MS);
    } catch (error) {
      this.#owner.logger.debug("BYE not delivered", { error });
    } finally {
      this.#owner.onDialogGone(this);
    }
  }

  async info(contentType: string, body: string): Promise<void> {
    const headers = safeHeaders({ "Content-Type": contentType });
    await this.#request("INFO", headers, body);
  }

  async refer(target: string, headers?: SipHeaders): Promise<void> {
    await this.#request("REFER", safeHeaders({ ...headers, "Refer-To": `<${target}>` }));
  }

  /** One after the other: a dialog takes one re-INVITE at a time (RFC 3261 "UAC Behavior" of re-INVITE). */
  reoffer(sdp: string): Promise<string> {
    const turn = this.#reoffers.then(() => this.#reofferNow(sdp));
    this.#reoffers = turn.catch(() => undefined);
    return turn;
  }

  /** Not by drachtio-srf's `modify`: after a refusal, its next re-INVITE waits for ever (5.0.29). */
  async #reofferNow(sdp: string): Promise<string> {
    const { local, remote } = this.#dialog;
    const headers = { "Content-Type": "application/sdp", Contact: local.contact };
    const { clock, random } = this.#owner;
    const response = await outlastGlare(() => this.#request("INVITE", headers, sdp), {
      clock,
      random,
      placedByUs: this.#dialog.type === "uac",
      signal: this.#over.signal,
    });
    const answer = response.body ?? "";
    local.sdp = sdp;
    remote.sdp = answer;
    return answer;
  }

  async #request(
    method: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<DrachtioResponse> {
    if (this.ended) {
      throw new GatewayError("SIP_REQUEST_FAILED", { method, reason: "the dialog has ended" });
    }
    const content = body === undefined ? {} : { body };
    let response: DrachtioResponse;
    try {
      const options = { method, stackDialogId: this.#dialog.id, headers, ...content };
      response = await this.#owner.link.request(options);
    } catch (error) {
      throw new GatewayError("SIP_REQUEST_FAILED", { method }, { cause: error });
    }
    const { status } = response;
    if (status >= 300) {
      throw new GatewayError("SIP_REQUEST_FAILED", { method, status });
    }
    return response;
  }

  #finish(end: DialogEnd): void {
    if (this.#end !== undefined) {
      return;
    }
    this.#end = end;
    this.#over.abort(OVER);
    this.#seat.giveUp();
    this.#owner.onDialogGone(this);
    if (this.#byeSent === undefined) {
      this.#seat.tell((delegate) => delegate.onEnded(end));
    }
  }

  async #informed(contentType: string, text: string): Promise<void> {
    await this.#seat.settled;
    this.#seat.tell((delegate) => delegate.onInfo(contentType, text));
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
    const verdict = await this.#askDelegate(request);
    if (verdict.kind === "refuse") {
      response.send(sendableStatus(verdict.status));
      return;
    }
    const headers = safeHeaders(verdict.headers);
    if (verdict.kind === "noted") {
      return response.send(200, { headers });
    }
    // drachtio-srf answers later refreshes from local.sdp, so it has to be told what was agreed.
    this.#dialog.local.sdp = verdict.sdp;
    if ((request.body ?? "") === "") {
      onceAnswered(this.#dialog, request, (sdp) => {
        this.#seat.tell((delegate) => delegate.onReanswer?.(sdp));
      });
    }
    headers["Content-Type"] = "application/sdp";
    response.send(200, { body: verdict.sdp, headers });
  }

  async #askDelegate(request: DrachtioRequest): Promise<ReofferVerdict> {
    const delegate = await this.#seat.settled;
    if (delegate === undefined) {
      return { kind: "refuse", status: 481 };
    }
    const body = bodyBesideSdp(request.get("Content-Type"), request.body);
    const sdp = request.body === "" ? undefined : request.body;
    try {
      return body !== undefined && delegate.onBody !== undefined
        ? await delegate.onBody(body)
        : await delegate.onReoffer(sdp);
    } catch (error) {
      this.#owner.logger.warn("re-INVITE refused", { error });
      const status = error instanceof GatewayError ? error.sipStatus : 500;
      return { kind: "refuse", status };
    }
  }
}
