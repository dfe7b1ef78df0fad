/** What the responses to our INVITEs do to dialogs. RFC 3261 section 13.2.2, Processing INVITE Responses. */
import type { AppClient } from "./app-client.ts";
import { digitsOf } from "./characters.ts";
import type { CoreContext } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import { dialogAsClient } from "./dialog-creation.ts";
import { parseCommandSequence, tagOf } from "./header-values.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { headerOf } from "./message.ts";
import { hasOption } from "./message-check.ts";
import type { ResponseEffects } from "./outgoing-request.ts";
import { isSdp } from "./response-builder.ts";
import type { Hop } from "./transport.ts";

/** The server's own way out of a dialog that the application does not want or does not know. */
export interface DialogEnder {
  /** ACK and BYE without telling anybody. */
  acknowledgeAndEnd(dialog: Dialog): void;
}

/** What both kinds of INVITE need to know. */
export interface InviteEffectsOptions {
  readonly context: CoreContext;
  readonly owner: AppClient;
  readonly invite: SipRequest;
  readonly ender: DialogEnder;
  isCancelled(): boolean;
  onEnded(): void;
}

function sequenceOf(invite: SipRequest): number {
  return parseCommandSequence(headerOf(invite, "cseq") ?? "")?.number ?? 0;
}

/** The peer has accepted what `request` said of us. */
export function noteAgreed(dialog: Dialog, request: SipRequest): void {
  dialog.localContact = headerOf(request, "contact") ?? dialog.localContact;
  if (isSdp(request.body)) {
    dialog.localSdp = request.body.toString("latin1");
  }
}

/**
 * Whether a provisional response is news. A reliable one comes again until its PRACK arrives, and counts only in its
 * order. RFC 3262 section 4, UAC Behavior.
 */
function isNewProgress(dialog: Dialog, invite: SipRequest, response: SipResponse): boolean {
  const number = digitsOf(headerOf(response, "rseq")?.trim() ?? "", 10);
  if (number === undefined || !hasOption(response, "require", "100rel")) {
    return true;
  }
  const sequence = sequenceOf(invite);
  const last = dialog.reliableProgress;
  if (last !== undefined && last.sequence === sequence && number !== last.number + 1) {
    return false;
  }
  dialog.reliableProgress = { number, sequence };
  return true;
}

/** Sends the ACK once more when the peer repeats the 2xx it belongs to. */
function repeatAck(context: CoreContext, dialog: Dialog, sequence: number): void {
  const ack = dialog.lastAck;
  if (ack !== undefined && ack.sequence === sequence) {
    const onSendFailed = (): void => context.counters.add("sendFailures");
    ack.hop.transport.send(ack.bytes, ack.hop, { onSendFailed });
  }
}

/** The INVITE that makes a dialog, or several when it was forked. */
export class InitialInviteEffects implements ResponseEffects {
  readonly #options: InviteEffectsOptions;
  /** By the peer's tag. */
  readonly #early = new Map<string, Dialog>();
  readonly #unwanted = new Map<string, Dialog>();
  #confirmed: Dialog | undefined;

  constructor(options: InviteEffectsOptions) {
    this.#options = options;
  }

  onResponse(response: SipResponse, from: Hop | undefined): boolean {
    const tag = tagOf(headerOf(response, "to"));
    if (response.status >= 300 || from === undefined) {
      this.#dropEarly();
      return true;
    }
    if (response.status >= 200) {
      return this.#onSuccess(response, from, tag ?? "");
    }
    if (tag === undefined || response.status <= 100) {
      return true;
    }
    const early = this.#early.get(tag) ?? this.#createDialog(response, from);
    if (!this.#early.has(tag)) {
      this.#rememberEarly(early);
    }
    return isNewProgress(early, this.#options.invite, response);
  }

  onDelivered({ status }: SipResponse, bytes: Buffer): void {
    const { records } = this.#options.context;
    if (status >= 300) {
      records.stop("network", status === 487 ? "call-canceled" : "call-rejected", bytes);
    } else if (status >= 200) {
      records.start("network", "uac", bytes);
    }
  }

  onEnded(): void {
    this.#dropEarly();
    this.#options.onEnded();
  }

  #onSuccess(response: SipResponse, from: Hop, tag: string): boolean {
    const { context, invite, owner } = this.#options;
    if (this.#confirmed !== undefined) {
      this.#onFurtherSuccess(response, from, tag);
      return false;
    }
    const dialog = this.#createDialog(response, from);
    const early = this.#early.get(tag);
    if (early !== undefined) {
      dialog.localSequence = Math.max(dialog.localSequence, early.localSequence);
      dialog.remoteSequence = early.remoteSequence;
    }
    this.#dropEarly();
    dialog.confirmed = true;
    dialog.inviteSequence = sequenceOf(invite);
    dialog.endsAfterAck = this.#options.isCancelled();
    this.#confirmed = dialog;
    noteAgreed(dialog, invite);
    context.dialogs.add(dialog);
    if (owner.connected) {
      context.sessions.onAccepted(dialog, response);
    } else {
      this.#options.ender.acknowledgeAndEnd(dialog);
    }
    return true;
  }

  /** The same 2xx again, or that of another branch, which is acknowledged and ended. */
  #onFurtherSuccess(response: SipResponse, from: Hop, tag: string): void {
    const { context, invite } = this.#options;
    const known = tag === this.#confirmed?.remoteTag ? this.#confirmed : this.#unwanted.get(tag);
    if (known !== undefined) {
      repeatAck(context, known, sequenceOf(invite));
      return;
    }
    const dialog = this.#createDialog(response, from);
    dialog.inviteSequence = sequenceOf(invite);
    this.#unwanted.set(tag, dialog);
    this.#options.ender.acknowledgeAndEnd(dialog);
  }

  #createDialog(response: SipResponse, from: Hop): Dialog {
    const { context, invite, owner } = this.#options;
    return dialogAsClient(invite, response, from, {
      owner,
      localSequence: sequenceOf(invite),
      natRule: context.natRule,
    });
  }

  #rememberEarly(dialog: Dialog): void {
    if (this.#confirmed === undefined) {
      this.#early.set(dialog.remoteTag, dialog);
      this.#options.context.dialogs.add(dialog);
    }
  }

  #dropEarly(): void {
    for (const dialog of this.#early.values()) {
      this.#options.context.dialogs.remove(dialog);
    }
    this.#early.clear();
  }
}

/** An INVITE within a dialog. RFC 3261 section 14.1, UAC Behavior. */
export class ReinviteEffects implements ResponseEffects {
  readonly #options: InviteEffectsOptions;
  readonly #dialog: Dialog;
  #answered = false;

  constructor(options: InviteEffectsOptions, dialog: Dialog) {
    this.#options = options;
    this.#dialog = dialog;
  }

  onResponse(response: SipResponse, from: Hop | undefined): boolean {
    const { context, invite } = this.#options;
    if (response.status < 200) {
      return isNewProgress(this.#dialog, invite, response);
    }
    if (!this.#answered) {
      this.#dialog.openInvite = undefined;
    }
    if (response.status >= 300 || from === undefined) {
      return true;
    }
    const sequence = sequenceOf(invite);
    if (this.#answered) {
      repeatAck(context, this.#dialog, sequence);
      return false;
    }
    this.#answered = true;
    this.#dialog.refreshTarget(response, from);
    this.#dialog.inviteSequence = sequence;
    noteAgreed(this.#dialog, invite);
    context.sessions.onAccepted(this.#dialog, response);
    return true;
  }

  onEnded(): void {
    this.#options.onEnded();
  }
}
