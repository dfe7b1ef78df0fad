/** The pages over HTTP: what they may load, how long they may be kept, and what is said where they were not built. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApiOptions } from "../../src/api/options.ts";
import { apiLab } from "../support/api-lab.ts";

let folder: string;
let lab: Awaited<ReturnType<typeof apiLab>> | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pages-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "assist.html"), "<!doctype html><title>assist</title>");
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>index</title>");
  writeFileSync(join(folder, "icon.svg"), "<svg/>");
  writeFileSync(join(folder, "assets", "assist-h4sh.js"), "export {};");
  writeFileSync(join(folder, ".secret"), "no");
});

afterEach(async () => {
  await lab?.app.close();
  rmSync(folder, { recursive: true });
});

async function get(url: string, changes: Partial<ApiOptions> = {}, headers = {}) {
  lab ??= await apiLab({ pagesFolder: folder, ...changes });
  return lab.app.inject({ url, headers });
}

afterEach(() => {
  lab = undefined;
});

const TOKENS = [{ token: "secret-of-an-operator", role: "operate" as const }];

describe("the pages of the gateway", () => {
  it("need no token, where everything else does", async () => {
    const page = await get("/assist", { tokens: TOKENS });
    expect([page.statusCode, page.body.includes("<title>assist")]).toEqual([200, true]);
    expect((await get("/")).body).toContain("<title>index");
    expect((await get("/web/assets/assist-h4sh.js")).statusCode).toBe(200);
    expect((await get("/calls")).statusCode).toBe(401);
  });

  it("may load from the gateway only, be framed by Connect and whoever may connect, and frame HTTPS", async () => {
    const origins = ["https://crm.example.com"];
    const hub = (await apiLab()).options.assist;
    const page = await get("/assist", { assist: { ...hub, origins } }, { host: "127.0.0.1:8080" });
    const policy = String(page.headers["content-security-policy"]);
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self' ws://127.0.0.1:8080 wss://127.0.0.1:8080",
      "frame-src https:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self' https://*.my.connect.aws https://crm.example.com",
    ]);
    expect(page.headers["x-content-type-options"]).toBe("nosniff");
    expect(page.headers["referrer-policy"]).toBe("no-referrer");
  });

  it("may frame a contact control panel on this machine where the gateway is configured with one", async () => {
    const { assist } = (await apiLab()).options;
    const ccp = { url: "http://127.0.0.1:9999/ccp-v2", region: "us-east-1" };
    const page = await get("/assist", { assist: { ...assist, ccp } });
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toContain("frame-src https: http://127.0.0.1:9999; ");
  });

  it("are told without a token which contact control panel to show, and whose tokens to take", async () => {
    const { assist } = (await apiLab()).options;
    const ccp = { url: "https://acme.my.connect.aws/ccp-v2" };
    const origins = ["https://crm.example.com"];
    const told = await get("/assist/settings", {
      assist: { ...assist, ccp, origins },
      tokens: TOKENS,
    });
    expect(told.json()).toEqual({ ccp: { ...ccp, region: null }, tokenOrigins: origins });
  });

  it("let no Host header write into their policy", async () => {
    const page = await get("/assist", { tokens: TOKENS }, { host: "a.example; script-src *" });
    expect(page.headers["content-security-policy"]).not.toContain("script-src *");
    expect(page.headers["content-security-policy"]).toContain("connect-src 'self';");
  });

  it("are asked for anew each time, their hashed files never again", async () => {
    expect((await get("/assist")).headers["cache-control"]).toBe("no-cache");
    expect((await get("/web/icon.svg")).headers["cache-control"]).toBe("no-cache");
    expect((await get("/web/assets/assist-h4sh.js")).headers["cache-control"]).toBe(
      "public, max-age=31536000, immutable",
    );
  });

  it.each([
    "/web/../package.json",
    "/web/%2e%2e/package.json",
    "/web/.secret",
    "/web/none.js",
    "/web/assets/none.js",
  ])("give nothing for %s", async (url) => {
    const answer = await get(url);
    expect([403, 404]).toContain(answer.statusCode);
    expect(answer.headers["cache-control"] ?? "").not.toContain("immutable");
  });

  it("take GET only", async () => {
    const answer = await get("/assist");
    expect(answer.statusCode).toBe(200);
    const refused = await lab?.app.inject({ method: "DELETE", url: "/assist" });
    expect([refused?.statusCode, refused?.headers["allow"]]).toEqual([405, "GET, HEAD"]);
  });

  it.each(["/", "/assist", "/web/assets/assist-h4sh.js"])(
    "say what to do where they were not built: %s",
    async (url) => {
      const answer = await get(url, { pagesFolder: join(folder, "not-built") });
      expect([answer.statusCode, answer.headers["cache-control"]]).toEqual([503, "no-store"]);
      expect(answer.json().error).toMatchObject({
        code: "API_PAGES_MISSING",
        message: expect.stringContaining("npm run build"),
      });
    },
  );
});
