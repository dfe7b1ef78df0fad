/** What every bus must do, whatever carries it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bus } from "../../src/ports/bus.ts";

/** Runs the contract; `settle` resolves when everything published so far was delivered. */
export function busContract(name: string, create: () => Bus, settle: () => Promise<void>): void {
  describe(`${name} keeps the contract of a bus`, () => {
    let bus: Bus;
    let heard: string[];
    const hear = (topic: string, message: object): void => {
      heard.push(`${topic} ${JSON.stringify(message)}`);
    };

    beforeEach(() => {
      bus = create();
      heard = [];
    });

    afterEach(() => bus.close());

    it("delivers to the subscribers of a topic, in order, and to nobody else", async () => {
      bus.subscribe("call/a", hear);
      bus.publish("call/a", { n: 1 });
      bus.publish("call/b", { n: 2 });
      bus.publish("call/a", { n: 3 });
      await settle();
      expect(heard).toEqual(['call/a {"n":1}', 'call/a {"n":3}']);
    });

    it("takes a prefix with a star for every topic that begins so", async () => {
      bus.subscribe("call/*", hear);
      bus.publish("call/a", {});
      bus.publish("caller/a", {});
      bus.publish("call/", {});
      await settle();
      expect(heard).toEqual(["call/a {}", "call/ {}"]);
    });

    it("never delivers within publish", () => {
      bus.subscribe("t", hear);
      bus.publish("t", {});
      expect(heard).toEqual([]);
    });

    it("delivers nothing after unsubscribe returned", async () => {
      const unsubscribe = bus.subscribe("t", hear);
      bus.publish("t", {});
      unsubscribe();
      bus.publish("t", {});
      await settle();
      unsubscribe();
      expect(heard).toEqual([]);
    });

    it("stops in the middle of a burst when the subscriber unsubscribes itself", async () => {
      const unsubscribe = bus.subscribe("t", (topic, message) => {
        hear(topic, message);
        unsubscribe();
      });
      bus.publish("t", { n: 1 });
      bus.publish("t", { n: 2 });
      await settle();
      expect(heard).toEqual(['t {"n":1}']);
    });

    it("lets no throwing subscriber harm another", async () => {
      bus.subscribe("t", () => {
        throw new Error("subscriber");
      });
      bus.subscribe("t", hear);
      bus.publish("t", { n: 1 });
      bus.publish("t", { n: 2 });
      await settle();
      expect(heard).toHaveLength(2);
    });

    it("is silent after close", async () => {
      bus.subscribe("t", hear);
      bus.publish("t", {});
      await bus.close();
      bus.publish("t", {});
      bus.subscribe("t", hear);
      bus.publish("t", {});
      await settle();
      expect(heard).toEqual([]);
    });
  });
}
