/** Who takes a recording session, and what takes none. */
import { describe, expect, it } from "vitest";
import { planCall, planFlow } from "../../src/app/call-planner.ts";
import { type CallPlan, isRecording } from "../../src/call/call-plan.ts";
import { type Flow, flowSchema } from "../../src/call/flow.ts";
import { type Route, RouteTable } from "../../src/call/route-table.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { noMetrics } from "../../src/core/metrics.ts";
import { FakeCaller, type FakeInvite } from "../support/fake-signaling.ts";
import { FakeWebhook } from "../support/fake-webhook.ts";
import { recordingBody, recordingSdp, recordingXml } from "../support/recording-client.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const callId = asCallId("a");
const SDP = recordingSdp([{ label: "1", port: 4000 }]);
const BODY = recordingBody(SDP, recordingXml([{ id: "pat", label: "1" }]));
const FLOWS: ReadonlyMap<string, Flow> = new Map([
  ["agent", flowSchema.parse({ model: "local" })],
  ["assist", flowSchema.parse({ mode: "assist", ears: { phrases: ["my order"] } })],
  ["sales", flowSchema.parse({ mode: "assist", ears: { model: "openai" }, maxCallSeconds: 60 })],
]);

function optionsOf(routes: readonly Route[], flows = FLOWS) {
  return {
    clock: new VirtualClock(),
    logger: silentLogger,
    metrics: noMetrics,
    webhook: new FakeWebhook(),
    help: undefined,
    routes: new RouteTable(routes, new Set(["local", "openai"])),
    flows,
    apologyModel: "local",
    readyTimeoutMs: 1000,
  };
}

function planOf(
  invite: Partial<FakeInvite>,
  routes: readonly Route[] = [],
  flows = FLOWS,
): CallPlan {
  const invitation = new FakeCaller(1, { to: "echo", offer: undefined, ...invite });
  const parties = { callingNumber: "", calledNumber: invitation.calledUser, attributes: {} };
  const call = { callId, direction: "inbound", invitation, trunk: undefined, parties } as const;
  return planCall(optionsOf(routes, flows), call);
}

function listenerOf({ flow, service, maxCallMs }: CallPlan) {
  return { flow, model: service.model, listens: isRecording(service), maxCallMs };
}

describe("a recording session", () => {
  it.each([
    ["by its body", { body: BODY }],
    ["by Require", { offer: SDP, headers: { Require: "siprec" } }],
    ["by its Contact", { offer: SDP, headers: { Contact: "<sip:a@192.0.2.1>;+sip.src" } }],
  ])("is known %s, whatever was dialled", (_how, invite) => {
    const plan = planOf(invite);
    const hour = 3_600_000;
    const expected = { flow: "assist", model: "local", listens: true, maxCallMs: hour };
    expect(listenerOf(plan)).toEqual(expected);
  });

  it("goes where a route sends it, to the model that the route names", () => {
    const sales = { flow: "sales", listens: true, maxCallMs: 60_000 };
    expect(listenerOf(planOf({ body: BODY }, [{ match: {}, flow: "sales" }]))).toEqual({
      ...sales,
      model: "openai",
    });
    const named = [{ match: {}, flow: "sales", model: "local" }];
    expect(listenerOf(planOf({ body: BODY }, named))).toEqual({ ...sales, model: "local" });
  });

  it.each(["agent", "echo"])("is refused with 415 where a route sends it to %s", (flow) => {
    expect(() => planOf({ body: BODY }, [{ match: {}, flow }])).toThrow(
      expect.objectContaining({ code: "SIP_BODY_NOT_TAKEN", sipStatus: 415 }),
    );
  });

  it("is refused with 404 where nothing listens", () => {
    const flows = new Map([...FLOWS].filter(([name]) => name === "agent"));
    expect(() => planOf({ body: BODY }, [], flows)).toThrow(
      expect.objectContaining({ code: "ROUTE_NOT_FOUND" }),
    );
  });
});

describe("a flow that listens", () => {
  it("listens to an ordinary call that a route sends there", () => {
    const plan = planOf({ to: "x", offer: SDP }, [{ match: {}, flow: "assist" }]);
    expect(listenerOf(plan).listens).toBe(true);
  });

  it("calls nobody", () => {
    const question = { callId, flow: "assist", model: undefined, attributes: {} };
    expect(() => planFlow(optionsOf([]), question)).toThrow(
      expect.objectContaining({ code: "ROUTE_NOT_FOUND" }),
    );
  });
});
