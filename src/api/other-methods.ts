/** Methods that a path does not take. */
import { GatewayError } from "../core/errors.ts";
import type { ApiApp } from "./app.ts";

/** Answers every method of `url` that is not in `allowed` with 405 and Allow; call it after the path's own routes. */
export function refuseOtherMethods(app: ApiApp, url: string, allowed: readonly string[]): void {
  const taken = allowed.includes("GET") ? [...allowed, "HEAD"] : allowed;
  const allow = taken.join(", ");
  app.route({
    method: app.supportedMethods.filter((method) => !taken.includes(method)),
    url,
    schema: { hide: true },
    onRequest: (_request, reply, done) => {
      void reply.header("allow", allow);
      done(new GatewayError("API_METHOD_NOT_ALLOWED", { reason: `it takes ${allow}` }));
    },
    handler: () => undefined,
  });
}
