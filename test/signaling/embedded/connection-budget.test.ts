/** How many connections are admitted, and from whom. */
import { describe, expect, it } from "vitest";
import { ConnectionBudget } from "../../../src/signaling/embedded/connection-budget.ts";

describe("the budget of connections", () => {
  it("is for all together, in both directions", () => {
    const budget = new ConnectionBudget({ total: 2, perSource: 2 });
    expect(budget.admit("192.0.2.1")).toBe(undefined);
    expect(budget.admit(undefined)).toBe(undefined);
    expect(budget.admit("192.0.2.2")).toBe("tooManyConnections");
    expect(budget.admit(undefined)).toBe("tooManyConnections");
    budget.release(undefined);
    expect(budget.admit("192.0.2.2")).toBe(undefined);
  });

  it("gives no address more than its share, and returns what is released", () => {
    const budget = new ConnectionBudget({ total: 10, perSource: 1 });
    expect(budget.admit("192.0.2.1")).toBe(undefined);
    expect(budget.admit("192.0.2.1")).toBe("tooManyFromSource");
    expect(budget.admit("192.0.2.2")).toBe(undefined);
    budget.release("192.0.2.1");
    expect(budget.admit("192.0.2.1")).toBe(undefined);
  });
});
