/** Calls in progress over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { asCallId } from "../../src/core/ids.ts";
import type { CallOrder } from "../../src/ports/call-placer.ts";
import { apiLab } from "../support/api-lab.ts";

let lab: Awaited<ReturnType<typeof apiLab>>;

beforeEach(async () => {
  lab = await apiLab();
});

afterEach(() => lab.app.close());

describe("calls in progress", () => {
  it("are listed in short", async () => {
    lab.directory.add("a");
    const response = await lab.app.inject("/calls");
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      calls: [
        {
          callId: "a",
          state: "talking",
          direction: "inbound",
          phoneNumber: "+15550100199",
          calledNumber: "agent",
          contactId: null,
          trunk: null,
          flow: "agent",
          mode: "agent",
          model: "local",
          start: "2026-01-02T03:04:05.000Z",
          answered: "2026-01-02T03:04:05.020Z",
        },
      ],
    });
  });

  it("are shown with what was said so far", async () => {
    lab.directory.add("a");
    const call = (await lab.app.inject("/calls/a")).json();
    expect(call.transcript[0]).toEqual({
      speaker: "caller",
      text: "what are your opening hours",
      at: "2026-01-02T03:04:07.000Z",
    });
    expect(call.turns[0]).toMatchObject({ responseMs: 420, interrupted: true });
  });

  it("are hung up", async () => {
    lab.directory.add("a");
    const response = await lab.app.inject({ method: "DELETE", url: "/calls/a" });
    expect([response.statusCode, response.json()]).toEqual([202, { callId: "a" }]);
    expect(lab.directory.calls.size).toBe(0);
  });

  it("are dumped", async () => {
    lab.directory.add("a");
    expect((await lab.app.inject("/calls/a/dump")).json()).toEqual({
      legs: [{ jitter: { held: 0 } }],
    });
  });

  it.each([
    ["GET", "/calls/nobody"],
    ["GET", "/calls/nobody/dump"],
    ["DELETE", "/calls/nobody"],
  ] as const)("%s %s answers 404 and says where ended calls are", async (method, url) => {
    const response = await lab.app.inject({ method, url });
    expect(response.statusCode).toBe(404);
    expect(response.json().error).toEqual({
      code: "API_NOT_FOUND",
      message: expect.stringContaining("/call-logs?sessionId="),
    });
  });
});

describe("POST /calls", () => {
  const post = (app: Awaited<ReturnType<typeof apiLab>>["app"], payload: object) =>
    app.inject({ method: "POST", url: "/calls", payload });

  it("places the call and says its id", async () => {
    const orders: CallOrder[] = [];
    const placer = {
      place: (order: CallOrder) => {
        orders.push(order);
        return asCallId("c-1");
      },
    };
    const { app } = await apiLab({ placer });
    const answer = await post(app, { to: "+4930123456", flow: "agent", attributes: { a: "b" } });
    expect([answer.statusCode, answer.json()]).toEqual([202, { callId: "c-1" }]);
    expect(orders).toEqual([
      { to: "+4930123456", flow: "agent", trunk: undefined, attributes: { a: "b" } },
    ]);
  });

  it("says in plain words why a call is not placed", async () => {
    const placer = {
      place: () => {
        throw new GatewayError("CALL_DESTINATION_DENIED", { reason: "premium, by +49900" });
      },
    };
    const { app } = await apiLab({ placer });
    const answer = await post(app, { to: "+4990012345", flow: "agent" });
    expect([answer.statusCode, answer.json()]).toEqual([
      403,
      {
        error: {
          code: "CALL_DESTINATION_DENIED",
          message: "The trunk may not call this destination: premium, by +49900.",
        },
      },
    ]);
  });

  it.each([
    {},
    { to: "+4930123456" },
    { to: "", flow: "agent" },
    { to: "+49", flow: "agent", from: "me" },
    { to: "+49", flow: "agent", attributes: { "a b": "c" } },
  ])("takes no %j", async (payload) => {
    const { app } = await apiLab();
    expect((await post(app, payload)).statusCode).toBe(400);
  });
});
