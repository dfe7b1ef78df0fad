/** SignalingServer over drachtio-srf: the same code for the embedded SIP server and for a real drachtio-server. */
import Srf from "drachtio-srf";
import { after, type Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type {
  OutboundInvitation,
  SignalingHandler,
  SignalingServer,
  SipDialog,
} from "../ports/signaling-server.ts";
import { DrachtioSipDialog } from "./drachtio-dialog.ts";
import { DrachtioInvitation } from "./drachtio-invitation.ts";
import { placeInvite } from "./drachtio-outbound.ts";
import type {
  DrachtioDialog,
  DrachtioRequest,
  DrachtioResponse,
  DrachtioSrf,
} from "./drachtio-types.ts";

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
  readonly logger: Logger;
  /** The embedded server, or the address of a drachtio-server. */
  readonly server: OwnSipServer | { readonly host: string; readonly port: number };
  readonly secret: string;
  /** Offered in Retry-After while draining. */
  readonly retryAfterSeconds: number;
  /** How long `start` waits for the link. */
  readonly connectTimeoutMs: number;
}

/** The methods we take, as announced in Allow (RFC 3261 "Allow"). */
const ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE";
const REFUSED_METHODS = ["register", "subscribe", "publish", "message", "refer", "notify"] as const;

/** Turns drachtio-srf's requests into invitations, and ends what a lost link orphans. */
export class DrachtioSignaling implements SignalingServer {
  readonly #options: DrachtioSignalingOptions;
  readonly #invitations = new Set<DrachtioInvitation>();
  readonly #dialogs = new Set<DrachtioSipDialog>();
  #srf: DrachtioSrf | undefined;
  #draining = false;
  #linkUp = false;
  #closed = false;
  #refusedMethods = 0;

  constructor(options: DrachtioSignalingOptions) {
    this.#options = options;
  }

  /** Whether invitations can come in. */
  get linkUp(): boolean {
    return this.#linkUp;
  }

  async start(handler: SignalingHandler): Promise<void> {
    const { server, secret } = this.#options;
    const own = "start" in server ? server : undefined;
    await own?.start();
    const srf = new Srf() as unknown as DrachtioSrf;
    this.#srf = srf;
    this.#route(srf, handler);
    const address = "start" in server ? { host: "127.0.0.1", port: server.adminPort } : server;
    srf.on("close", () => this.#linkLost(handler));
    await this.#connect(srf, { ...address, secret }, handler);
  }

  invite(invitation: OutboundInvitation): Promise<SipDialog> {
    const srf = this.#srf;
    if (srf === undefined || !this.#linkUp) {
      return Promise.reject(new GatewayError("SIP_SERVER_LOST"));
    }
    return placeInvite(srf, invitation).then((dialog) => this.#adopt(dialog));
  }

  drain(): void {
    this.#draining = true;
  }

  async close(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#draining = true;
    await Promise.all([...this.#dialogs].map((dialog) => dialog.bye()));
    if (this.#linkUp) {
      this.#srf?.disconnect();
    }
    if ("start" in this.#options.server) {
      await this.#options.server.close();
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { server } = this.#options;
    return {
      link: this.#linkUp ? "up" : "down",
      draining: this.#draining,
      invitations: this.#invitations.size,
      dialogs: this.#dialogs.size,
      refusedMethods: this.#refusedMethods,
      server: "start" in server ? server.toJSON() : `drachtio-server ${server.host}:${server.port}`,
    };
  }

  #connect(
    srf: DrachtioSrf,
    link: { host: string; port: number; secret: string },
    handler: SignalingHandler,
  ): Promise<void> {
    const where = `${link.host}:${link.port}`;
    return new Promise((resolve, reject) => {
      const deadline = after(this.#options.clock, this.#options.connectTimeoutMs, () => {
        reject(new GatewayError("SIP_SERVER_LOST", { server: where, reason: "no answer" }));
      });
      srf.on("error", (error: Error) => {
        this.#options.logger.warn("SIP server link failed", { error, server: where });
      });
      srf.on("connect", (error: Error | null) => {
        deadline.cancel();
        if (error !== null && error !== undefined) {
          reject(new GatewayError("SIP_SERVER_LOST", { server: where, reason: error.message }));
          return;
        }
        this.#linkUp = true;
        handler.onLink("up");
        resolve();
      });
      srf.connect(link);
    });
  }

  #linkLost(handler: SignalingHandler): void {
    if (!this.#linkUp || this.#closed) {
      return;
    }
    this.#linkUp = false;
    for (const invitation of this.#invitations) {
      invitation.cancel("the SIP server was lost");
    }
    for (const dialog of [...this.#dialogs]) {
      dialog.abandon("the SIP server was lost");
    }
    handler.onLink("down");
  }

  #route(srf: DrachtioSrf, handler: SignalingHandler): void {
    srf.invite((request, response) => this.#onInvite(request, response, srf, handler));
    srf.options((_request, response) => {
      response.send(this.#draining ? 503 : 200, {
        headers: { Allow: ALLOW, Accept: "application/sdp" },
      });
    });
    for (const method of REFUSED_METHODS) {
      srf.use(method, (_request, response) => {
        this.#refusedMethods += 1;
        response.send(405, { headers: { Allow: ALLOW } });
      });
    }
  }

  #onInvite(
    request: DrachtioRequest,
    response: DrachtioResponse,
    srf: DrachtioSrf,
    handler: SignalingHandler,
  ): void {
    if (this.#draining) {
      const headers = { "Retry-After": String(this.#options.retryAfterSeconds) };
      response.send(503, "Shutting Down", { headers });
      return;
    }
    if (!request.has("Contact")) {
      response.send(400, "Missing Contact Header");
      return;
    }
    const invitation = new DrachtioInvitation(request, response, {
      srf,
      adopt: (dialog) => {
        this.#invitations.delete(invitation);
        return this.#adopt(dialog);
      },
    });
    this.#invitations.add(invitation);
    invitation.signal.addEventListener("abort", () => this.#invitations.delete(invitation));
    request.res.once("finish", () => this.#invitations.delete(invitation));
    try {
      handler.onInvitation(invitation);
    } catch (error) {
      this.#options.logger.error("invitation handler failed", { error });
      void invitation.reject({ status: 500 });
    }
  }

  #adopt(dialog: DrachtioDialog): DrachtioSipDialog {
    const adopted = new DrachtioSipDialog(dialog, {
      logger: this.#options.logger,
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
