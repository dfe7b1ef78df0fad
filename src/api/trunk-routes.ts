/** How the trunks stand: whether they answer, whether we are registered. */
import { z } from "zod";
import type { TrunkStatus } from "../ports/trunk-directory.ts";
import type { ApiApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

const TIME = z.iso.datetime().describe("UTC, with milliseconds.");

const PING = z
  .object({
    state: z.enum(["unknown", "up", "down"]),
    since: TIME,
    missed: z.number().describe("OPTIONS unanswered in a row."),
    status: z.number().nullable().describe("The last final status."),
    roundTripMs: z.number().nullable(),
  })
  .nullable()
  .describe("What our OPTIONS found; null: the trunk is not asked.");

const REGISTRATION = z
  .object({
    state: z.enum(["idle", "registering", "registered", "failed"]),
    reason: z.string().nullable().describe("Why the last attempt failed, in one word."),
    status: z.number().nullable().describe("The registrar's last final status."),
    failures: z.number().describe("Failed attempts in a row."),
    expires: TIME.nullable().describe("When the registrar forgets us."),
    nextAttempt: TIME.nullable(),
  })
  .nullable()
  .describe("Our registration; null: we do not register.");

const TRUNK = z.object({
  name: z.string(),
  transport: z.enum(["udp", "tcp", "tls"]),
  host: z.string().nullable().describe("Where our calls go; null: the trunk only calls us."),
  ping: PING,
  registration: REGISTRATION,
});

/** `/trunks`. */
export function addTrunkRoutes(app: ApiApp, { trunks }: ApiOptions): void {
  app.get(
    "/trunks",
    {
      schema: {
        tags: ["trunks"],
        summary: "The trunks, whether they answer, and whether we are registered with them.",
        response: { 200: z.object({ trunks: z.array(TRUNK) }) },
      },
    },
    () => ({ trunks: trunks.listTrunks().map(viewTrunk) }),
  );
  refuseOtherMethods(app, "/trunks", ["GET"]);
}

function viewTrunk(trunk: TrunkStatus): z.infer<typeof TRUNK> {
  const { name, transport, host, ping, registration } = trunk;
  return {
    name,
    transport,
    host: host ?? null,
    ping:
      ping === undefined
        ? null
        : {
            state: ping.state,
            since: new Date(ping.sinceMs).toISOString(),
            missed: ping.missed,
            status: ping.status ?? null,
            roundTripMs: ping.roundTripMs ?? null,
          },
    registration:
      registration === undefined
        ? null
        : {
            state: registration.state,
            reason: registration.failure ?? null,
            status: registration.status ?? null,
            failures: registration.failures,
            expires: isoOrNull(registration.expiresAtMs),
            nextAttempt: isoOrNull(registration.nextAttemptAtMs),
          },
  };
}

function isoOrNull(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}
