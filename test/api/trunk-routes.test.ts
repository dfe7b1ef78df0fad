import { describe, expect, it } from "vitest";
import type { TrunkStatus } from "../../src/ports/trunk-directory.ts";
import { apiLab } from "../support/api-lab.ts";

const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

const TRUNKS: readonly TrunkStatus[] = [
  {
    name: "sbc",
    transport: "tcp",
    host: "sbc.example",
    ping: { state: "down", sinceMs: AT_MS, missed: 3, status: 503, roundTripMs: undefined },
    registration: {
      state: "failed",
      failure: "credentialsRefused",
      status: 401,
      failures: 2,
      expiresAtMs: undefined,
      nextAttemptAtMs: AT_MS,
    },
  },
  {
    name: "connect",
    transport: "udp",
    host: undefined,
    ping: undefined,
    registration: undefined,
  },
];

describe("GET /trunks", () => {
  it("shows how each trunk stands, and null for what is not asked of it", async () => {
    const { app } = await apiLab({ trunks: { listTrunks: () => TRUNKS } });
    const answer = await app.inject("/trunks");
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      trunks: [
        {
          name: "sbc",
          transport: "tcp",
          host: "sbc.example",
          ping: {
            state: "down",
            since: "2026-01-02T03:04:05.000Z",
            missed: 3,
            status: 503,
            roundTripMs: null,
          },
          registration: {
            state: "failed",
            reason: "credentialsRefused",
            status: 401,
            failures: 2,
            expires: null,
            nextAttempt: "2026-01-02T03:04:05.000Z",
          },
        },
        { name: "connect", transport: "udp", host: null, ping: null, registration: null },
      ],
    });
  });

  it("takes no other method", async () => {
    const { app } = await apiLab();
    expect((await app.inject({ method: "POST", url: "/trunks" })).statusCode).toBe(405);
  });
});

describe("the metrics of trunks", () => {
  it("are there for those that are asked, by name", async () => {
    const snapshot = () => ({ callsActive: 0, timersPending: 0, trunks: TRUNKS });
    const { app } = await apiLab({ snapshot });
    const text = (await app.inject("/metrics")).body;
    expect(text).toContain('trunkline_trunk_up{trunk="sbc"} 0');
    expect(text).toContain('trunkline_trunk_registered{trunk="sbc"} 0');
    expect(text).not.toContain('{trunk="connect"}');
  });
});
