/** The bus within the process: the contract, and its bound. */
import { describe, expect, it } from "vitest";
import { InProcessBus } from "../../src/bus/in-process-bus.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { busContract } from "../contract/bus.ts";

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await Promise.resolve();
  }
}

const create = (): InProcessBus => new InProcessBus({ logger: silentLogger, maxQueued: 1000 });

busContract("InProcessBus", create, settle);

describe("the bus within the process", () => {
  it("drops the oldest messages of a burst beyond the bound, and counts them", async () => {
    const bus = create();
    const heard: unknown[] = [];
    bus.subscribe("t", (_, message) => heard.push(message["n"]));
    for (let n = 0; n < 1250; n += 1) {
      bus.publish("t", { n });
    }
    await settle();
    expect([heard.length, heard[0], heard.at(-1)]).toEqual([1000, 250, 1249]);
    expect(bus.toJSON()).toMatchObject({ published: 1250, delivered: 1000, dropped: 250 });
  });

  it("counts what subscribers throw", async () => {
    const bus = create();
    bus.subscribe("t", () => {
      throw new Error("subscriber");
    });
    bus.publish("t", {});
    await settle();
    expect(bus.toJSON()).toMatchObject({ subscribers: 1, failed: 1, delivered: 0, queued: 0 });
  });

  it("lets a subscriber publish to its own topic without starving the others", async () => {
    const bus = create();
    const heard: string[] = [];
    bus.subscribe("t", (_, message) => {
      const n = Number(message["n"]);
      heard.push(`first ${n}`);
      if (n < 2) {
        bus.publish("t", { n: n + 1 });
      }
    });
    bus.subscribe("t", (_, message) => heard.push(`second ${message["n"]}`));
    bus.publish("t", { n: 0 });
    await settle();
    expect(heard.filter((line) => line.startsWith("first"))).toEqual([
      "first 0",
      "first 1",
      "first 2",
    ]);
    expect(heard.slice(0, 3)).toContain("second 0");
    expect(heard).toHaveLength(6);
  });
});
