/** `GET /assist/settings`: what the agent's page has to know before anything else; nothing secret. */
import { z } from "zod";
import type { ApiApp } from "../app.ts";
import type { ApiOptions } from "../options.ts";
import { refuseOtherMethods } from "../other-methods.ts";

const PATH = "/assist/settings";

const SETTINGS = z.object({
  ccp: z
    .object({ url: z.string(), region: z.string().nullable() })
    .nullable()
    .describe(
      "The contact control panel that the page shows; null: none, unless an agent sets it.",
    ),
  tokenOrigins: z
    .array(z.string())
    .describe("Origins of pages that may frame ours and hand it a token: assist.origins."),
});

/** Needs no token: the page asks before it has one. */
export function addAssistSettings(app: ApiApp, { assist }: ApiOptions): void {
  const { ccp, origins } = assist;
  app.get(
    PATH,
    {
      config: { role: "anyone" },
      schema: {
        tags: ["assist"],
        summary: "What the agent's page begins with.",
        security: [],
        response: { 200: SETTINGS },
      },
    },
    (_request, reply) => {
      void reply.header("cache-control", "no-cache");
      return {
        ccp: ccp === undefined ? null : { url: ccp.url, region: ccp.region ?? null },
        tokenOrigins: [...origins],
      };
    },
  );
  refuseOtherMethods(app, PATH, ["GET"]);
}
