/** The pages that people look at: an index at `/`, the agent's page at `/assist`, and what they are made of. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";
import { GatewayError } from "../core/errors.ts";
import type { ApiApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

/** Path → the file that is built for it. */
const PAGES: Readonly<Record<string, string>> = { "/": "index.html", "/assist": "assist.html" };
const FILES_PREFIX = "/web/";
/** Below it, names have the hash of what they hold. */
const HASHED = "assets/";
const FOREVER = "public, max-age=31536000, immutable";
/** Where Amazon Connect shows applications of third parties, beside `assist.origins`. */
const CONNECT_ORIGINS = "https://*.my.connect.aws";

/** They hold nothing secret, and need no token: what they show does. */
export async function addPageRoutes(app: ApiApp, options: ApiOptions): Promise<void> {
  const { pagesFolder, assist } = options;
  await app.register(fastifyStatic, {
    root: pagesFolder,
    serve: false,
    cacheControl: false,
    dotfiles: "deny",
    // Only what is there may be kept: not that something is missing.
    setHeaders: (response, path) => {
      const isHashed = relative(pagesFolder, path).startsWith(HASHED);
      response.setHeader("cache-control", isHashed ? FOREVER : "no-cache");
    },
  });
  const embedders = ["'self'", CONNECT_ORIGINS, ...assist.origins].join(" ");
  const panel = assist.ccp?.url.startsWith("http:") ? new URL(assist.ccp.url).origin : undefined;
  const frames = ["https:", ...(panel === undefined ? [] : [panel])].join(" ");
  for (const [path, file] of Object.entries(PAGES)) {
    app.get(
      path,
      { config: { role: "anyone" }, schema: { hide: true } },
      (request: FastifyRequest, reply: FastifyReply) => {
        const policy = contentPolicy(request.headers.host, { embedders, frames });
        void reply.header("content-security-policy", policy);
        return sendFile(reply, pagesFolder, file);
      },
    );
    refuseOtherMethods(app, path, ["GET"]);
  }
  app.get<{ Params: { "*": string } }>(
    `${FILES_PREFIX}*`,
    { config: { role: "anyone" }, schema: { hide: true } },
    (request, reply) => sendFile(reply, pagesFolder, request.params["*"]),
  );
}

function sendFile(reply: FastifyReply, folder: string, file: string): FastifyReply {
  if (!existsSync(join(folder, "assist.html"))) {
    void reply.header("cache-control", "no-store");
    throw new GatewayError("API_PAGES_MISSING", {
      reason: "run npm run build in the gateway's folder, and load this page again",
    });
  }
  return reply.sendFile(file);
}

/**
 * Scripts, styles and sockets of ours only; frames of HTTPS for a contact control panel, and of a
 * configured one on this machine. Older browsers do not take a
 * socket of the same host for `'self'`: it is named, where the Host header is one that can be written here.
 */
function contentPolicy(
  host: string | undefined,
  { embedders, frames }: { readonly embedders: string; readonly frames: string },
): string {
  const isPlain = host !== undefined && /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host);
  const sockets = isPlain ? ` ws://${host} wss://${host}` : "";
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${sockets}`,
    `frame-src ${frames}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${embedders}`,
  ].join("; ");
}
