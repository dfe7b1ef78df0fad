/** The bus over a real Redis: the contract from node to node, and a wrong password. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisLink } from "../../src/bus/redis-link.ts";
import { busContract } from "../contract/bus.ts";
import { busPair } from "../support/bus-pair.ts";
import { RecordingLogger } from "../support/recording-metrics.ts";
import { redisBus } from "./support/assist-node.ts";
import { hasRedisServer, REDIS_PASSWORD, RedisServer } from "./support/redis-server.ts";
import { eventually, pause } from "./support/waiting.ts";

type Node = Awaited<ReturnType<typeof redisBus>>;

const CONTRACT_TESTS = 8;
const logger = new RecordingLogger();

describe.skipIf(!hasRedisServer())("the bus over Redis", () => {
  let redis: RedisServer;
  const ready: [Node, Node][] = [];
  let current: [Node, Node] | undefined;
  let isClosed = false;

  beforeAll(async () => {
    redis = await RedisServer.start();
    for (let index = 0; index < CONTRACT_TESTS; index += 1) {
      const channel = `pair-${index}`;
      const join = (): Promise<Node> => redisBus(redis.url, logger, channel);
      ready.push([await join(), await join()]);
    }
  });

  afterAll(async () => {
    await Promise.all(ready.flat().map((bus) => bus.close()));
    await redis.kill();
  });

  /** The far node has heard what the near one sent, or time enough went by where one of them is closed. */
  async function settle(): Promise<void> {
    const [near, far] = current ?? [];
    if (isClosed) {
      await pause(100);
      return;
    }
    await eventually("delivery", () => {
      const [sent, received] = [near?.toJSON(), far?.toJSON()];
      return sent?.["waiting"] === 0 && Number(received?.["received"]) >= Number(sent?.["sent"]);
    });
    await pause(20);
  }

  busContract(
    "SharedBus over Redis",
    () => {
      current = ready.pop();
      if (current === undefined) {
        throw new Error("the contract has more tests than there are buses");
      }
      const pair = busPair(...current);
      isClosed = false;
      return {
        ...pair,
        close: () => {
          isClosed = true;
          return pair.close();
        },
      };
    },
    settle,
  );

  it("says what Redis has against us, once, and not the password", async () => {
    const said = new RecordingLogger();
    const url = redis.url.replace(REDIS_PASSWORD, "another-password");
    const link = new RedisLink({ url, channel: "c", logger: said });
    const states: string[] = [];
    link.open({
      linkUp: () => states.push("up"),
      linkDown: () => states.push("down"),
      received: () => undefined,
    });
    await pause(700);
    await link.close();
    expect(said.lines.map(({ fields }) => fields)).toEqual([{ cause: "WRONGPASS" }]);
    expect(states).toEqual([]);
    expect(JSON.stringify(said.lines)).not.toContain("another-password");
  });
});
