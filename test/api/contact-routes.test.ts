import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import type { ContactSources } from "../../src/ports/contact-sources.ts";
import { apiLab } from "../support/api-lab.ts";

const READER = "0123456789reader";
const OPERATOR = "0123456789operator";

async function lab(changes: Partial<ContactSources> = {}) {
  const followed: string[] = [];
  const contacts: ContactSources = {
    follow: async (contactId, source) => void followed.push(`${contactId} ${source}`),
    unfollow: async (contactId) => contactId === "c-1",
    list: () => [{ contactId: "c-1", startedAtMs: Date.UTC(2026, 0, 1), utterances: 3 }],
    ...changes,
  };
  const tokens = [
    { name: "r", token: READER, role: "read" as const },
    { name: "o", token: OPERATOR, role: "operate" as const },
  ];
  const { app } = await apiLab({ contacts, tokens });
  const ask = (
    method: "GET" | "POST" | "DELETE",
    url: string,
    token = OPERATOR,
    payload?: object,
  ) =>
    app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}` },
      ...(payload === undefined ? {} : { payload }),
    });
  return { ask, followed };
}

describe("/assist/contacts", () => {
  it("follows a contact by the source that is named", async () => {
    const { ask, followed } = await lab();
    for (const source of ["contactLens", "chatStreaming"]) {
      const answer = await ask("POST", "/assist/contacts", OPERATOR, { contactId: "c-1", source });
      expect([answer.statusCode, answer.json()]).toEqual([
        202,
        { contactId: "c-1", topic: "assist/c-1" },
      ]);
    }
    expect(followed).toEqual(["c-1 contactLens", "c-1 chatStreaming"]);
  });

  it.each([
    [{}],
    [{ contactId: "c-1" }],
    [{ contactId: "../calls", source: "contactLens" }],
    [{ contactId: "c-1", source: "telepathy" }],
    [{ contactId: "c-1", source: "contactLens", more: 1 }],
  ])("answers 400 to %j", async (payload) => {
    const { ask, followed } = await lab();
    expect((await ask("POST", "/assist/contacts", OPERATOR, payload)).statusCode).toBe(400);
    expect(followed).toEqual([]);
  });

  it.each([
    ["CONTACT_SOURCE_OFF", 409],
    ["CONTACT_NOT_CHAT", 409],
    ["CONTACTS_FULL", 503],
    ["CONTACT_STREAMING_FAILED", 502],
  ] as const)("answers %s with %d and the reason", async (code, status) => {
    const refused = new GatewayError(code, { reason: "in words" });
    const { ask } = await lab({ follow: () => Promise.reject(refused) });
    const payload = { contactId: "c-1", source: "chatStreaming" };
    const answer = await ask("POST", "/assist/contacts", OPERATOR, payload);
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
    expect(answer.json().error.message).toContain("in words");
  });

  it("lists what is followed, and ends it", async () => {
    const { ask } = await lab();
    expect((await ask("GET", "/assist/contacts", READER)).json()).toEqual({
      contacts: [{ contactId: "c-1", startedAt: "2026-01-01T00:00:00.000Z", utterances: 3 }],
    });
    expect((await ask("DELETE", "/assist/contacts/c-1")).statusCode).toBe(204);
    expect((await ask("DELETE", "/assist/contacts/c-2")).statusCode).toBe(404);
  });

  it("lets readers look only", async () => {
    const { ask, followed } = await lab();
    const payload = { contactId: "c-1", source: "contactLens" };
    expect((await ask("POST", "/assist/contacts", READER, payload)).statusCode).toBe(403);
    expect((await ask("DELETE", "/assist/contacts/c-1", READER)).statusCode).toBe(403);
    expect(followed).toEqual([]);
  });
});
