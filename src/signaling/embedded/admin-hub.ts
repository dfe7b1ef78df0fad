/** All links of applications: who routes what, and what their commands do. */
import type { Logger } from "../../core/logger.ts";
import type { AdminConnection, AdminConnectionOwner } from "./admin-connection.ts";
import type { AdminCommand } from "./admin-protocol.ts";
import type { AppClient, AppRouter } from "./app-client.ts";
import type { Counters } from "./counters.ts";
import { SIP_LIMITS } from "./limits.ts";
import type { SipResponse } from "./message.ts";
import { startLineOf } from "./message.ts";
import { parseMessage } from "./message-parser.ts";
import type { ProxyCommand } from "./proxy-core.ts";
import type { RequestCommand } from "./uac-core.ts";

/** The SIP side of the commands. */
export interface SipCommands {
  request(command: RequestCommand): void;
  respond(client: AppClient, messageId: string, transactionId: string, response: SipResponse): void;
  proxy(command: ProxyCommand): void;
  /** The link is gone: its calls end. */
  onClientGone(client: AppClient): void;
}

/** What the hub is made of. */
export interface AdminHubOptions {
  readonly counters: Counters;
  readonly logger: Logger;
}

/** Distributes requests in turn among the links that asked for their method. */
export class AdminHub implements AppRouter, AdminConnectionOwner {
  readonly #options: AdminHubOptions;
  readonly #routes = new Map<string, AdminConnection[]>();
  #commands: SipCommands | undefined;

  constructor(options: AdminHubOptions) {
    this.#options = options;
  }

  /** Says what commands act on; called once, before the first link. */
  attach(commands: SipCommands): void {
    this.#commands = commands;
  }

  get methods(): readonly string[] {
    const verbs = [...this.#routes.keys()].filter((verb) => !verb.startsWith("cdr:"));
    return verbs.map((verb) => verb.toUpperCase());
  }

  pick(method: string): AppClient | undefined {
    const candidates = this.#routes.get(method.toLowerCase()) ?? [];
    const chosen = candidates.shift();
    if (chosen !== undefined) {
      candidates.push(chosen);
    }
    return chosen;
  }

  onAuthenticated(_connection: AdminConnection): void {
    this.#options.logger.info("application connected to the SIP server");
  }

  onRefused(connection: AdminConnection, reason: string): void {
    this.#options.counters.add("adminRefused");
    this.#options.logger.warn("application link refused", { reason });
    this.onGone(connection);
  }

  /** The link has ended, for whatever reason. Idempotent. */
  onGone(connection: AdminConnection): void {
    for (const [verb, candidates] of this.#routes) {
      this.#unroute(verb, candidates, connection);
    }
    this.#commands?.onClientGone(connection);
  }

  onCommand(connection: AdminConnection, command: AdminCommand): void {
    const { id, type, fields } = command;
    switch (type) {
      case "route":
        this.#route(connection, fields[0] ?? "");
        connection.acknowledge(id);
        break;
      case "remove_route":
        this.#removeRoute(connection, fields[0] ?? "");
        connection.acknowledge(id);
        break;
      case "ping":
        connection.acknowledge(id, "pong");
        break;
      case "sip":
        this.#onSip(connection, command);
        break;
      case "proxy":
        this.#onProxy(connection, command);
        break;
      default:
        connection.refuse(id, "Unknown message type");
    }
  }

  #route(connection: AdminConnection, verb: string): void {
    const key = verb.toLowerCase();
    const candidates = this.#routes.get(key) ?? [];
    if (!candidates.includes(connection)) {
      candidates.push(connection);
    }
    this.#routes.set(key, candidates);
  }

  #removeRoute(connection: AdminConnection, verb: string): void {
    const key = verb.toLowerCase();
    this.#unroute(key, this.#routes.get(key) ?? [], connection);
  }

  #unroute(verb: string, candidates: AdminConnection[], connection: AdminConnection): void {
    const remaining = candidates.filter((candidate) => candidate !== connection);
    if (remaining.length === 0) {
      this.#routes.delete(verb);
    } else {
      this.#routes.set(verb, remaining);
    }
  }

  #onProxy(connection: AdminConnection, command: AdminCommand): void {
    const [transactionId = "", ...fields] = command.fields;
    const parsed = parseMessage(command.message ?? Buffer.alloc(0), SIP_LIMITS.adminFrameBytes);
    const headers = parsed.ok ? parsed.message.headers : [];
    const ids = { messageId: command.id, transactionId };
    this.#commands?.proxy({ client: connection, ...ids, fields, headers });
  }

  #onSip(connection: AdminConnection, command: AdminCommand): void {
    const [transactionId = "", dialogId = "", routeUri = ""] = command.fields;
    const bytes = command.message ?? Buffer.alloc(0);
    const parsed = parseMessage(withoutLength(bytes), SIP_LIMITS.adminFrameBytes);
    if (!parsed.ok) {
      connection.reply(command.id, { ok: false, reason: "invalid SIP message" });
      return;
    }
    const { message, fault } = parsed;
    if (message.kind === "response") {
      if (transactionId === "") {
        connection.refuse(command.id, "transaction id missing");
        return;
      }
      this.#commands?.respond(connection, command.id, transactionId, message);
    } else if (fault === undefined) {
      const ids = { messageId: command.id, transactionId, dialogId, routeUri };
      this.#commands?.request({ client: connection, request: message, ...ids });
    } else {
      const invalidUri = fault.reason === "Bad Request-URI";
      const reason = invalidUri ? `invalid request-uri: ${startLineOf(message)}` : fault.reason;
      connection.reply(command.id, { ok: false, reason });
    }
  }
}

/** drachtio-srf declares the body's length in characters; the frame knows it in bytes. */
function withoutLength(bytes: Buffer): Buffer {
  const headEnd = bytes.indexOf("\r\n\r\n");
  const head = bytes.toString("latin1", 0, headEnd === -1 ? bytes.length : headEnd);
  const stripped = head.replace(/\r\n(?:content-length|l)[ \t]*:[^\r\n]*/gi, "");
  const rest = headEnd === -1 ? Buffer.from("\r\n\r\n") : bytes.subarray(headEnd);
  return Buffer.concat([Buffer.from(stripped, "latin1"), rest]);
}
