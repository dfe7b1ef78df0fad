/** Requests of the application, in and out of dialogs, and the few of the server's own. RFC 3261 section 8.1, UAC Behavior. */
import { isIP } from "node:net";
import type { AppClient } from "./app-client.ts";
import { isCallId, isToken } from "./characters.ts";
import type { CoreContext } from "./core-context.ts";
import { addressesFor, createVia, firstSequence } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import { dialogIdOf } from "./dialog.ts";
import { DialogRequests } from "./dialog-requests.ts";
import { DialogSender } from "./dialog-sender.ts";
import { tagOf } from "./header-values.ts";
import { InitialInviteEffects } from "./invite-effects.ts";
import type { SipRequest } from "./message.ts";
import { headerOf, serialise, startLineOf } from "./message.ts";
import type { Target } from "./next-hop.ts";
import type { ResponseEffects } from "./outgoing-request.ts";
import { OutgoingRequest } from "./outgoing-request.ts";
import { freshRequest, requestObjection } from "./request-builder.ts";
import { SessionRefresh } from "./session-refresh.ts";
import type { Hop } from "./transport.ts";

/** The command `sip` with a request. */
export interface RequestCommand {
  readonly client: AppClient;
  readonly messageId: string;
  /** For CANCEL: the INVITE's; else empty. */
  readonly transactionId: string;
  /** Empty outside dialogs. */
  readonly dialogId: string;
  /** The next hop, or empty to use the request's own URI. */
  readonly routeUri: string;
  readonly request: SipRequest;
}

/** Sends requests and remembers those that have no final response. */
export class UacCore {
  readonly #context: CoreContext;
  readonly #outgoing = new Map<string, OutgoingRequest>();
  readonly #sender: DialogSender;
  readonly #dialogRequests: DialogRequests;
  #closed = false;

  constructor(context: CoreContext) {
    this.#context = context;
    this.#sender = new DialogSender(context);
    const shared = { context, sender: this.#sender, outgoing: this.#outgoing };
    this.#dialogRequests = new DialogRequests(shared);
    const refresh = new SessionRefresh(shared);
    context.sessions.attach({
      refresh: (dialog) => refresh.send(dialog),
      end: (dialog, reasonText) => this.end(dialog, reasonText),
    });
  }

  /** Ends a dialog in the server's own name, and tells the application. */
  end(dialog: Dialog, reasonText: string): void {
    this.#sender.end(dialog, reasonText);
  }

  get size(): number {
    return this.#outgoing.size;
  }

  /** In the order in which drachtio-server decides what a request is. */
  request(command: RequestCommand): void {
    if (command.dialogId !== "") {
      this.#dialogRequests.request(command);
    } else if (command.request.method === "CANCEL" && command.transactionId !== "") {
      this.#cancel(command);
    } else {
      this.#outside(command);
    }
  }

  /** The application is gone: its open invitations are cancelled. */
  onClientGone(client: AppClient): void {
    for (const outgoing of [...this.#outgoing.values()]) {
      if (outgoing.owner === client) {
        outgoing.cancel();
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#outgoing.clear();
  }

  #cancel(command: RequestCommand): void {
    const { client, messageId, transactionId } = command;
    const invite = this.#outgoing.get(transactionId);
    const cancel = invite?.owner === client ? invite.cancel(command.request.headers) : undefined;
    if (cancel === undefined) {
      const reason = `unable to cancel unknown transaction id: ${transactionId}`;
      client.reply(messageId, { ok: false, reason });
      return;
    }
    const bytes = serialise(cancel);
    const id = this.#context.random.uuid();
    const common = { ok: true, kind: "request", hop: undefined, dialogId: "" } as const;
    client.reply(messageId, { ...common, bytes, transactionId: id });
  }

  #outside(command: RequestCommand): void {
    const { client, messageId, request, routeUri } = command;
    const target = this.#context.nextHop.targetOf(routeUri || request.uri, "udp");
    const objection =
      typeof target === "string"
        ? targetObjection(target, request)
        : (requestObjection(request) ?? identityObjection(request));
    if (objection !== undefined || typeof target === "string") {
      client.reply(messageId, { ok: false, reason: objection ?? "" });
    } else if (isIP(target.host) === 0) {
      void this.#locateAndSend(command, target);
    } else {
      const { transport, host, port, serverName } = target;
      this.#send(command, [{ transport, host, port, serverName, connection: undefined }]);
    }
  }

  async #locateAndSend(command: RequestCommand, target: Target): Promise<void> {
    const hops = await this.#context.locator.locate(target).catch(() => []);
    if (this.#closed) {
      return;
    }
    if (hops.length === 0) {
      const { transport, host, port } = target;
      this.#create(command, { transport, host, port, connection: undefined }).fail("DNS Error");
    } else {
      this.#send(command, hops);
    }
  }

  #send(command: RequestCommand, hops: readonly Hop[]): void {
    const { local } = this.#context;
    const [hop, ...others] = hops.filter((one) => !local.isOurs(one.host, one.port, one.transport));
    if (hop === undefined) {
      const reason = "can not send request to myself";
      command.client.reply(command.messageId, { ok: false, reason });
      return;
    }
    this.#create(command, hop).send(hop, others);
  }

  /** Completes the request and tells the application what it looks like, before anything can come back. */
  #create(command: RequestCommand, hop: Hop): OutgoingRequest {
    const { client, messageId } = command;
    const { random } = this.#context;
    const request = freshRequest(command.request, {
      ...addressesFor(this.#context, hop, command.request.uri),
      via: createVia(this.#context, hop),
      fromTag: random.hex(8),
      callId: random.uuid(),
      sequence: firstSequence(this.#context),
    });
    const outgoing = this.#track(request, client);
    const bytes = serialise(request);
    if (request.method === "INVITE") {
      this.#context.records.attempt("application", bytes);
    }
    client.reply(messageId, {
      ok: true,
      kind: "request",
      bytes,
      hop,
      transactionId: outgoing.id,
      dialogId: "",
    });
    return outgoing;
  }

  #track(request: SipRequest, owner: AppClient): OutgoingRequest {
    const context = this.#context;
    const id = context.random.uuid();
    const onEnded = (): void => {
      this.#outgoing.delete(id);
    };
    const isInvite = request.method === "INVITE";
    const effects: ResponseEffects = isInvite
      ? new InitialInviteEffects({
          context,
          owner,
          invite: request,
          ender: this.#sender,
          isCancelled: () => outgoing.cancelled,
          onEnded,
        })
      : { onResponse: () => true, onEnded };
    const fromTag = tagOf(headerOf(request, "from")) ?? "";
    const dialogId = isInvite ? dialogIdOf(headerOf(request, "call-id") ?? "", fromTag) : "";
    const outgoing = new OutgoingRequest({ context, owner, id, request, dialogId, effects });
    this.#outgoing.set(id, outgoing);
    return outgoing;
  }
}

function targetObjection(target: "invalidUri" | "noTransport", request: SipRequest): string {
  return target === "invalidUri"
    ? `invalid request-uri: ${startLineOf(request)}`
    : "requested protocol/transport not available";
}

/** What the application chose must fit into the ids that both sides use. */
function identityObjection(request: SipRequest): string | undefined {
  const callId = headerOf(request, "call-id");
  const fromTag = tagOf(headerOf(request, "from"));
  if (callId !== undefined && !isCallId(callId)) {
    return "invalid call-id header";
  }
  return fromTag === undefined || isToken(fromTag) ? undefined : "invalid from header";
}
