/** SignalingServer over drachtio-srf: the same code for the embedded SIP server and for a real drachtio-server. */
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type {
  OutboundInvitation,
  OutboundRequest,
  SignalingHandler,
  SignalingServer,
  SipAnswer,
  SipDialog,
} from "../ports/signaling-server.ts";
import type { SipGate } from "../ports/sip-gate.ts";
import { DrachtioClient, openedLink } from "./drachtio-client.ts";
import { DrachtioSipDialog } from "./drachtio-dialog.ts";
import { DrachtioInvitation } from "./drachtio-invitation.ts";
import { DrachtioLink, type LinkAddress } from "./drachtio-link.ts";
import type { DrachtioDialog, DrachtioRequest, DrachtioResponse } from "./drachtio-types.ts";
import { ABILITIES } from "./extensions.ts";
import { objectionTo } from "./invite-objection.ts";
import { type LinkRetryOptions, openWithRetries } from "./link-retry.ts";
import { answerOptions } from "./options-answer.ts";
import { refuseOtherMethods } from "./refused-methods.ts";

/** A SIP server of our own process, started before and closed after the link to it. */
export interface OwnSipServer {
  start(): Promise<void>;
  close(): Promise<void>;
  readonly adminPort: number;
  toJSON(): unknown;
}

/** How the SIP server is reached. */
export interface DrachtioSignalingOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The embedded server, or the address of a drachtio-server. */
  readonly server: OwnSipServer | { readonly host: string; readonly port: number };
  readonly secret: string;
  /** Offered in Retry-After while draining. */
  readonly retryAfterSeconds: number;
  /** How long `start` waits for the link. */
  readonly connectTimeoutMs: number;
  /** Asked about OPTIONS, where the SIP server does not ask it by itself; invitations are the handler's. */
  readonly gate?: SipGate | undefined;
  /** Whether callers that require reliable progress get it, instead of none; not before a drachtio-server. */
  readonly sendsReliably: boolean;
}

/** Turns drachtio-srf's requests into invitations, keeps the link, and ends what a lost link orphans. */
export class DrachtioSignaling implements SignalingServer {
  readonly #options: DrachtioSignalingOptions;
  readonly #invitations = new Set<DrachtioInvitation>();
  readonly #dialogs = new Set<DrachtioSipDialog>();
  /** Dialogs of a lost link that the server may still hold, and then the peer still listens to. */
  readonly #orphans = new Set<string>();
  readonly #closing = new AbortController();
  readonly #client: DrachtioClient;
  #link: DrachtioLink | undefined;
  #draining = false;
  #closed: Promise<void> | undefined;
  #refusedMethods = 0;
  #ignoredInvites = 0;

  constructor(options: DrachtioSignalingOptions) {
    this.#options = options;
    this.#client = new DrachtioClient(options.random);
  }

  /** Whether invitations can come in. */
  get linkUp(): boolean {
    return this.#link?.up === true;
  }

  async start(handler: SignalingHandler): Promise<void> {
    const { server, clock, connectTimeoutMs } = this.#options;
    if ("start" in server) {
      await server.start();
    }
    await openWithRetries(() => this.#openLink(handler), {
      ...this.#retry(),
      deadlineUs: clock.nowUs() + connectTimeoutMs * 1000,
    });
  }

  async invite(invitation: OutboundInvitation): Promise<SipDialog> {
    const link = openedLink(this.#link);
    const headers = { ...ABILITIES, ...invitation.headers };
    return this.#adopt(await this.#client.invite(link, { ...invitation, headers }), link);
  }

  request(request: OutboundRequest): Promise<SipAnswer> {
    return this.#client.request(this.#link, request);
  }

  drain(): void {
    this.#draining = true;
  }

  close(): Promise<void> {
    this.#closed ??= this.#release();
    return this.#closed;
  }

  async #release(): Promise<void> {
    this.#draining = true;
    this.#closing.abort(new GatewayError("SIP_SERVER_LOST", { reason: "closed" }));
    await Promise.all([...this.#dialogs].map((dialog) => dialog.bye()));
    await this.#link?.close();
    if ("start" in this.#options.server) {
      await this.#options.server.close();
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { server } = this.#options;
    return {
      link: this.linkUp ? "up" : "down",
      draining: this.#draining,
      invitations: this.#invitations.size,
      dialogs: this.#dialogs.size,
      refusedMethods: this.#refusedMethods,
      ignoredInvites: this.#ignoredInvites,
      server: "start" in server ? server.toJSON() : `drachtio-server ${server.host}:${server.port}`,
    };
  }

  async #openLink(handler: SignalingHandler): Promise<void> {
    const { clock, connectTimeoutMs } = this.#options;
    const link = new DrachtioLink({
      clock,
      address: this.#address(),
      timeoutMs: connectTimeoutMs,
      route: (opening) => this.#route(opening, handler),
      onLost: () => this.#linkLost(handler),
    });
    this.#closing.signal.throwIfAborted();
    this.#link = link;
    await link.open();
    this.#buryOrphans(link);
    handler.onLink("up");
  }

  #retry(): LinkRetryOptions {
    const { clock, logger } = this.#options;
    return { clock, logger, deadlineUs: undefined, signal: this.#closing.signal };
  }

  #address(): LinkAddress {
    const { server, secret } = this.#options;
    return "start" in server
      ? { host: "127.0.0.1", port: server.adminPort, secret }
      : { ...server, secret };
  }

  #linkLost(handler: SignalingHandler): void {
    for (const invitation of [...this.#invitations]) {
      invitation.cancel("SIP_SERVER_LOST");
    }
    for (const dialog of [...this.#dialogs]) {
      this.#orphans.add(dialog.id);
      dialog.abandon("the SIP server was lost");
    }
    handler.onLink("down");
    openWithRetries(() => this.#openLink(handler), this.#retry()).catch((error: unknown) => {
      this.#options.logger.debug("SIP server link given up", { error });
    });
  }

  /** Only the link was lost, perhaps: a drachtio-server keeps the dialogs, and the peers would hear silence. */
  #buryOrphans(link: DrachtioLink): void {
    const headers = { Reason: 'SIP;cause=500;text="the link to the gateway was lost"' };
    for (const stackDialogId of this.#orphans) {
      link.request({ method: "BYE", stackDialogId, headers }).catch((error: unknown) => {
        this.#options.logger.debug("lost dialog was gone", { error });
      });
    }
    this.#orphans.clear();
  }

  #route(link: DrachtioLink, handler: SignalingHandler): void {
    const { srf } = link;
    srf.invite((request, response) => this.#onInvite(request, response, link, handler));
    answerOptions(srf, { gate: this.#options.gate, isDraining: () => this.#draining });
    refuseOtherMethods(srf, () => {
      this.#refusedMethods += 1;
    });
  }

  #onInvite(
    request: DrachtioRequest,
    response: DrachtioResponse,
    link: DrachtioLink,
    handler: SignalingHandler,
  ): void {
    const objection = objectionTo(request);
    if (objection === "ignore") {
      this.#ignoredInvites += 1;
      return;
    }
    if (objection !== undefined) {
      response.send(objection.status, objection.reason, { headers: objection.headers });
      return;
    }
    if (this.#draining) {
      const headers = { "Retry-After": String(this.#options.retryAfterSeconds) };
      response.send(503, "Shutting Down", { headers });
      return;
    }
    const invitation = new DrachtioInvitation(request, response, {
      link,
      sendsReliably: this.#options.sendsReliably,
      adopt: (dialog) => {
        this.#invitations.delete(invitation);
        return this.#adopt(dialog, link);
      },
    });
    this.#invitations.add(invitation);
    invitation.signal.addEventListener("abort", () => this.#invitations.delete(invitation));
    request.res.once("finish", () => this.#invitations.delete(invitation));
    try {
      handler.onInvitation(invitation);
    } catch (error) {
      this.#options.logger.error("invitation handler failed", { error });
      invitation.reject({ status: 500 }).catch(() => undefined);
    }
  }

  #adopt(dialog: DrachtioDialog, link: DrachtioLink): DrachtioSipDialog {
    const adopted = new DrachtioSipDialog(dialog, {
      clock: this.#options.clock,
      random: this.#options.random,
      logger: this.#options.logger,
      link,
      onDialogGone: (gone) => {
        this.#dialogs.delete(gone);
      },
    });
    if (!adopted.ended) {
      this.#dialogs.add(adopted);
    }
    return adopted;
  }
}
