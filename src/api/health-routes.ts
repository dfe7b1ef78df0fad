/** Whether the gateway lives, whether it takes calls, and its metrics. */
import { z } from "zod";
import type { AccessGuard } from "./access.ts";
import type { ApiApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

const TAGS = ["gateway"];

const HEALTH = z.object({
  status: z.literal("ok"),
  version: z.string(),
  uptimeMs: z.number(),
  callsActive: z.number(),
  draining: z.boolean(),
  gateway: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("States and counters of all parts; only for whoever may read."),
});

const READINESS = z.object({
  ready: z.boolean(),
  reason: z.string().nullable().describe("Why not, in plain words."),
});

/** `/health` and `/ready` need no token: they hold nothing but numbers. */
export function addHealthRoutes(app: ApiApp, options: ApiOptions, guard: AccessGuard): void {
  const { clock, directory, metrics, snapshot, version } = options;
  const startedAtUs = clock.nowUs();
  app.get(
    "/health",
    {
      config: { role: "anyone" },
      schema: {
        tags: TAGS,
        summary: "200 while the process works, also while it drains.",
        security: [],
        response: { 200: HEALTH },
      },
    },
    (request) => ({
      status: "ok" as const,
      version,
      uptimeMs: Math.round((clock.nowUs() - startedAtUs) / 1000),
      callsActive: directory.list().length,
      draining: directory.draining,
      ...(guard.allows(request, "read") ? { gateway: { ...snapshot() } } : {}),
    }),
  );
  app.get(
    "/ready",
    {
      config: { role: "anyone" },
      schema: {
        tags: TAGS,
        summary: "200 while new calls are taken, else 503.",
        security: [],
        response: { 200: READINESS, 503: READINESS },
      },
    },
    (_request, reply) => {
      const reason = directory.draining
        ? "draining: no new calls are taken, the gateway is shutting down"
        : (options.notReady?.() ?? null);
      void reply.code(reason === null ? 200 : 503);
      return { ready: reason === null, reason };
    },
  );
  app.get(
    "/metrics",
    {
      schema: { tags: TAGS, summary: "Metrics as Prometheus reads them; see docs/metrics.md." },
    },
    async (_request, reply) => {
      const text = await metrics.render();
      return reply.type(metrics.contentType).send(text);
    },
  );
  for (const url of ["/health", "/ready", "/metrics"]) {
    refuseOtherMethods(app, url, ["GET"]);
  }
}
