/** The HTTP application: limits, access, errors and routes, without a socket. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import {
  jsonSchemaTransform,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { GatewayError } from "../core/errors.ts";
import { AccessGuard, type Role } from "./access.ts";
import { addAdviceRoutes, addCors } from "./advice-routes.ts";
import { addAnnouncementRoutes } from "./announcement-routes.ts";
import { answerOf } from "./api-errors.ts";
import { addAssistSocket } from "./assist/assist-routes.ts";
import { addAssistSettings } from "./assist/settings-route.ts";
import { addCallLogRoutes } from "./call-log-routes.ts";
import { addCallRoutes } from "./call-routes.ts";
import { addCardRoute } from "./card-route.ts";
import { addContactRoutes } from "./contact-routes.ts";
import { addHealthRoutes } from "./health-routes.ts";
import { addInjectRoute } from "./inject-route.ts";
import { addOperatorRoutes } from "./operator-routes.ts";
import type { ApiOptions } from "./options.ts";
import { addPageRoutes } from "./page-routes.ts";
import { addRoleRoute } from "./role-route.ts";
import { addTrunkRoutes } from "./trunk-routes.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may ask; `anyone` needs no token. Without it: whoever may read. */
    readonly role?: Role | "anyone";
    /** Whether pages of the configured origins may ask. */
    readonly cors?: boolean;
  }
}

/** Bounds on what one client may send, and how slowly. */
const LIMITS = {
  bodyLimit: 64 * 1024,
  connectionTimeout: 30_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 512,
} as const;

const DOCS_PREFIX = "/docs";

/** The application with all its routes; throws CONFIG_INVALID when it would be open to other machines. */
export async function createApp(options: ApiOptions) {
  const { host, tokens, allowedHosts = [], metrics, snapshot } = options;
  const guard = new AccessGuard({ host, tokens, allowedHosts });
  metrics.collectFrom(snapshot);
  const app = createBareApp(options);
  addHooks(app, guard, options);
  await addDocs(app, options.version);
  addHealthRoutes(app, options, guard);
  addCallRoutes(app, options);
  addOperatorRoutes(app, options);
  addAnnouncementRoutes(app, options);
  addInjectRoute(app, options);
  addRoleRoute(app, options);
  addCallLogRoutes(app, options);
  addTrunkRoutes(app, options);
  addAssistSocket(app, options, guard);
  addAssistSettings(app, options);
  addAdviceRoutes(app, options);
  addContactRoutes(app, options);
  await addPageRoutes(app, options);
  addCardRoute(app, options);
  return app;
}

/** The application as the routes see it. */
export type ApiApp = ReturnType<typeof createBareApp>;

function createBareApp({ logger }: ApiOptions) {
  const { maxHeaderBytes, maxConnections, ...limits } = LIMITS;
  const answer = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, body } = answerOf(error);
    if (status >= 500) {
      const { method, routeOptions } = request;
      logger.error("HTTP request failed", { method, route: routeOptions?.url, error });
    }
    void reply.code(status).send(body);
  };
  const app = fastify({
    ...limits,
    http: { maxHeaderSize: maxHeaderBytes },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 128 },
    frameworkErrors: answer,
    clientErrorHandler: (error, socket) => {
      if (socket.writable) {
        socket.end(badRequest(error.code));
      }
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = maxConnections;
  app.setValidatorCompiler(validatorCompiler);
  // The views have the types of their schemas: checking each answer again would cost time per record.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.setErrorHandler(answer);
  app.setNotFoundHandler(() => {
    throw new GatewayError("API_NOT_FOUND", { reason: `see ${DOCS_PREFIX} for what there is` });
  });
  return app;
}

function addHooks(app: ApiApp, guard: AccessGuard, { metrics, assistant }: ApiOptions): void {
  app.addHook("onRequest", (request, reply, done) => {
    void reply.headers({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
    const { config, url } = request.routeOptions;
    const role = url?.startsWith(DOCS_PREFIX) === true ? "anyone" : (config.role ?? "read");
    if (role !== "anyone") {
      void reply.header("cache-control", "no-store");
    }
    const origins = config.cors === true ? assistant.corsOrigins : [];
    if (config.cors === true) {
      addCors(request, reply, origins);
    }
    guard.checkSource(request, origins);
    if (role !== "anyone") {
      guard.checkRole(request, role);
    }
    done();
  });
  app.addHook("onError", (_request, reply, error, done) => {
    if (error instanceof GatewayError && error.code === "API_UNAUTHORIZED") {
      void reply.header("www-authenticate", "Bearer");
    }
    done();
  });
  app.addHook("onResponse", (_request, reply, done) => {
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    metrics.increment("trunkline_http_requests_total", { status });
    done();
  });
}

async function addDocs(app: ApiApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Trunkline",
        version,
        description: "Calls in progress, and what is left of them.",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: DOCS_PREFIX, staticCSP: true });
}

/** What a client gets that does not speak HTTP; Node closes the connection. */
function badRequest(code: string | undefined): string {
  const [line, reason] =
    code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "the headers are too long"]
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "the request took too long to arrive"]
        : ["400 Bad Request", "this is not HTTP"];
  const { body } = answerOf(new GatewayError("API_BAD_REQUEST", { reason }));
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${line}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`;
}
