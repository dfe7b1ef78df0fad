/** Roles corrected over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { asCallId } from "../../src/core/ids.ts";
import { apiLab } from "../support/api-lab.ts";

const TOKENS = [
  { token: "reader", role: "read" as const },
  { token: "operator", role: "operate" as const },
];
let lab: Awaited<ReturnType<typeof apiLab>>;

beforeEach(async () => {
  lab = await apiLab({ tokens: TOKENS });
  const call = lab.directory.add("a");
  const [role, because, name] = ["unknown" as const, "no rule fits", undefined];
  lab.directory.calls.set(asCallId("a"), {
    ...call,
    participants: [{ id: "1", role, because, name }],
  });
});

afterEach(() => lab.app.close());

const post = (payload: object, { id = "a", token = "operator" } = {}) =>
  lab.app.inject({
    method: "POST",
    url: `/calls/${id}/roles`,
    payload,
    headers: { authorization: `Bearer ${token}` },
  });

describe("POST /calls/ID/roles", () => {
  it("corrects a role and answers who is who then", async () => {
    const answer = await post({ participantId: "1", role: "agent" });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        callId: "a",
        participants: [{ id: "1", role: "agent", because: "by hand", name: null }],
      },
    ]);
    expect(lab.directory.corrections).toEqual([{ participantId: "1", role: "agent" }]);
  });

  it.each([
    [{ participantId: "1" }, "role"],
    [{ participantId: "1", role: "model" }, "role"],
    [{ participantId: "", role: "agent" }, "participantId"],
    [{ participantId: "x".repeat(129), role: "agent" }, "participantId"],
    [{ participantId: "1", role: "agent", because: "me" }, "because"],
  ])("is told what is wrong about %j", async (payload, field) => {
    const answer = await post(payload);
    expect([answer.statusCode, answer.json().error.message.includes(field)]).toEqual([400, true]);
    expect(lab.directory.corrections).toEqual([]);
  });

  it("wants the role operate, and a call in progress", async () => {
    const correction = { participantId: "1", role: "agent" };
    expect((await post(correction, { token: "reader" })).statusCode).toBe(403);
    expect((await post(correction, { token: "nobody" })).statusCode).toBe(401);
    expect((await post(correction, { id: "b" })).statusCode).toBe(404);
  });

  it.each([
    ["CALL_NOT_RECORDED", 409],
    ["CALL_PARTICIPANT_UNKNOWN", 404],
  ] as const)("answers %s with %d", async (code, status) => {
    lab.directory.failure = new GatewayError(code);
    const answer = await post({ participantId: "1", role: "agent" });
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
  });
});
