/** `GET /.well-known/agent-card.json`: what those who speak A2A may ask us for. */
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

const PATH = "/.well-known/agent-card.json";

/** Needs no token: it says nothing that whoever may connect does not know. */
export function addCardRoute(app: ApiApp, { doors = [] }: ApiOptions): void {
  app.get(
    PATH,
    {
      config: { role: "anyone" },
      schema: {
        tags: ["a2a"],
        summary: "The agent card of voice by A2A.",
        response: { 200: z.record(z.string(), z.unknown()), 404: ERROR_BODY },
      },
    },
    ({ headers }) => {
      for (const door of doors) {
        const card = door.card(headers.host);
        if (card !== undefined) {
          return card;
        }
      }
      throw new GatewayError("API_NOT_FOUND", { reason: "voice by A2A is off: a2a.keys is empty" });
    },
  );
  refuseOtherMethods(app, PATH, ["GET"]);
}
