/** The bus over several nodes: the contract, on one node and from node to node, and what happens while the link is down. */
import { describe, expect, it } from "vitest";
import { SharedBus } from "../../src/bus/shared-bus.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Bus } from "../../src/ports/bus.ts";
import { busContract } from "../contract/bus.ts";
import { busPair } from "../support/bus-pair.ts";
import { FakeRedis } from "../support/fake-redis.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const clock = new VirtualClock();
const RESUME_MS = 1500;

function node(redis: FakeRedis, name: string, maxWaiting = 100): SharedBus {
  const bus = new SharedBus({
    link: redis.link(),
    clock,
    logger: silentLogger,
    node: name,
    maxQueued: 1000,
    maxWaiting,
    maxWaitingChars: 100_000,
    resumeMs: RESUME_MS,
  });
  bus.start();
  return bus;
}

const settle = (): Promise<void> => clock.advanceMs(10);

busContract("SharedBus, on one node,", () => node(new FakeRedis(), "a"), settle);

busContract(
  "SharedBus, with its link down,",
  () => {
    const redis = new FakeRedis();
    redis.kill();
    return node(redis, "a");
  },
  settle,
);

busContract(
  "SharedBus, from node to node,",
  () => {
    const redis = new FakeRedis();
    return busPair(node(redis, "a"), node(redis, "b"));
  },
  settle,
);

function hear(bus: Bus, pattern = "t"): unknown[] {
  const heard: unknown[] = [];
  bus.subscribe(pattern, (_topic, message) => heard.push(message["n"] ?? message["ok"]));
  return heard;
}

async function pair(maxWaiting?: number) {
  const redis = new FakeRedis();
  const [near, far] = [node(redis, "a", maxWaiting), node(redis, "b")];
  await settle();
  return { redis, near, far, nearHeard: hear(near), farHeard: hear(far) };
}

describe("the bus over several nodes", () => {
  it("delivers here once, although its own messages come back", async () => {
    const { near, nearHeard, farHeard } = await pair();
    near.publish("t", { n: 1 });
    near.publish("t", { n: 2 });
    await settle();
    expect([nearHeard, farHeard]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(near.toJSON()).toMatchObject({ up: true, waiting: 0, sent: 2, lost: 0 });
  });

  it("goes on here while the link is down, and sends what waited when it is back", async () => {
    const { redis, near, far, nearHeard, farHeard } = await pair();
    const notices = [hear(near, "notice/*"), hear(far, "notice/*")];
    redis.kill();
    near.publish("t", { n: 1 });
    near.publish("t", { n: 2 });
    await settle();
    expect([nearHeard, farHeard, notices]).toEqual([[1, 2], [], [[false], [false]]]);
    redis.restart();
    near.publish("t", { n: 3 });
    await clock.advanceMs(RESUME_MS - 100);
    expect(farHeard).toEqual([]);
    await clock.advanceMs(200);
    expect([nearHeard, farHeard]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(notices).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  it("loses the oldest beyond its bound to the others, and counts them", async () => {
    const { redis, near, farHeard, nearHeard } = await pair(3);
    redis.kill();
    for (let n = 1; n <= 5; n += 1) {
      near.publish("t", { n });
    }
    redis.restart();
    await clock.advanceMs(RESUME_MS + 10);
    expect([nearHeard.length, farHeard]).toEqual([5, [3, 4, 5]]);
    expect(near.toJSON()).toMatchObject({ lost: 2, waiting: 0 });
  });

  it("sends again what the server had no time to take, and nobody hears it twice", async () => {
    const { redis, near, farHeard } = await pair();
    near.publish("t", { n: 1 });
    redis.spread(JSON.stringify({ node: "a", serial: 1, topic: "t", message: { n: 1 } }));
    redis.kill();
    await settle();
    redis.restart();
    await clock.advanceMs(RESUME_MS + 10);
    near.publish("t", { n: 2 });
    await settle();
    expect(farHeard).toEqual([1, 2]);
  });

  it("says that a link which was never there is down, and up when it comes", async () => {
    const redis = new FakeRedis();
    redis.kill();
    const bus = node(redis, "a");
    const notices = hear(bus, "notice/*");
    await clock.advanceMs(RESUME_MS);
    redis.restart();
    await clock.advanceMs(RESUME_MS);
    expect(notices).toEqual([false, true]);
    await bus.close();
  });

  it("is down while the server takes nothing, although it is there", async () => {
    const { redis, near, farHeard } = await pair();
    const notices = hear(near, "notice/*");
    redis.refuses = true;
    near.publish("t", { n: 1 });
    await clock.advanceMs(5 * RESUME_MS);
    expect([notices, near.toJSON()["up"]]).toEqual([[false], false]);
    redis.refuses = false;
    await clock.advanceMs(2 * RESUME_MS);
    expect([notices, farHeard]).toEqual([[false, true], [1]]);
  });

  it("counts what is no message of a node", async () => {
    const { redis, far, farHeard } = await pair();
    for (const text of ["", "null", "7", "{}", '{"node":"x","serial":1,"topic":"t"}']) {
      redis.spread(text);
    }
    await settle();
    expect([farHeard, far.toJSON()["malformed"]]).toEqual([[], 5]);
  });

  it("leaves no timer behind", async () => {
    const before = clock.pending;
    const { redis, near, far } = await pair();
    redis.kill();
    redis.restart();
    await Promise.all([near.close(), far.close()]);
    expect(clock.pending).toBe(before);
  });
});

it("keeps what is worth something now or never from waiting for the link", async () => {
  const redis = new FakeRedis();
  redis.kill();
  const bus = node(redis, "a", 3);
  const heard: string[] = [];
  bus.subscribe("fleeting/*", (topic) => heard.push(topic));
  bus.publish("assist/1", { n: 1 });
  for (let i = 0; i < 10; i += 1) {
    bus.publish("fleeting/assist/1", { i });
  }
  await settle();
  expect(heard).toHaveLength(10);
  expect(bus.toJSON()).toMatchObject({ waiting: 1, lost: 0 });
  await bus.close();
});
