/** The HTTP server: the application on a socket. */
import { bindFailureDetails } from "../core/bind-failure.ts";
import { GatewayError } from "../core/errors.ts";
import { type ApiApp, createApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";

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
      const details = bindFailureDetails(error, { host, port, setting: "http" });
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
