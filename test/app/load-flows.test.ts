/** Flows and routes as files: what they name must exist. */
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { systemFiles } from "../../src/app/files.ts";
import { type CallScripts, loadCallScripts } from "../../src/app/load-flows.ts";
import { memoryFiles } from "../support/memory-files.ts";

const ROUTES = "sip-config/routes.yaml";
const AGENT = { "flows/agent.yaml": "model: local\n" };

function load(texts: Readonly<Record<string, string>>): CallScripts {
  const files = memoryFiles(texts);
  return loadCallScripts(loadConfig({ environment: {}, files }).config, { environment: {}, files });
}

function problemsOf(texts: Readonly<Record<string, string>>): string {
  try {
    load(texts);
    return "";
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message;
  }
}

describe("loadCallScripts", () => {
  it("names flows after their files", () => {
    const { flows, routes, routeCount } = load({
      ...AGENT,
      "flows/front-desk.yml": "model: local\ngreeting: Hello.\n",
      "flows/prompts/index.yaml": "not: a flow",
      "flows/README.md": "not a flow",
      [ROUTES]: '- { match: { called: "100" }, flow: front-desk }\n',
    });
    expect([...flows.keys()]).toEqual(["agent", "front-desk"]);
    expect(routeCount).toBe(1);
    const question = { callingUser: "", trunk: undefined, header: () => undefined };
    expect(routes.resolve({ ...question, calledUser: "100" })).toMatchObject({
      flow: "front-desk",
    });
    expect(routes.resolve({ ...question, calledUser: "local" })).toMatchObject({ model: "local" });
  });

  it("loads what the package ships, from any working directory", () => {
    const { config } = loadConfig({ environment: {}, files: memoryFiles({}) });
    const sources = { environment: {}, files: systemFiles };
    expect([...loadCallScripts(config, sources).flows.keys()]).toContain("agent");
  });

  it.each([
    [
      "a model nobody configured",
      { ...AGENT, "flows/b.yaml": "greeting: Hi.\nmodel: locl\n", [ROUTES]: "[]" },
      'flows/b.yaml:2:8  model: expected a model of gateway.yaml, found "locl"; did you mean "local"?',
    ],
    [
      "a flow nobody wrote",
      { ...AGENT, [ROUTES]: "- { match: {}, flow: agnet }\n" },
      `${ROUTES}:1:22  [0].flow: expected the name of a flow, found "agnet"; did you mean "agent"?`,
    ],
    [
      "a route's model nobody configured",
      { ...AGENT, [ROUTES]: "- { match: {}, flow: agent, model: zebra }\n" },
      `${ROUTES}:1:36  [0].model: expected a model of gateway.yaml, found "zebra"; there are: local`,
    ],
    [
      "a trunk nobody described",
      { ...AGENT, [ROUTES]: "- { match: { trunk: chime }, flow: agent }\n" },
      `${ROUTES}:1:21  [0].match.trunk: expected the name of a trunk, found "chime"; there is none`,
    ],
    [
      "a number without quotes",
      { ...AGENT, [ROUTES]: "- { match: { called: +15551230000 }, flow: agent }\n" },
      `${ROUTES}:1:22  [0].match.called: expected text from 1 to 200 characters, found a number: quote it`,
    ],
    [
      "a pattern that runs away",
      { ...AGENT, [ROUTES]: "- { match: { called: /(a+)+/ }, flow: agent }\n" },
      "repeats no group",
    ],
    [
      "a flow that hides a service",
      { ...AGENT, "flows/echo.yaml": "model: local\n", [ROUTES]: "[]" },
      'flows/echo.yaml  "echo" is a built-in service',
    ],
    [
      "a flow in capitals",
      { ...AGENT, "flows/Desk.yaml": "model: local\n", [ROUTES]: "[]" },
      "flows/Desk.yaml  expected a file name of",
    ],
    [
      "no agent",
      { "flows/b.yaml": "model: local\n", [ROUTES]: "[]" },
      "flows  expected agent.yaml",
    ],
  ])("refuses %s", (_what, texts, expected) => {
    expect(problemsOf(texts)).toContain(expected);
  });

  it("names files and folders that are not there", () => {
    const yaml = "flows: scripts\nroutes: r.yaml\n";
    const problems = problemsOf({ "gateway.yaml": yaml });
    expect(problems).toContain("scripts  the folder of flows does not exist");
    expect(problems).toContain("r.yaml  does not exist");
  });

  it("tells the problems of all files at once", () => {
    const problems = problemsOf({ "flows/agent.yaml": "modl: x\n", [ROUTES]: "- 1\n" });
    expect(problems.split("\n")).toHaveLength(4);
  });
});

describe("the webhooks of a flow", () => {
  const flow = (url: string, secret = `"\${env:HOOK}"`): Readonly<Record<string, string>> => ({
    "gateway.yaml": "tools: { allowedHosts: [crm.example.com, 10.1.0.0/16] }\n",
    [ROUTES]: "[]",
    "flows/agent.yaml": `model: local
tools:
  - name: lookup
    description: Looks something up.
    webhook: { url: "${url}", secret: ${secret} }
`,
  });

  it.each(["https://crm.example.com/x", "http://10.1.2.3:8080/"])("may be at %s", (url) => {
    const files = memoryFiles(flow(url));
    const environment = { HOOK: "0123456789abcdef" };
    const { config } = loadConfig({ environment: {}, files });
    const tool = loadCallScripts(config, { environment, files }).flows.get("agent")?.tools[0];
    expect(tool).toMatchObject({ webhook: { url, secret: "0123456789abcdef" } });
  });

  it.each(["https://example.com/", "http://127.0.0.1/", "http://10.2.0.1/"])(
    "may not be at %s, which is told with its place",
    (url) => {
      const text = flow(url, "sixteen-letters-at-least");
      expect(problemsOf(text)).toContain(
        "flows/agent.yaml:5:21  tools[0].webhook.url: the host is not in tools.allowedHosts",
      );
    },
  );

  it("need the secrets that they refer to, and those are not shown", () => {
    expect(problemsOf(flow("https://crm.example.com/"))).toContain(
      "tools[0].webhook.secret: the environment variable HOOK is not set",
    );
    expect(problemsOf(flow("https://crm.example.com/", "hush"))).not.toContain("hush");
  });
});

describe("a model that only listens", () => {
  const EARS = {
    "gateway.yaml": `models:
  ears: { kind: transcribe, region: us-east-1 }
  scribe: { kind: openai-transcription, apiKey: sixteen-letters-at-least }
`,
  };
  const problem = (place: string, name: string): string =>
    `${place}: "${name}" only listens and answers no calls`;

  it.each([
    ["model", "greeting: Hi.\nmodel: ears\n", problem("flows/agent.yaml:2:8  model", "ears")],
    [
      "one of the models",
      "models: [local, scribe]\n",
      problem("flows/agent.yaml:1:17  models[1]", "scribe"),
    ],
  ])("is refused as %s of a flow that talks", (_what, text, expected) => {
    const problems = problemsOf({ ...EARS, "flows/agent.yaml": text, [ROUTES]: "[]" });
    expect(problems).toContain(expected);
    expect(problems).toContain("ears.model of a flow of mode assist");
  });

  it("is refused as the model of a route to a flow that talks, and taken for one that listens", () => {
    const assist = { "flows/assist.yaml": "mode: assist\nears: { model: scribe }\n" };
    const route = (flow: string) => `- { match: {}, flow: ${flow}, model: ears }\n`;
    expect(problemsOf({ ...EARS, ...AGENT, ...assist, [ROUTES]: route("agent") })).toContain(
      problem(`${ROUTES}:1:36  [0].model`, "ears"),
    );
    expect(problemsOf({ ...EARS, ...AGENT, ...assist, [ROUTES]: route("assist") })).toBe("");
  });

  it("is found by no caller who dials its name", () => {
    const { routes } = load({ ...EARS, ...AGENT, [ROUTES]: "[]" });
    const question = { callingUser: "", trunk: undefined, header: () => undefined };
    expect(() => routes.resolve({ ...question, calledUser: "ears" })).toThrow("only listens");
  });
});

describe("the models of a flow", () => {
  it("must be configured, each of them", () => {
    const problems = problemsOf({ "flows/agent.yaml": "models: [local, nova]\n", [ROUTES]: "[]" });
    expect(problems).toContain(
      'flows/agent.yaml:1:17  models[1]: expected a model of gateway.yaml, found "nova"; there are: local',
    );
  });
});
