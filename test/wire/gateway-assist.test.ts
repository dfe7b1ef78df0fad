/** The whole gateway as one of two nodes over a real Redis: a page on it follows a call of the other node. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SharedBus } from "../../src/bus/shared-bus.ts";
import { asCallId } from "../../src/core/ids.ts";
import { ENDED, tell } from "../support/assist-lab.ts";
import { RecordingLogger } from "../support/recording-metrics.ts";
import { redisBus } from "./support/assist-node.ts";
import { AssistPage } from "./support/assist-page.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { hasRedisServer, REDIS_PASSWORD, RedisServer } from "./support/redis-server.ts";
import { eventually } from "./support/waiting.ts";

const OPERATOR = "a-token-of-an-operator";
const callA = asCallId("call-a");

describe.skipIf(!hasRedisServer())("a gateway with bus.kind redis", () => {
  let redis: RedisServer;
  let gateway: GatewayProcess;
  let otherNode: SharedBus;
  let base: string;

  beforeAll(async () => {
    redis = await RedisServer.start();
    gateway = await GatewayProcess.start({
      BUS__KIND: "redis",
      BUS__URL: redis.url,
      HTTP__TOKENS: JSON.stringify([{ name: "crm", token: OPERATOR, role: "operate" }]),
    });
    base = `http://127.0.0.1:${gateway.httpPort}`;
    otherNode = await redisBus(redis.url, new RecordingLogger(), "trunkline");
  });

  afterAll(async () => {
    await otherNode.close();
    await redis.kill();
  });

  const headers = { authorization: `Bearer ${OPERATOR}`, "content-type": "application/json" };
  const metrics = async (): Promise<string> => (await fetch(`${base}/metrics`, { headers })).text();

  it("shows the call of the other node to a page with a token, until and after its end", async () => {
    const body = JSON.stringify({ contactId: "c-1", ttlSeconds: 60 });
    const response = await fetch(`${base}/assist/tokens`, { method: "POST", headers, body });
    const { token } = (await response.json()) as { token: string };
    const page = await AssistPage.open(base, { token });
    await page.subscribe({});
    tell(otherNode, { eventId: 1, callId: callA });
    tell(otherNode, { eventId: 2, callId: callA, contactId: "c-1" });
    tell(otherNode, { eventId: 1, callId: asCallId("call-b"), contactId: "c-2" });
    tell(otherNode, { eventId: 3, callId: callA, event: ENDED });
    await page.heard([1, 2, 3]);
    const late = await AssistPage.open(base, { headers });
    await late.subscribe({ callId: callA, after: 2 });
    await late.heard([3]);
    expect(await AssistPage.connect(base)).toBe(401);
    const text = await metrics();
    expect(text).toContain("trunkline_assist_connections 2");
    expect(text).toContain("trunkline_assist_calls_kept 2");
    expect(text).toContain("trunkline_bus_up 1");
  });

  it("goes on without Redis, says so, and stops in good order", async () => {
    const page = await AssistPage.open(base, { headers });
    await page.subscribe({ callId: callA, after: 3 });
    await redis.kill();
    await eventually("the notice", () => page.notices.at(-1) === false);
    expect(await metrics()).toContain("trunkline_bus_up 0");
    expect((await gateway.get("/ready")).status).toBe(200);
    const exit = await gateway.stop();
    expect([exit.code, exit.leftBehind]).toEqual([0, []]);
    await eventually("goodbye", () => page.closeCode === 1001);
    const said = `${JSON.stringify(gateway.log)}${exit.stderr}`;
    expect(said).not.toContain(REDIS_PASSWORD);
    expect(said).not.toContain(OPERATOR);
  });
});
