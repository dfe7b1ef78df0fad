import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import type { ChatAssistant, NotificationOutcome } from "../../src/ports/chat-assistant.ts";
import { adviceLab, ScriptedAdvisor } from "../support/advice-lab.ts";
import { apiLab, fakeAssistant } from "../support/api-lab.ts";

const ORIGIN = "https://ccp.example.com";

async function lab(assistant: ChatAssistant = adviceLab().assistant, tokens = false) {
  const list = tokens ? [{ token: "0123456789abcdef", role: "read" as const }] : [];
  const { app, clock, metrics } = await apiLab({ assistant, tokens: list });
  const post = (payload: string | object, headers: Readonly<Record<string, string>> = {}) =>
    app.inject({ method: "POST", url: "/processChat", payload, headers });
  return { app, clock, metrics, post };
}

describe("POST /processChat", () => {
  it("suggests an answer with its sources", async () => {
    const { post } = await lab();
    const answer = await post({ customerMessage: "What are your opening hours?" });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      suggestedAnswer: "We are open from Monday to Friday, 8 am to 8 pm. On Sunday we are closed.",
      sources: [
        {
          title: "Opening hours",
          uri: "opening-hours.md",
          excerpt: "We are open from Monday to Friday, 8 am to 8 pm. On Sunday we are closed.",
        },
      ],
      by: "local",
      notice: null,
    });
  });

  it("says null where nothing is known", async () => {
    const { post } = await lab();
    const answer = await post({ customerMessage: "Does your cat play the piano?" });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { suggestedAnswer: null, sources: [], by: "local", notice: null },
    ]);
  });

  it.each([
    ["no message", {}],
    ["an empty one", { customerMessage: "  " }],
    ["another type", { customerMessage: 5 }],
    ["too long a one", { customerMessage: "x".repeat(4001) }],
    ["an array", []],
    ["broken JSON", '{"customerMessage":'],
    ["nothing", ""],
  ])("answers 400 to %s", async (_what, payload) => {
    const { post, metrics } = await lab();
    const answer = await post(payload, { "content-type": "application/json" });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error.code).toBe("API_BAD_REQUEST");
    expect(await metrics.render()).toContain(
      'trunkline_assist_chat_refused_total{reason="badRequest"} 1',
    );
  });

  it("answers 413 to too large a body, 405 to other methods", async () => {
    const { app, post } = await lab();
    const large = await post({ customerMessage: "x", other: "y".repeat(70_000) });
    expect(large.statusCode).toBe(413);
    const get = await app.inject("/processChat");
    expect([get.statusCode, get.headers["allow"]]).toEqual([405, "POST, OPTIONS"]);
  });

  it("falls back on local knowledge when the model fails, and says so", async () => {
    const advisor = new ScriptedAdvisor();
    advisor.outcome = { kind: "failed", failure: "unreachable" };
    const { post } = await lab(adviceLab({ advisor }).assistant);
    const answer = await post({ customerMessage: "What are your opening hours?" });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ by: "local", notice: expect.stringContaining("model") });
  });

  it("answers 500 only when the model fails and nothing is known", async () => {
    const advisor = new ScriptedAdvisor();
    advisor.outcome = { kind: "failed", failure: "timedOut" };
    const { post } = await lab(adviceLab({ advisor }).assistant);
    const answer = await post({ customerMessage: "Does your cat play the piano?" });
    expect(answer.statusCode).toBe(500);
    expect(answer.json().error.code).toBe("ADVISOR_FAILED");
    expect(answer.body).not.toContain("piano");
  });

  it("bounds the rate of one address", async () => {
    const { post, clock } = await lab();
    const statuses: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      statuses.push((await post({ customerMessage: "hello" })).statusCode);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    await clock.advanceMs(1000);
    expect((await post({ customerMessage: "hello" })).statusCode).toBe(200);
  });

  it("needs a token where the API does", async () => {
    const { post } = await lab(undefined, true);
    const body = { customerMessage: "hello" };
    expect((await post(body)).statusCode).toBe(401);
    const authorization = "Bearer 0123456789abcdef";
    expect((await post(body, { authorization })).statusCode).toBe(200);
  });
});

describe("pages of other origins", () => {
  it("are told by OPTIONS that they may ask, without a token, when they are listed", async () => {
    const { app } = await lab(undefined, true);
    const ask = (origin: string) =>
      app.inject({ method: "OPTIONS", url: "/processChat", headers: { origin } });
    const listed = await ask(ORIGIN);
    expect([listed.statusCode, listed.body]).toEqual([204, ""]);
    expect(listed.headers).toMatchObject({
      "access-control-allow-origin": ORIGIN,
      "access-control-allow-methods": "POST, OPTIONS",
      vary: "Origin",
    });
    const other = await ask("https://evil.example.com");
    expect(other.statusCode).toBe(204);
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("may ask when they are listed, and read refusals too", async () => {
    const { post } = await lab();
    const taken = await post({ customerMessage: "hello" }, { origin: ORIGIN });
    expect([taken.statusCode, taken.headers["access-control-allow-origin"]]).toEqual([200, ORIGIN]);
    const wrong = await post({}, { origin: ORIGIN });
    expect([wrong.statusCode, wrong.headers["access-control-allow-origin"]]).toEqual([400, ORIGIN]);
  });

  it("are refused when they are not, and everywhere else", async () => {
    const { app, post } = await lab();
    const body = { customerMessage: "hello" };
    expect((await post(body, { origin: "https://evil.example.com" })).statusCode).toBe(403);
    expect((await post(body, { origin: "null" })).statusCode).toBe(403);
    const calls = await app.inject({ method: "POST", url: "/calls", headers: { origin: ORIGIN } });
    expect(calls.statusCode).toBe(403);
  });
});

describe("POST /assist/sns", () => {
  const send = async (assistant: ChatAssistant, payload: string, tokens = false) => {
    const { app } = await lab(assistant, tokens);
    const headers = { "content-type": "text/plain; charset=UTF-8" };
    return app.inject({ method: "POST", url: "/assist/sns", payload, headers });
  };

  it("takes what SNS signed, without a token", async () => {
    const { assistant, sns } = adviceLab();
    const answer = await send(assistant, sns.confirmation(), true);
    expect([answer.statusCode, answer.json()]).toEqual([200, { outcome: "confirmed" }]);
  });

  it.each([
    ["taken", 200],
    ["repeated", 200],
    ["ignored", 200],
    ["malformed", 400],
    ["topicRefused", 403],
    ["stale", 403],
    ["certificateRefused", 403],
    ["signatureWrong", 403],
    ["certificateFailed", 503],
    ["confirmationFailed", 503],
  ] as const)("answers what is %s with %d", async (outcome: NotificationOutcome, status) => {
    const answer = await send(fakeAssistant({ notify: async () => outcome }), "{}");
    expect(answer.statusCode).toBe(status);
  });

  it("refuses more than a message of SNS can be", async () => {
    const answer = await send(fakeAssistant(), "x".repeat(400_000));
    expect(answer.statusCode).toBe(413);
  });
});

describe("the description of the API", () => {
  it("has the paths of assistance", async () => {
    const { app } = await lab();
    const { paths } = (await app.inject("/docs/json")).json();
    expect(Object.keys(paths["/processChat"]).sort()).toEqual(["options", "post"]);
    expect(paths["/assist/sns"].post.tags).toEqual(["assist"]);
  });
});

describe("an assistant that breaks", () => {
  it("says nothing of why", async () => {
    const answer = async () => {
      throw new Error("secret words");
    };
    const { post, metrics } = await lab(fakeAssistant({ answer }));
    const broken = await post({ customerMessage: "hello" });
    expect([broken.statusCode, broken.json().error.code]).toEqual([500, "API_FAILED"]);
    expect(broken.body).not.toContain("secret");
    const failed = new GatewayError("ADVISOR_FAILED");
    expect(failed.sipStatus).toBe(500);
    expect(await metrics.render()).toContain('reason="failed"} 1');
  });
});
