/** The assist socket on real WebSockets: who gets in, what they see on either bus, and how they are dropped. */
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { AssistTokens } from "../../src/api/assist/assist-tokens.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { asCallId } from "../../src/core/ids.ts";
import { tell, utterance } from "../support/assist-lab.ts";
import {
  type AssistNode,
  type NodeOptions,
  startAssistNode,
  TOKEN_SECRET,
} from "./support/assist-node.ts";
import { AssistPage } from "./support/assist-page.ts";
import { hasRedisServer, REDIS_PASSWORD, RedisServer } from "./support/redis-server.ts";
import { eventually, pause } from "./support/waiting.ts";

const callA = asCallId("call-a");
const callB = asCallId("call-b");
const tokens = new AssistTokens({ secret: TOKEN_SECRET, clock: new SystemClock() });
const opened: { close(): Promise<void> }[] = [];

async function start(options: NodeOptions = {}): Promise<AssistNode> {
  const node = await startAssistNode(options);
  opened.push(node);
  return node;
}

async function startRedis(): Promise<RedisServer> {
  const redis = await RedisServer.start();
  opened.unshift({ close: () => redis.kill() });
  return redis;
}

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) {
    await one.close();
  }
});

/** Sends bytes as they are, and reads until `until` is in the answer. */
function exchange(base: string, bytes: string, until: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(base).port), "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
      if (text.includes(until)) {
        socket.destroy();
      }
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

describe("the door of WS /assist", () => {
  const read = "a-token-for-those-who-read";
  const locked = { tokens: [{ token: read, role: "read" }] } as const;

  it("stays shut without a good token, and counts why", async () => {
    const node = await start(locked);
    const good = tokens.issue({ kind: "contact", id: "c-1" }, 60).token;
    const old = tokens.issue({ kind: "contact", id: "c-1" }, -1).token;
    const other = new AssistTokens({ secret: "another", clock: new SystemClock() });
    const foreign = other.issue({ kind: "contact", id: "c-1" }, 60).token;
    const headers = { authorization: "Bearer somebody-else's" };
    const doors = [{}, { token: "" }, { token: old }, { token: foreign }, { headers }];
    for (const options of [...doors, { token: `${good}x` }]) {
      const page = await AssistPage.connect(node.base, options);
      expect(page, JSON.stringify(options)).toBe(typeof page === "number" ? 401 : "refused");
    }
    const line = 'trunkline_assist_refused_total{reason="unauthorized"} 6';
    expect(await node.metric(line)).toBe(true);
    await AssistPage.open(node.base, { token: good });
    await AssistPage.open(node.base, { headers: { authorization: `Bearer ${read}` } });
    expect(await AssistPage.connect(node.base, { path: "/calls" })).toBe(404);
    expect(JSON.stringify(node.logger.lines)).not.toContain(good.slice(0, 20));
  });

  it("is shut to pages of other origins unless they are configured", async () => {
    const node = await start({ origins: ["https://agents.example.com"] });
    const from = (origin: string) => AssistPage.connect(node.base, { headers: { origin } });
    const token = tokens.issue({ kind: "contact", id: "c-1" }, 60).token;
    const headers = { origin: "https://evil.example.com" };
    expect(await from("https://evil.example.com")).toBe(403);
    expect(await from("null")).toBe(403);
    expect(await AssistPage.connect(node.base, { headers, token })).toBe(403);
    const rebound = { headers: { host: "rebound.example.com" } };
    expect(await AssistPage.connect(node.base, rebound)).toBe(403);
    expect(await from("https://agents.example.com")).toBeInstanceOf(AssistPage);
    expect(await from(node.base)).toBeInstanceOf(AssistPage);
    expect(await node.metric('trunkline_assist_refused_total{reason="origin"} 3')).toBe(true);
  });

  it("is shut when it is full, and open again when somebody left", async () => {
    const node = await start({ limits: { maxConnections: 1 } });
    const page = await AssistPage.open(node.base);
    expect(await AssistPage.connect(node.base)).toBe(503);
    page.socket.close();
    await eventually("room", () => node.hub.hasRoom);
    await AssistPage.open(node.base);
  });

  it("is shut to what only looks like a WebSocket", async () => {
    const node = await start();
    const lines = ["GET /assist HTTP/1.1", "Host: localhost", "Connection: Upgrade"];
    const request = [...lines, "Upgrade: websocket", "Sec-WebSocket-Version: 12", "", ""];
    const answer = await exchange(node.base, request.join("\r\n"), "API_BAD_REQUEST");
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(await node.metric('trunkline_assist_refused_total{reason="handshake"} 1')).toBe(true);
  });

  it("leaves other upgrades to HTTP, with their bodies", async () => {
    const { base } = await start();
    const upgrade =
      "Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n";
    const got = await exchange(base, `GET /health HTTP/1.1\r\n${upgrade}\r\n`, '"status":"ok"');
    expect(got).toMatch(/^HTTP\/1\.1 200 /);
    const body = JSON.stringify({ contactId: "c-1" });
    const head = `POST /assist/tokens HTTP/1.1\r\n${upgrade}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect(await exchange(base, `${head}${body}`, "expiresAt")).toMatch(/^HTTP\/1\.1 201 /);
  });
});

describe("a connected page", () => {
  it("is dropped when it reads too slowly, while others get everything", async () => {
    const node = await start({ limits: { heartbeatMs: 300, maxBufferedBytes: 100_000 } });
    const slow = await AssistPage.open(node.base);
    const good = await AssistPage.open(node.base);
    await slow.subscribe({ callId: callA });
    await good.subscribe({ callId: callA });
    slow.socket.pause();
    const eventIds = Array.from({ length: 200 }, (_, index) => index + 1);
    for (const eventId of eventIds) {
      tell(node.bus, { eventId, event: utterance(`u${eventId}`, "x".repeat(100_000)) });
      await pause(1);
    }
    await good.heard(eventIds, 10_000);
    const line = 'trunkline_assist_closed_total{reason="slow"} 1';
    await eventually("the slow one to be dropped", () => node.metric(line));
    expect(good.closeCode).toBeUndefined();
    slow.socket.terminate();
  });

  it("is dropped when it is gone without a word, or its token is over", async () => {
    const node = await start({ limits: { heartbeatMs: 200 } });
    const gone = await AssistPage.open(node.base);
    await gone.subscribe({ callId: callA });
    gone.socket.pause();
    const { token } = tokens.issue({ kind: "call", id: callA }, 1);
    const late = await AssistPage.open(node.base, { token });
    await late.subscribe({});
    await eventually("an expired token", () => late.closeCode === 4001);
    const line = 'trunkline_assist_closed_total{reason="dead"} 1';
    await eventually("the dead one to be dropped", () => node.metric(line));
    gone.socket.terminate();
  });

  it("is told goodbye when the gateway stops, which waits for nobody", async () => {
    const node = await start();
    const page = await AssistPage.open(node.base);
    const deaf = await AssistPage.open(node.base);
    deaf.socket.pause();
    const startedMs = performance.now();
    await node.close();
    await eventually("goodbye", () => page.closeCode === 1001);
    expect(performance.now() - startedMs).toBeLessThan(3000);
    deaf.socket.terminate();
  });
});

describe.each([
  ["within the process", false],
  ["over Redis, from the other node", true],
])("a page on a bus %s", (_name, isShared) => {
  it.skipIf(isShared && !hasRedisServer())(
    "gets what it missed, then what is said, and with a token never another contact",
    async () => {
      const options = isShared ? { redisUrl: (await startRedis()).url } : {};
      const far = await start(options);
      const near = isShared ? await start(options) : far;
      tell(near.bus, { eventId: 1, contactId: "c-1" });
      tell(near.bus, { eventId: 1, callId: callB, contactId: "c-2" });
      tell(near.bus, { eventId: 2 });
      const all = await AssistPage.open(far.base);
      await all.subscribe({ contactId: "c-1", after: 1 });
      const response = await fetch(`${near.base}/assist/tokens`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ contactId: "c-1" }),
      });
      const { token } = (await response.json()) as { token: string };
      const one = await AssistPage.open(far.base, { token });
      for (const foreign of [{ contactId: "c-2" }, { callId: callB }]) {
        await one.subscribe(foreign);
      }
      await one.subscribe({});
      tell(near.bus, { eventId: 2, callId: callB });
      tell(near.bus, { eventId: 3 });
      await one.heard([1, 2, 3]);
      await pause(50);
      expect(one.messages.filter(({ type }) => type === "error")).toHaveLength(2);
      const calls = one.messages.flatMap(({ type, callId }) => (type === "event" ? [callId] : []));
      expect(new Set(calls)).toEqual(new Set([callA]));
    },
  );
});

describe.skipIf(!hasRedisServer())("two nodes over one Redis", () => {
  it("go on alone while Redis is dead, say so, and catch up when it is back", async () => {
    const redis = await startRedis();
    const near = await start({ redisUrl: redis.url });
    const far = await start({ redisUrl: redis.url });
    const here = await AssistPage.open(near.base);
    const there = await AssistPage.open(far.base);
    await here.subscribe({ callId: callA });
    await there.subscribe({ callId: callA });
    tell(near.bus, { eventId: 1 });
    await there.heard([1]);
    await redis.kill();
    await eventually("the notice", () => here.notices.length + there.notices.length === 2);
    tell(near.bus, { eventId: 2 });
    tell(near.bus, { eventId: 3 });
    await here.heard([1, 2, 3]);
    expect([there.eventIds, here.notices, there.notices]).toEqual([[1], [false], [false]]);
    const late = await AssistPage.open(far.base);
    await late.subscribe({ callId: callA, after: 1 });
    await eventually("the notice for who comes later", () => late.notices.length === 1);
    await redis.run();
    await there.heard([1, 2, 3], 10_000);
    await late.heard([2, 3]);
    await eventually("the good news", () => here.notices.at(-1) === true);
    expect(near.bus.toJSON()).toMatchObject({ up: true, lost: 0, waiting: 0 });
    const said = JSON.stringify([near.logger.lines, far.logger.lines, near.bus.toJSON()]);
    expect(said).toContain("redis connection failed");
    expect(said).not.toContain(REDIS_PASSWORD);
  });
});
