/** `trunkline calls` against an API that is made up. */
import { describe, expect, it } from "vitest";
import { LEAST_FILES, runCli } from "../support/cli-bench.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const CALL = {
  callId: "0123456789abcdef",
  state: "talking",
  direction: "inbound",
  flow: "agent",
  mode: "agent",
  model: "local",
  phoneNumber: "+15551230000",
  calledNumber: "agent",
  start: new Date(VirtualClock.WALL_ORIGIN_MS - 5000).toISOString(),
};

interface Asked {
  readonly url: string;
  readonly method: string | undefined;
  readonly authorization: string | null;
}

function api(status: number, body: string): { asked: Asked[]; fetch: typeof fetch } {
  const asked: Asked[] = [];
  const answer: typeof fetch = async (url, init) => {
    const authorization = new Headers(init?.headers).get("authorization");
    asked.push({ url: String(url), method: init?.method, authorization });
    return new Response(status === 204 ? null : body, { status });
  };
  return { asked, fetch: answer };
}

describe("trunkline calls list", () => {
  it.each([[[CALL]], [{ calls: [CALL] }]])("prints one line a call", async (body) => {
    const { code, out } = await runCli(["calls", "list"], api(200, JSON.stringify(body)));
    expect(code).toBe(0);
    expect(out.split("\n")[1]).toBe(
      "0123456789abcdef  talking  5 s    +15551230000 -> agent  agent/local",
    );
  });

  it("says that there are none, on stderr", async () => {
    const result = await runCli(["calls", "list"], api(200, "[]"));
    expect(result).toEqual({ code: 0, out: "", error: "no calls\n" });
  });

  it("prints the answer as it is with --json", async () => {
    const { out } = await runCli(["calls", "list", "--json"], api(200, '{"calls":[]}'));
    expect(JSON.parse(out)).toEqual({ calls: [] });
  });

  it("asks the gateway of the configuration, with a token that may act", async () => {
    const { asked, fetch } = api(200, "[]");
    const gateway = `http:
  host: 0.0.0.0
  port: 8081
  tokens:
    - { name: a, token: reader-reader-reader }
    - { name: b, token: operator-operator, role: operate }
`;
    const files = { ...LEAST_FILES, "gateway.yaml": gateway };
    await runCli(["calls", "list"], { files, fetch });
    const authorization = "Bearer operator-operator";
    expect(asked).toEqual([{ url: "http://127.0.0.1:8081/calls", method: "GET", authorization }]);
  });

  it("prefers --url over TRUNKLINE_URL, and sends no token of another gateway", async () => {
    const { asked, fetch } = api(200, "[]");
    const environment = { TRUNKLINE_URL: "http://b:1/", TRUNKLINE_TOKEN: "" };
    await runCli(["calls", "list"], { environment, fetch });
    await runCli(["calls", "list", "--url", "https://a/", "--token", "t"], { environment, fetch });
    expect(asked.map(({ url, authorization }) => [url, authorization])).toEqual([
      ["http://b:1/calls", null],
      ["https://a/calls", "Bearer t"],
    ]);
  });
});

describe("trunkline calls show and hangup", () => {
  it("shows a call as JSON", async () => {
    const { asked, fetch } = api(200, JSON.stringify(CALL));
    const { out, code } = await runCli(["calls", "show", "a/b"], { fetch });
    expect(JSON.parse(out)).toEqual(CALL);
    expect(code).toBe(0);
    expect(asked[0]?.url).toBe("http://127.0.0.1:8080/calls/a%2Fb");
  });

  it("hangs up", async () => {
    const { asked, fetch } = api(204, "");
    const { error, code } = await runCli(["calls", "hangup", "x"], { fetch });
    expect(asked[0]?.method).toBe("DELETE");
    expect({ error, code }).toEqual({ error: "call x is hung up\n", code: 0 });
  });
});

describe("an API that refuses", () => {
  it.each([
    [401, "wants a token (--token, TRUNKLINE_TOKEN)"],
    [403, "role does not allow"],
    [404, "there is no such call"],
    [500, "answered 500"],
  ])("with %i is explained", async (status, expected) => {
    const { code, error, out } = await runCli(["calls", "show", "x"], api(status, "{}"));
    expect(error).toContain(expected);
    expect({ code, out }).toEqual({ code: 1, out: "" });
  });

  it("by silence, by no JSON, or by another JSON is explained", async () => {
    expect((await runCli(["calls", "list"])).error).toContain("cannot be reached; does it run?");
    expect((await runCli(["calls", "list"], api(200, "<html>"))).error).toContain(
      "is it a gateway?",
    );
    expect((await runCli(["calls", "list"], api(200, "{}"))).error).toContain(
      "not a list of calls",
    );
  });

  it("is not asked at an address that is none", async () => {
    const { code, error } = await runCli(["calls", "list", "--url", "127.0.0.1:8080"]);
    expect(error).toContain("--url as http://HOST:PORT");
    expect(code).toBe(2);
  });
});
