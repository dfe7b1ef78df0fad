/** Ended calls over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiLab } from "../support/api-lab.ts";
import { callRecord, STARTED_AT_MS } from "../support/call-records.ts";

let lab: Awaited<ReturnType<typeof apiLab>>;

beforeEach(async () => {
  lab = await apiLab();
});

afterEach(() => lab.app.close());

async function sessionIds(query: string): Promise<string[]> {
  const response = await lab.app.inject(`/call-logs${query}`);
  expect([response.statusCode, query]).toEqual([200, query]);
  return response.json().calls.map(({ sessionId }: { sessionId: string }) => sessionId);
}

describe("call logs", () => {
  it("show all that is kept of a call", async () => {
    await lab.store.saveCall(
      callRecord("a", {
        contactId: "contact",
        trunk: "chime",
        attributes: { "X-Department": "sales" },
        streamArn: "arn:aws:kinesis",
        tools: [
          { name: "orders", kind: "webhook", atMs: STARTED_AT_MS + 1000, ms: 250, outcome: "done" },
        ],
      }),
    );
    expect((await lab.app.inject("/call-logs")).json()).toEqual({
      calls: [
        {
          sessionId: "a",
          sipCallId: "a@example.org",
          direction: "inbound",
          phoneNumber: "+15550100199",
          calledNumber: "agent",
          contactId: "contact",
          trunk: "chime",
          attributes: { "X-Department": "sales" },
          contact: null,
          flow: "agent",
          mode: "agent",
          model: "local",
          streamArn: "arn:aws:kinesis",
          start: "2026-01-02T03:04:05.000Z",
          answered: "2026-01-02T03:04:05.020Z",
          end: "2026-01-02T03:04:14.000Z",
          durationMs: 9000,
          verdict: { endedBy: "caller", outcome: "completed", reason: "the caller hung up" },
          transcript: [
            {
              speaker: "caller",
              text: "what are your opening hours",
              at: "2026-01-02T03:04:07.000Z",
            },
            {
              speaker: "model",
              text: "We are open from nine to five.",
              at: "2026-01-02T03:04:07.600Z",
            },
          ],
          modelResponses: ["We are open from nine to five."],
          interruptions: [{ at: "2026-01-02T03:04:10.000Z", playedMs: 1200, unheardMs: 800 }],
          turns: [
            {
              itemId: "item-1",
              source: "answer",
              model: null,
              lastCallerVoiceAt: "2026-01-02T03:04:07.000Z",
              turnEndedAt: null,
              firstModelAudioAt: "2026-01-02T03:04:07.400Z",
              firstPacketAt: "2026-01-02T03:04:07.420Z",
              endedAt: "2026-01-02T03:04:10.000Z",
              responseMs: 420,
              modelMs: null,
              gatewayMs: 20,
              waitedMs: 0,
              toolMs: null,
              playedMs: 1200,
              unheardMs: 800,
              interrupted: true,
              truncatedToMs: null,
              usage: null,
              costUsd: null,
            },
          ],
          models: [
            {
              model: "local",
              from: "2026-01-02T03:04:05.010Z",
              to: "2026-01-02T03:04:14.000Z",
              ended: "callEnded",
              code: null,
              reason: null,
            },
          ],
          tools: [
            {
              name: "orders",
              kind: "webhook",
              at: "2026-01-02T03:04:06.000Z",
              ms: 250,
              outcome: "done",
            },
          ],
          usage: [],
          stats: {
            packetsReceived: 450,
            packetsSent: 449,
            packetsLost: 1,
            packetsLate: 0,
            packetsRefused: 0,
            jitterMs: 0.5,
            roundTripMs: null,
            remoteLossFraction: null,
          },
        },
      ],
      nextCursor: null,
    });
  });

  it.each([
    ["?sessionId=b", ["b"]],
    ["?phoneNumber=%2B15550100122", ["b"]],
    ["?phoneNumber=+1 555 010 0122", ["b"]],
    ["?contactId=contact-a", ["a"]],
    ["?from=2026-01-02T03:04:06Z", ["b"]],
    ["?from=2026-01-02T04:04:06+01:00", ["b"]],
    ["?from=2026-01-02T04:04:06%2B01:00", ["b"]],
    [`?to=${STARTED_AT_MS + 1000}`, ["a"]],
    ["?from=2026-01-02&to=2026-01-03", ["b", "a"]],
    ["?from=2026-01-03", []],
  ])("are found by %s", async (query, expected) => {
    await lab.store.saveCall(callRecord("a", { contactId: "contact-a" }));
    await lab.store.saveCall(
      callRecord("b", { startedAtMs: STARTED_AT_MS + 1000, callingNumber: "+15550100122" }),
    );
    expect(await sessionIds(query)).toEqual(expected);
  });

  it("come page by page", async () => {
    for (let index = 0; index < 5; index += 1) {
      await lab.store.saveCall(callRecord(`c${index}`, { startedAtMs: STARTED_AT_MS + index }));
    }
    const seen: string[] = [];
    let cursor: string | null = "";
    do {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const page = (await lab.app.inject(`/call-logs?limit=2${query}`)).json();
      seen.push(...page.calls.map(({ sessionId }: { sessionId: string }) => sessionId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(["c4", "c3", "c2", "c1", "c0"]);
  });

  it.each([
    ["?from=yesterday", "API_BAD_REQUEST", "query from: write 2026-01-31"],
    ["?from=2026-01-02T03:04:05", "API_BAD_REQUEST", "query from: write 2026-01-31"],
    ["?from=2026-13-45", "API_BAD_REQUEST", "query from"],
    ["?from=2026-01-03&to=2026-01-02", "API_BAD_REQUEST", "query to: must be later than from"],
    ["?limit=0", "API_BAD_REQUEST", "query limit"],
    ["?limit=201", "API_BAD_REQUEST", "query limit"],
    ["?limit=many", "API_BAD_REQUEST", "query limit"],
    ["?sessionid=a", "API_BAD_REQUEST", 'Unrecognized key: "sessionid"'],
    ["?phoneNumber=1&phoneNumber=2", "API_BAD_REQUEST", "query phoneNumber"],
    ["?cursor=nonsense", "STORE_CURSOR_INVALID", "not one that the gateway gave"],
    ["?cursor=", "STORE_CURSOR_INVALID", "not one that the gateway gave"],
  ])("refuse %s with 400 and say why", async (query, code, message) => {
    const response = await lab.app.inject(`/call-logs${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({ error: { code, message: expect.stringContaining(message) } });
  });

  it("answer 503 while the store is down", async () => {
    lab.store.failing = true;
    const response = await lab.app.inject("/call-logs");
    expect([response.statusCode, response.json().error.code]).toEqual([503, "STORE_FAILED"]);
  });
});
