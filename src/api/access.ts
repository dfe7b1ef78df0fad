/** Who may ask for what: bearer tokens with a role, and no request that a foreign web page made a browser send. */
import { createHash, timingSafeEqual } from "node:crypto";
import { GatewayError } from "../core/errors.ts";
import { isLoopback } from "../core/ip-address.ts";

/** `read` looks, `operate` also changes calls, `admin` also changes the gateway. */
export type Role = "read" | "operate" | "admin";

/** A bearer token and what it allows. */
export interface ApiToken {
  readonly token: string;
  readonly role: Role;
}

/** Where the API listens and who it knows. */
export interface AccessOptions {
  /** The address that is bound. */
  readonly host: string;
  readonly tokens: readonly ApiToken[];
  /** Names beside loopback under which the API is asked for. */
  readonly allowedHosts: readonly string[];
}

/** What of a request matters here. */
export interface AccessRequest {
  readonly method: string;
  readonly headers: {
    readonly host?: string | undefined;
    readonly origin?: string | undefined;
    readonly authorization?: string | undefined;
  };
}

const RANK: Readonly<Record<Role, number>> = { read: 0, operate: 1, admin: 2 };
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Decides about requests. */
export class AccessGuard {
  readonly #hosts: ReadonlySet<string>;
  readonly #tokens: readonly { readonly digest: Buffer; readonly role: Role }[];

  /** Throws CONFIG_INVALID when the API would be open to other machines. */
  constructor({ host, tokens, allowedHosts }: AccessOptions) {
    if (tokens.length === 0 && !isLoopbackName(host)) {
      throw new GatewayError("CONFIG_INVALID", {
        field: "http.tokens",
        reason: `http.host ${host} can be reached from other machines: give http.tokens at least one token, or bind 127.0.0.1`,
      });
    }
    if (tokens.some(({ token }) => token.trim() === "")) {
      throw new GatewayError("CONFIG_INVALID", {
        field: "http.tokens",
        reason: "a token is empty",
      });
    }
    this.#hosts = new Set([host, ...allowedHosts].map((name) => name.toLowerCase()));
    this.#tokens = tokens.map(({ token, role }) => ({ digest: digestOf(token), role }));
  }

  /**
   * Throws API_FORBIDDEN for a request that a browser may have been tricked into: a name that points here but is not
   * ours (DNS rebinding), or a change asked for by a page of another origin than ours and `origins`. Where tokens are
   * needed, any name may be used.
   */
  checkSource({ method, headers }: AccessRequest, origins: readonly string[] = []): void {
    const name = hostName(headers.host ?? "");
    if (this.#tokens.length === 0 && !isLoopbackName(name) && !this.#hosts.has(name)) {
      throw forbidden("the Host header names neither this machine nor a configured host");
    }
    const { origin } = headers;
    if (origin === undefined || SAFE_METHODS.has(method) || origins.includes(origin)) {
      return;
    }
    if (!isSameOrigin(origin, headers.host)) {
      throw forbidden("the request comes from a page of another origin");
    }
  }

  /** Throws API_UNAUTHORIZED without a known token, API_FORBIDDEN when its role is too small. */
  checkRole(request: AccessRequest, needed: Role): void {
    if (this.#tokens.length === 0) {
      return;
    }
    const role = this.#roleOf(request.headers.authorization);
    if (role === undefined) {
      throw new GatewayError("API_UNAUTHORIZED", {
        reason: "send one of http.tokens as Authorization: Bearer",
      });
    }
    if (RANK[role] < RANK[needed]) {
      throw forbidden(`this needs a token with the role ${needed}`);
    }
  }

  /** Whether {@link checkRole} would pass. */
  allows(request: AccessRequest, needed: Role): boolean {
    const role = this.#roleOf(request.headers.authorization);
    return this.#tokens.length === 0 || (role !== undefined && RANK[role] >= RANK[needed]);
  }

  /** Looks at every token, in the same time whatever was sent. */
  #roleOf(authorization: string | undefined): Role | undefined {
    const sent = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (sent === undefined) {
      return undefined;
    }
    const digest = digestOf(sent);
    let found: Role | undefined;
    for (const token of this.#tokens) {
      if (timingSafeEqual(token.digest, digest)) {
        found = token.role;
      }
    }
    return found;
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function forbidden(reason: string): GatewayError {
  return new GatewayError("API_FORBIDDEN", { reason });
}

/** The name or address of a Host header, without port and brackets, in lower case. */
function hostName(header: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(header)?.[1];
  return (bracketed ?? header.replace(/:\d+$/, "")).toLowerCase();
}

function isLoopbackName(name: string): boolean {
  return name.toLowerCase() === "localhost" || isLoopback(name);
}

/** Whether a page of `origin` was loaded from the host that is asked. */
export function isSameOrigin(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
