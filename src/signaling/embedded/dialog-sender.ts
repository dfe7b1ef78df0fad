/** Puts requests on a dialog's route: numbered, with the dialog's parties. RFC 3261 section 12.2.1.1, Generating the Request. */
import type { CoreContext } from "./core-context.ts";
import { addressesFor, countFailures, createVia } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import type { SipRequest } from "./message.ts";
import { field, serialise } from "./message.ts";
import { dialogRequest, ownRequest } from "./request-builder.ts";
import { isSdp } from "./response-builder.ts";
import type { Hop } from "./transport.ts";

/** Why a session that nobody refreshed ends. */
export const SESSION_EXPIRED = "Session timer expired";

/** A message as it went out. */
export interface SentMessage {
  readonly hop: Hop;
  readonly bytes: Buffer;
}

/** Builds the requests of all, sends those that nobody waits for. */
export class DialogSender {
  readonly #context: CoreContext;

  constructor(context: CoreContext) {
    this.#context = context;
  }

  /** The next request of a dialog. */
  build(dialog: Dialog, request: SipRequest, hop: Hop): SipRequest {
    dialog.localSequence += 1;
    return this.#complete(dialog, request, dialog.localSequence, hop);
  }

  /** The ACK of a 2xx is a message of its own. RFC 3261 section 13.2.2.4, 2xx Responses. Undefined when none is due. */
  acknowledge(dialog: Dialog, app: SipRequest): SentMessage | undefined {
    const sequence = dialog.inviteSequence;
    if (sequence === undefined) {
      return undefined;
    }
    const hop = this.#context.nextHop.ofDialog(dialog);
    const bytes = serialise(this.#complete(dialog, app, sequence, hop));
    dialog.inviteSequence = undefined;
    dialog.lastAck = { sequence, bytes, hop };
    if (isSdp(app.body)) {
      dialog.localSdp = app.body.toString("latin1");
    }
    hop.transport.send(bytes, hop, countFailures(this.#context));
    return { hop, bytes };
  }

  /** Ends a dialog in the server's own name, and tells the application. */
  end(dialog: Dialog, reasonText: string): void {
    const header = field("Reason", `SIP;cause=200;text="${reasonText}"`);
    const sent = this.#bye(dialog, [header]);
    const meta = { source: "application", transactionId: "unsolicited" } as const;
    dialog.owner.deliver({ ...meta, hop: sent.hop, dialogId: dialog.id }, sent.bytes);
    const expired = reasonText === SESSION_EXPIRED;
    const reason = expired ? "session-expired" : "system-initiated-termination";
    this.#context.records.stop("application", reason, sent.bytes);
  }

  /** ACK and BYE without telling anybody. */
  acknowledgeAndEnd(dialog: Dialog): void {
    this.acknowledge(dialog, ownRequest("ACK", []));
    this.#bye(dialog, []);
  }

  #bye(dialog: Dialog, headers: SipRequest["headers"]): SentMessage {
    const { layer, dialogs, nextHop, counters } = this.#context;
    dialogs.remove(dialog);
    dialog.openInvite?.cancel();
    dialog.unacknowledged?.abandon();
    const hop = nextHop.ofDialog(dialog);
    const request = this.build(dialog, ownRequest("BYE", headers), hop);
    layer.send(request, hop, {
      onResponse: () => undefined,
      onTimeout: () => undefined,
      onUnsendable: () => counters.add("sendFailures"),
      onEnded: () => undefined,
    });
    return { hop, bytes: serialise(request) };
  }

  #complete(dialog: Dialog, request: SipRequest, sequence: number, hop: Hop): SipRequest {
    const via = createVia(this.#context, hop);
    const addresses = addressesFor(this.#context, hop, dialog.remoteTarget);
    return dialogRequest(dialog, request, sequence, { ...addresses, via });
  }
}
