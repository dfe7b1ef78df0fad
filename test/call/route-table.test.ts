/** Who takes a call: routes in their order, then the names everybody can dial. */
import { describe, expect, it } from "vitest";
import { compilePattern, patternProblem } from "../../src/call/route-pattern.ts";
import {
  isReservedName,
  type Route,
  type RouteQuestion,
  RouteTable,
  routesSchema,
} from "../../src/call/route-table.ts";

const question = (change: Partial<RouteQuestion> = {}): RouteQuestion => ({
  calledUser: "somebody",
  callingUser: "",
  trunk: undefined,
  header: () => undefined,
  ...change,
});
const table = (...routes: Route[]): RouteTable =>
  new RouteTable(routes, new Set(["local", "openai"]));
const flow = (name: string, model?: string) => ({ kind: "flow", flow: name, model });

describe("RouteTable without routes", () => {
  it.each(["echo", "openai", "anything", ""])(
    "sends a recording session to assist, dialled %s",
    (calledUser) => {
      expect(table().resolve(question({ calledUser, isRecording: true }))).toEqual(flow("assist"));
    },
  );

  it.each([
    ["echo", { kind: "echo", ringMs: 0 }],
    ["ring", { kind: "echo", ringMs: 4000 }],
    ["early", { kind: "echo", ringMs: 4000, early: true }],
    ["early-1500", { kind: "echo", ringMs: 1500, early: true }],
    ["ring-1500", { kind: "echo", ringMs: 1500 }],
    ["ring-0", { kind: "echo", ringMs: 0 }],
    ["ring-60000", { kind: "echo", ringMs: 60_000 }],
    ["openai", flow("agent", "openai")],
    ["agent", flow("agent")],
    ["", flow("agent")],
    ["+15551230000", flow("agent")],
    ["Echo", flow("agent")],
    ["ringing", flow("agent")],
    ["constructor", flow("agent")],
  ])("sends %s to %o", (calledUser, expected) => {
    expect(table().resolve(question({ calledUser }))).toEqual(expected);
  });

  it("refuses a call to a model that only listens, and gives recording sessions to assist all the same", () => {
    const routes = new RouteTable([], new Set(["local", "ears"]), new Set(["ears"]));
    expect(() => routes.resolve(question({ calledUser: "ears" }))).toThrow(
      expect.objectContaining({
        code: "ROUTE_NOT_FOUND",
        message: expect.stringContaining('the model "ears" only listens'),
      }),
    );
    const recorded = question({ calledUser: "ears", isRecording: true });
    expect(routes.resolve(recorded)).toEqual(flow("assist"));
    expect(routes.resolve(question({ calledUser: "local" }))).toEqual(flow("agent", "local"));
  });

  it("does not ring longer than a minute", () => {
    expect(() => table().resolve(question({ calledUser: "ring-60001" }))).toThrow(
      expect.objectContaining({ code: "ROUTE_NOT_FOUND" }),
    );
  });
});

describe("RouteTable with routes", () => {
  it("takes the first route that fits, before any name", () => {
    const routes = table(
      { match: { called: "echo", calling: "+1*" }, flow: "desk" },
      { match: { called: "echo" }, flow: "night", model: "openai" },
    );
    const called = { calledUser: "echo" };
    expect(routes.resolve(question({ ...called, callingUser: "+1555" }))).toEqual(flow("desk"));
    expect(routes.resolve(question(called))).toEqual(flow("night", "openai"));
  });

  it("wants every header of a match", () => {
    const routes = table({ match: { headers: { "X-A": "/^sales$/i", "X-B": "b" } }, flow: "desk" });
    const withHeaders = (headers: Record<string, string>): RouteQuestion =>
      question({ header: (name) => headers[name] });
    expect(routes.resolve(withHeaders({ "X-A": "Sales", "X-B": " b " }))).toEqual(flow("desk"));
    expect(routes.resolve(withHeaders({ "X-A": "Sales" }))).toEqual(flow("agent"));
  });

  it("fits a trunk only when the call came over it", () => {
    const routes = table({ match: { trunk: "chime" }, flow: "desk" });
    expect(routes.resolve(question({ trunk: "chime" }))).toEqual(flow("desk"));
    expect(routes.resolve(question())).toEqual(flow("agent"));
  });

  it("can give a number to the echo", () => {
    const routes = table({ match: { called: "+1555*" }, flow: "ring-100" });
    const decision = routes.resolve(question({ calledUser: "+15551230000" }));
    expect(decision).toEqual({ kind: "echo", ringMs: 100 });
  });
});

describe("isReservedName", () => {
  it.each([
    ["echo", true],
    ["ring", true],
    ["ring-99999", true],
    ["ringo", false],
    ["agent", false],
  ])("says of %s: %s", (name, reserved) => {
    expect(isReservedName(name)).toBe(reserved);
  });
});

describe("patterns", () => {
  it.each([
    ["100", "100", true],
    ["100", "1000", false],
    ["+1555*", "+15551230000", true],
    ["+1555*", "15551230000", false],
    ["*98", "*98", true],
    ["*98", "198", false],
    ["/^\\+1(555|556)\\d{4}$/", "+15561234", true],
    ["/^sales$/", "SALES", false],
    ["/^sales$/i", "SALES", true],
    ["/a/", "a".repeat(257), false],
  ])("%s fits %s: %s", (pattern, value, fits) => {
    expect(patternProblem(pattern)).toBeUndefined();
    expect(compilePattern(pattern)(value)).toBe(fits);
  });

  it.each(["/(a+)+$/", "/(a|aa)+$/", "/((a*)b)*/", "/(\\d{1,9}){1,9}/", "/.*.*.*.*x/", "/(a)\\1/"])(
    "refuses %s, which could run away",
    (pattern) => {
      expect(patternProblem(pattern)).toContain("regular expression");
    },
  );

  it.each(["/(/", "/[/", "/(?=a)/", "/(?<n>a)/"])("refuses %s", (pattern) => {
    expect(patternProblem(pattern)).toBeDefined();
    expect(routesSchema.safeParse([{ match: { called: pattern }, flow: "a" }]).success).toBe(false);
  });

  it("spends little on the worst value that is allowed", () => {
    const fits = compilePattern("/.*.*.*x$/");
    expect(fits("a".repeat(256))).toBe(false);
  });
});
