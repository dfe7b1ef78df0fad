/** `POST /assist/tokens`, and the socket that the tokens open. */
import { z } from "zod";
import { GatewayError } from "../../core/errors.ts";
import type { SocketDoor } from "../../ports/socket-door.ts";
import type { AccessGuard } from "../access.ts";
import { ERROR_BODY } from "../api-errors.ts";
import type { ApiApp } from "../app.ts";
import type { ApiOptions } from "../options.ts";
import { refuseOtherMethods } from "../other-methods.ts";
import { subjectOfMessage } from "./assist-messages.ts";
import { AssistTokens } from "./assist-tokens.ts";
import { AssistUpgrade, type AssistUpgradeOptions } from "./assist-upgrade.ts";
import { returnToHttp } from "./return-to-http.ts";

const ID = z.string().min(1).max(128);

const TOKEN_REQUEST = z
  .strictObject({
    contactId: ID.optional().describe("The contact that the token opens."),
    callId: ID.optional().describe("Or the call."),
    ttlSeconds: z.number().int().min(1).max(86_400).default(3600).describe("How long it is good."),
  })
  .refine(({ contactId, callId }) => (contactId === undefined) !== (callId === undefined), {
    message: "expected contactId or callId, and not both",
  });

const TOKEN_ANSWER = z.object({
  token: z.string().describe("For ?token= of WS /assist; secret."),
  expiresAt: z.string(),
});

const ACCESS = z.object({
  opens: z.enum(["all", "contact", "call"]),
  id: z.string().nullable().describe("Of the contact or call that it opens; null: all of them."),
  expiresAt: z.string().nullable(),
});

/** The socket closes before the server does. */
export function addAssistSocket(app: ApiApp, options: ApiOptions, guard: AccessGuard): void {
  const { clock, metrics, assist } = options;
  const tokens = new AssistTokens({ secret: assist.tokenSecret, clock });
  addTokenRoute(app, tokens);
  addAccessRoute(app, { guard, tokens, hub: assist.hub });
  const { hub, origins } = assist;
  const upgrade = new AssistUpgrade({ guard, tokens, hub, origins, clock, metrics });
  app.server.on("upgrade", (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() === "websocket") {
      (doorOf(options, request.url) ?? upgrade).take(request, socket, head);
    } else {
      returnToHttp(app.server, { request, socket, head });
    }
  });
  app.addHook("preClose", (done) => {
    hub.close();
    for (const door of options.doors ?? []) {
      door.close();
    }
    done();
  });
}

/** `undefined`: the path is nobody's but ours. */
function doorOf({ doors = [] }: ApiOptions, url = ""): SocketDoor | undefined {
  const [path] = url.split("?", 1);
  return doors.find((door) => door.path === path);
}

function addTokenRoute(app: ApiApp, tokens: AssistTokens): void {
  app.post(
    "/assist/tokens",
    {
      config: { role: "operate" },
      schema: {
        tags: ["assist"],
        summary:
          "A token for WS /assist that opens one contact or one call: to look, and to correct roles.",
        body: TOKEN_REQUEST,
        response: { 201: TOKEN_ANSWER, 400: ERROR_BODY },
      },
    },
    ({ body: { ttlSeconds, ...subject } }, reply) => {
      const asked = subjectOfMessage(subject) ?? { kind: "contact", id: "" };
      const { token, expiresAtMs } = tokens.issue(asked, ttlSeconds);
      void reply.code(201);
      return { token, expiresAt: new Date(expiresAtMs).toISOString() };
    },
  );
  refuseOtherMethods(app, "/assist/tokens", ["POST"]);
}

/** A page that is not let in learns from the WebSocket only that it failed: here it learns why. */
function addAccessRoute(
  app: ApiApp,
  { guard, tokens, hub }: Pick<AssistUpgradeOptions, "guard" | "tokens" | "hub">,
): void {
  app.get(
    "/assist/access",
    {
      config: { role: "anyone" },
      schema: {
        tags: ["assist"],
        summary: "What the bearer token opens on WS /assist; a one-contact token is one, too.",
        response: { 200: ACCESS, 401: ERROR_BODY, 403: ERROR_BODY, 503: ERROR_BODY },
      },
    },
    (request, reply) => {
      void reply.header("cache-control", "no-store");
      const sent = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
      const grant = sent === undefined ? undefined : tokens.read(sent);
      if (grant === undefined) {
        guard.checkRole(request, "read");
      }
      if (!hub.hasRoom) {
        throw new GatewayError("API_FULL", { reason: "assist.maxConnections pages are connected" });
      }
      return grant === undefined
        ? { opens: "all" as const, id: null, expiresAt: null }
        : {
            opens: grant.subject.kind,
            id: grant.subject.id,
            expiresAt: new Date(grant.expiresAtMs).toISOString(),
          };
    },
  );
  refuseOtherMethods(app, "/assist/access", ["GET"]);
}
