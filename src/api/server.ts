/** The HTTP server: the application on a socket. */
import { GatewayError } from "../core/errors.ts";
import { type ApiApp, createApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";

const BIND_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process uses this port: stop it, or set http.port to another one",
  EADDRNOTAVAIL: "this machine has no such address: set http.host to one that it has",
  EACCES: "this user may not open a port below 1024: set http.port to a higher one",
  ENOTFOUND: "the name of http.host is not known",
};

/** Listens from `start` to `close`. */
export class ApiServer {
  readonly #options: ApiOptions;
  #app: ApiApp | undefined;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Resolves with the base address; rejects with CONFIG_INVALID or HTTP_BIND_FAILED. */
  async start(): Promise<string> {
    const { host, port } = this.#options;
    const app = await createApp(this.#options);
    try {
      const address = await app.listen({ host, port });
      this.#app = app;
      return address;
    } catch (error) {
      await app.close();
      const code = (error as { code?: unknown }).code;
      const cause = typeof code === "string" ? code : "unknown";
      const details = { host, port, cause, reason: BIND_REASONS[cause] ?? "see the cause" };
      throw new GatewayError("HTTP_BIND_FAILED", details, { cause: error });
    }
  }

  /** Ends open connections too; idempotent. */
  async close(): Promise<void> {
    const app = this.#app;
    this.#app = undefined;
    await app?.close();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { host, tokens } = this.#options;
    return { listening: this.#app?.addresses() ?? [], host, tokens: tokens.length };
  }
}
