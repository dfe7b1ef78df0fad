/** One-contact tokens, and the route that gives them. */
import { describe, expect, it } from "vitest";
import { AssistTokens } from "../../../src/api/assist/assist-tokens.ts";
import { apiLab } from "../../support/api-lab.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const contact = { kind: "contact", id: "c-1" } as const;

describe("a one-contact token", () => {
  it("names its contact until it expires", async () => {
    const clock = new VirtualClock();
    const tokens = new AssistTokens({ secret: "s", clock });
    const { token, expiresAtMs } = tokens.issue(contact, 60);
    expect(expiresAtMs).toBe(clock.wallMs() + 60_000);
    await clock.advanceMs(59_999);
    expect(tokens.read(token)).toEqual({ subject: contact, expiresAtMs });
    await clock.advanceMs(1);
    expect(tokens.read(token)).toBeUndefined();
  });

  it("is refused when anything of it was changed, or another secret made it", () => {
    const clock = new VirtualClock();
    const tokens = new AssistTokens({ secret: "s", clock });
    const { token } = tokens.issue(contact, 60);
    const [version, claims = "", signature] = token.split(".");
    const other = new AssistTokens({ secret: "t", clock }).issue(contact, 60).token;
    const forged = Buffer.from(claims, "base64url").toString().replace("c-1", "c-2");
    const wrong = [
      "",
      ".",
      "..",
      "a1..",
      other,
      `${token}.x`,
      `${version}.${claims}.`,
      `${version}.${claims}`,
      `a2.${claims}.${signature}`,
      `${version}.${Buffer.from(forged).toString("base64url")}.${signature}`,
      token.slice(0, -4),
      `${token}${"A".repeat(2000)}`,
    ];
    expect(wrong.map((text) => tokens.read(text))).toEqual(wrong.map(() => undefined));
  });
});

describe("POST /assist/tokens", () => {
  const post = { method: "POST", url: "/assist/tokens" } as const;

  it("gives a token for a contact or a call", async () => {
    const { app, clock, options } = await apiLab();
    const tokens = new AssistTokens({ secret: options.assist.tokenSecret, clock });
    const payloads = [{ contactId: "c-1", ttlSeconds: 60 }, { callId: "call-a" }];
    const answers = await Promise.all(payloads.map((payload) => app.inject({ ...post, payload })));
    const grants = answers.map((answer) => tokens.read(answer.json().token)?.subject);
    expect(grants).toEqual([contact, { kind: "call", id: "call-a" }]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
    expect(answers[0]?.json().expiresAt).toBe("2026-01-01T00:01:00.000Z");
  });

  it("wants one of them, a sensible time and the role operate", async () => {
    const tokens = [{ token: "a-token-for-reading", role: "read" }] as const;
    const { app } = await apiLab({ tokens });
    const headers = { authorization: "Bearer a-token-for-reading" };
    const payload = { contactId: "c-1" };
    expect((await app.inject({ ...post, payload })).statusCode).toBe(401);
    expect((await app.inject({ ...post, payload, headers })).statusCode).toBe(403);
    const open = await apiLab();
    for (const wrong of [{}, { contactId: "a", callId: "b" }, { ...payload, ttlSeconds: 0 }]) {
      expect((await open.app.inject({ ...post, payload: wrong })).statusCode).toBe(400);
    }
    expect((await open.app.inject({ method: "GET", url: "/assist/tokens" })).statusCode).toBe(405);
  });
});

describe("GET /assist/access", () => {
  const get = { method: "GET", url: "/assist/access" } as const;
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  it("says what a token opens, and until when", async () => {
    const { app, clock, options } = await apiLab({
      tokens: [{ token: "a-token-for-reading", role: "read" }],
    });
    const tokens = new AssistTokens({ secret: options.assist.tokenSecret, clock });
    const { token } = tokens.issue(contact, 60);
    expect((await app.inject({ ...get, ...bearer(token) })).json()).toEqual({
      opens: "contact",
      id: contact.id,
      expiresAt: "2026-01-01T00:01:00.000Z",
    });
    const all = await app.inject({ ...get, ...bearer("a-token-for-reading") });
    expect(all.json()).toEqual({ opens: "all", id: null, expiresAt: null });
    await clock.advanceMs(60_000);
    expect((await app.inject({ ...get, ...bearer(token) })).statusCode).toBe(401);
    expect((await app.inject(get)).statusCode).toBe(401);
  });

  it("says that there is no room, and needs no token where the API needs none", async () => {
    const open = await apiLab();
    expect((await open.app.inject(get)).json().opens).toBe("all");
    open.options.assist.hub.close();
    const full = await open.app.inject(get);
    expect([full.statusCode, full.json().error.code]).toEqual([503, "API_FULL"]);
  });
});
