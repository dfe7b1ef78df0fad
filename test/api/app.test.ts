/** What holds for every path: health, errors, access, documentation. */
import { afterEach, describe, expect, it } from "vitest";
import type { ApiOptions } from "../../src/api/options.ts";
import { apiLab } from "../support/api-lab.ts";

const TOKENS: ApiOptions["tokens"] = [
  { token: "read-token", role: "read" },
  { token: "operate-token", role: "operate" },
];

const opened: { close: () => Promise<unknown> }[] = [];

async function open(changes: Partial<ApiOptions> = {}) {
  const lab = await apiLab(changes);
  opened.push(lab.app);
  return lab;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((app) => app.close()));
});

describe("health", () => {
  it("says that the process works, for how long, and how its parts are", async () => {
    const { app, clock, directory } = await open();
    directory.add("a");
    await clock.advanceMs(1500);
    expect((await app.inject("/health")).json()).toEqual({
      status: "ok",
      version: "1.2.3",
      uptimeMs: 1500,
      callsActive: 1,
      draining: false,
      gateway: { callsActive: 1, timersPending: 0 },
    });
  });

  it("is not ready while it drains, or while another part says so, but lives", async () => {
    let reason: string | undefined;
    const { app, directory } = await open({ notReady: () => reason });
    const ready = async () => {
      const response = await app.inject("/ready");
      return [response.statusCode, response.json()];
    };
    expect(await ready()).toEqual([200, { ready: true, reason: null }]);
    reason = "the link to the SIP server is down";
    expect(await ready()).toEqual([503, { ready: false, reason }]);
    directory.draining = true;
    expect(await ready()).toEqual([
      503,
      { ready: false, reason: expect.stringContaining("draining") },
    ]);
    expect((await app.inject("/health")).statusCode).toBe(200);
  });

  it("serves its metrics as Prometheus reads them", async () => {
    const { app, directory } = await open();
    directory.add("a");
    const response = await app.inject("/metrics");
    expect(response.headers["content-type"]).toContain("text/plain; version=0.0.4");
    expect(response.body.split("\n")).toContain("trunkline_calls_active 1");
  });
});

describe("errors", () => {
  it("have one shape on an unknown path", async () => {
    const { app } = await open();
    const response = await app.inject("/nothing");
    expect([response.statusCode, response.json()]).toEqual([
      404,
      { error: { code: "API_NOT_FOUND", message: expect.stringContaining("/docs") } },
    ]);
  });

  it.each([
    ["POST", "/health", "GET, HEAD"],
    ["PUT", "/calls", "GET, POST, HEAD"],
    ["POST", "/calls/a", "GET, DELETE, HEAD"],
    ["DELETE", "/call-logs", "GET, HEAD"],
    ["OPTIONS", "/calls/a", "GET, DELETE, HEAD"],
  ] as const)("answer %s %s with 405 and Allow", async (method, url, allow) => {
    const { app } = await open();
    const response = await app.inject({
      method,
      url,
      headers: { "content-type": "application/x-odd" },
      payload: "x",
    });
    expect([response.statusCode, response.headers["allow"]]).toEqual([405, allow]);
    expect(response.json().error.code).toBe("API_METHOD_NOT_ALLOWED");
    expect(response.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("say nothing about what broke inside, and log it", async () => {
    const { app, directory, logger } = await open();
    directory.list = () => {
      throw new Error("secret detail");
    };
    const response = await app.inject("/calls");
    expect([response.statusCode, response.json()]).toEqual([
      500,
      { error: { code: "API_FAILED", message: "The HTTP request failed inside the gateway." } },
    ]);
    expect(logger.lines).toMatchObject([{ level: "error", fields: { route: "/calls" } }]);
  });

  it.each(["/calls/%E0%A4%A", `/calls/${"x".repeat(300)}`])(
    "keep their shape for the bad path %s",
    async (url) => {
      const { app } = await open();
      const response = await app.inject(url);
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      expect(response.statusCode).toBeLessThan(500);
      expect(Object.keys(response.json())).toEqual(["error"]);
    },
  );
});

describe("access", () => {
  it("is open on loopback without tokens", async () => {
    const { app } = await open();
    expect((await app.inject("/calls")).statusCode).toBe(200);
  });

  it.each(["0.0.0.0", "::", "10.1.2.3", "gateway.example"])(
    "refuses to be open on %s",
    async (host) => {
      await expect(apiLab({ host })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("http.tokens"),
      });
    },
  );

  it("refuses an empty token", async () => {
    await expect(apiLab({ tokens: [{ token: " ", role: "read" }] })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });

  it.each([
    ["GET", "/calls", undefined, 401],
    ["GET", "/calls", "Bearer wrong", 401],
    ["GET", "/calls", "Basic cmVhZC10b2tlbg==", 401],
    ["GET", "/calls", "Bearer read-token", 200],
    ["GET", "/calls", "bearer operate-token", 200],
    ["GET", "/metrics", undefined, 401],
    ["GET", "/nothing", undefined, 401],
    ["DELETE", "/calls/a", "Bearer read-token", 403],
    ["DELETE", "/calls/a", "Bearer operate-token", 202],
    ["GET", "/health", undefined, 200],
    ["GET", "/ready", undefined, 200],
    ["GET", "/docs/json", undefined, 200],
  ] as const)("with tokens answers %s %s as %s with %i", async (method, url, sent, status) => {
    const { app, directory } = await open({ host: "0.0.0.0", tokens: TOKENS });
    directory.add("a");
    const headers = {
      host: "gateway:8080",
      ...(sent === undefined ? {} : { authorization: sent }),
    };
    const response = await app.inject({ method, url, headers });
    expect(response.statusCode).toBe(status);
    expect(response.headers["www-authenticate"]).toBe(status === 401 ? "Bearer" : undefined);
  });

  it("shows the parts of the gateway in /health only to whoever may read", async () => {
    const { app } = await open({ tokens: TOKENS });
    expect((await app.inject("/health")).json().gateway).toBeUndefined();
    const headers = { authorization: "Bearer read-token" };
    expect((await app.inject({ url: "/health", headers })).json().gateway).toBeDefined();
  });

  it.each([
    ["localhost:8080", 200],
    ["127.0.0.1", 200],
    ["127.8.9.1:80", 200],
    ["[::1]:8080", 200],
    ["LOCALHOST", 200],
    ["console.example:8080", 200],
    ["evil.example", 403],
    ["127.0.0.1.evil.example", 403],
    ["192.168.1.4:8080", 403],
  ])("on loopback answers the Host %j with %i", async (host, status) => {
    const { app } = await open({ allowedHosts: ["console.example"] });
    const response = await app.inject({ url: "/calls", headers: { host } });
    expect(response.statusCode).toBe(status);
  });

  it.each([
    [undefined, 202],
    ["http://127.0.0.1:8080", 202],
    ["http://evil.example", 403],
    ["http://127.0.0.1:9999", 403],
    ["null", 403],
  ])("takes a change from the origin %s with %i", async (origin, status) => {
    const { app, directory } = await open();
    directory.add("a");
    const headers = { host: "127.0.0.1:8080", ...(origin === undefined ? {} : { origin }) };
    const response = await app.inject({ method: "DELETE", url: "/calls/a", headers });
    expect(response.statusCode).toBe(status);
  });
});

describe("documentation", () => {
  it("describes every path and no refused method", async () => {
    const { app } = await open();
    const document = (await app.inject("/docs/json")).json();
    const methods = Object.fromEntries(
      Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item as object)]),
    );
    expect(methods).toEqual({
      "/assist/sns": ["post"],
      "/processChat": ["post", "options"],
      "/health": ["get"],
      "/.well-known/agent-card.json": ["get"],
      "/assist/access": ["get"],
      "/assist/contacts": ["post", "get"],
      "/assist/contacts/{id}": ["delete"],
      "/assist/settings": ["get"],
      "/assist/tokens": ["post"],
      "/ready": ["get"],
      "/trunks": ["get"],
      "/metrics": ["get"],
      "/calls": ["post", "get"],
      "/calls/{id}": ["get", "delete"],
      "/calls/{id}/dump": ["get"],
      "/calls/{id}/roles": ["post"],
      "/calls/{id}/say": ["post"],
      "/calls/{id}/recording": ["post"],
      "/calls/{id}/mute": ["post"],
      "/calls/{id}/dtmf": ["post"],
      "/calls/{id}/inject": ["post"],
      "/call-logs": ["get"],
      "/contacts": ["post"],
    });
    const names = document.paths["/call-logs"].get.parameters.map(
      ({ name }: { name: string }) => name,
    );
    expect(names).toEqual([
      "sessionId",
      "phoneNumber",
      "contactId",
      "from",
      "to",
      "cursor",
      "limit",
    ]);
  });

  it("is a page", async () => {
    const { app } = await open();
    const response = await app.inject("/docs/");
    expect(response.headers["content-type"]).toContain("text/html");
  });
});
