/** Calls of ours through the whole gateway on virtual time. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentService } from "../../src/call/agent-service.ts";
import { DEFAULT_FAREWELL } from "../../src/call/flow.ts";
import { OutboundCalls } from "../../src/call/outbound/outbound-calls.ts";
import { GatewayError } from "../../src/core/errors.ts";
import type { CallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { OutboundInvitation, SipDialog } from "../../src/ports/signaling-server.ts";
import { answer } from "../../src/sdp/offer-answer.ts";
import { FakeCaller } from "../support/fake-signaling.ts";
import type { RtpPeer } from "../support/rtp-peer.ts";
import { Scenario } from "../support/scenario.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { trunkNamed } from "../support/trunk-named.ts";

const TRUNK = trunkNamed("office", {
  host: "sbc.example",
  digest: { outbound: { username: "gw", password: "p" } },
  destinations: { allow: ["DE"], deny: [] },
  maxCalls: 1,
});
const ORDER = {
  to: "+49301234567",
  flow: "agent",
  trunk: undefined,
  attributes: { customer: "4711" },
};

let scenario: Scenario;
let calls: OutboundCalls;
let phone: RtpPeer;
let callee: FakeCaller | undefined;

beforeEach(async () => {
  scenario = new Scenario();
  await scenario.start();
  phone = await scenario.phone();
  callee = undefined;
  calls = new OutboundCalls({
    clock: scenario.clock,
    random: new SeededRandom(9),
    logger: silentLogger,
    metrics: scenario.metrics,
    trunks: [TRUNK],
    isDown: () => false,
    signaling: scenario.signaling,
    calls: scenario.registry,
    limits: { maxCalls: 5, ringMs: 20_000 },
    plan: ({ flow }, callId) => ({ flow, service: agent(callId), maxCallMs: 600_000 }),
  });
});

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

function agent(callId: CallId): AgentService {
  return new AgentService({
    callId,
    plan: {
      model: "agent",
      instructions: "",
      voice: undefined,
      greeting: undefined,
      tools: [],
      attributes: [],
      dialogue: undefined,
    },
    lastWords: {
      model: "apology",
      text: DEFAULT_FAREWELL,
      whenUnreachable: "apologise",
      transfers: {},
    },
    clock: scenario.clock,
    logger: silentLogger,
    metrics: scenario.metrics,
    webhook: scenario.webhook,
    readyTimeoutMs: 8000,
  });
}

/** The phone answers, with audio where the offer wants it. */
function picksUp({ sdp }: OutboundInvitation): Promise<SipDialog> {
  const transports = [{ address: phone.address, port: phone.port, rtcpPort: phone.port + 1 }];
  const agreed = answer(sdp, { sessionId: "1", sessionVersion: 1, transports });
  callee = new FakeCaller(1, { offer: agreed.sdp });
  const { remoteAddress, remotePort } = agreed.audio;
  phone.connect(remoteAddress, remotePort);
  return Promise.resolve(callee);
}

/** Rings until it is given up. */
function rings({ signal }: OutboundInvitation): Promise<SipDialog> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new GatewayError("SIP_INVITATION_ENDED")));
  });
}

describe("a call of ours", () => {
  it("is placed, answered, talked to and ended by who was called", async () => {
    scenario.signaling.onPlaced = picksUp;
    const callId = calls.place(ORDER);
    expect(scenario.registry.find(callId)).toMatchObject({
      direction: "outbound",
      trunk: "office",
      calledNumber: "+49301234567",
    });
    await scenario.clock.advanceMs(500);
    expect(scenario.signaling.placed).toMatchObject([
      {
        uri: "sip:+49301234567@sbc.example;transport=udp",
        callingUser: "gw",
        credentials: { username: "gw" },
      },
    ]);
    expect(scenario.registry.find(callId)?.state).toBe("talking");
    phone.sendTone(3, 500);
    await scenario.clock.advanceMs(1000);
    callee?.hangUp();
    await scenario.clock.advanceMs(100);
    expect(scenario.records).toMatchObject([
      {
        callId,
        direction: "outbound",
        attributes: { customer: "4711" },
        verdict: { endedBy: "callee", outcome: "completed" },
      },
    ]);
    expect(scenario.records[0]?.stats?.packetsReceived).toBeGreaterThan(10);
  });

  it("that is refused says with what", async () => {
    scenario.signaling.onPlaced = () =>
      Promise.reject(new GatewayError("SIP_REQUEST_FAILED", { method: "INVITE", status: 486 }));
    calls.place(ORDER);
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]?.verdict).toEqual({
      endedBy: "callee",
      outcome: "refused",
      reason: "the call was refused with 486",
    });
  });

  it("that nobody answers is given up in time", async () => {
    scenario.signaling.onPlaced = rings;
    calls.place(ORDER);
    await scenario.clock.advanceMs(19_900);
    expect(scenario.records).toEqual([]);
    await scenario.clock.advanceMs(200);
    expect(scenario.records[0]?.verdict).toMatchObject({
      endedBy: "gateway",
      outcome: "cancelled",
      reason: expect.stringContaining("no answer within 20 s"),
    });
  });

  it("that rings is cancelled when an operator hangs it up", async () => {
    scenario.signaling.onPlaced = rings;
    const callId = calls.place(ORDER);
    await scenario.clock.advanceMs(100);
    expect(scenario.registry.hangUp(callId)).toBe(true);
    await scenario.clock.advanceMs(100);
    expect(scenario.signaling.placed[0]?.signal.aborted).toBe(true);
    expect(scenario.records[0]?.verdict.endedBy).toBe("operator");
  });

  it("answered without a codec of ours is ended", async () => {
    scenario.signaling.onPlaced = ({ sdp }) => {
      callee = new FakeCaller(1, {
        offer: sdp.replace(/m=audio (\d+).*/, "m=audio $1 RTP/AVP 99"),
      });
      return Promise.resolve(callee);
    };
    calls.place(ORDER);
    await scenario.clock.advanceMs(100);
    expect(callee?.byesReceived).toBe(1);
    expect(scenario.records[0]?.verdict.outcome).toBe("refused");
  });

  it.each([
    ["to a destination that no trunk allows", { to: "+442079460958" }, "notListed"],
    ["to a premium number", { to: "+499001234567" }, "premium"],
    ["to no number", { to: "112" }, "notANumber"],
    ["over an unknown trunk", { trunk: "nobody" }, "trunkUnknown"],
  ] as const)("%s is not placed, and counted", (_name, differing, outcome) => {
    expect(() => calls.place({ ...ORDER, ...differing })).toThrow(GatewayError);
    expect(scenario.signaling.placed).toEqual([]);
    expect(scenario.metrics.counts.get(`trunkline_outbound_calls_total ${outcome}`)).toBe(1);
  });

  it("is not placed over a trunk that is full, nor while draining", async () => {
    scenario.signaling.onPlaced = rings;
    calls.place(ORDER);
    expect(() => calls.place(ORDER)).toThrow(expect.objectContaining({ code: "CALL_TRUNK_FULL" }));
    const drained = scenario.registry.drain(50);
    expect(() => calls.place(ORDER)).toThrow(expect.objectContaining({ code: "CALL_DRAINING" }));
    await scenario.clock.advanceMs(200);
    await drained;
    expect(scenario.records[0]?.verdict.outcome).toBe("drained");
  });
});
