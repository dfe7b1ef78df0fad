/** `trunkline doctor --explain`: pasted requests in words. */
import { describe, expect, it } from "vitest";
import { type CliResult, LEAST_FILES, runCli } from "../support/cli-bench.ts";

const TRUNKS = [
  "- { name: sbc, networks: [203.0.113.0/24], country: US, identity: { trustAsserted: true } }",
  "- { name: branch, digest: { inbound: { username: branch, password: s3cret } } }",
].join("\n");
const ROUTES = [
  "- { match: { called: echo-me }, flow: echo }",
  "- { match: { trunk: sbc }, flow: agent }",
].join("\n");
const INVITE = [
  "INVITE sip:+15550002222@gw.example.com SIP/2.0",
  "Via: SIP/2.0/TCP 203.0.113.9:5080;branch=z9hG4bK1",
  "Max-Forwards: 70",
  "From: <sip:anonymous@203.0.113.9>;tag=a",
  "P-Asserted-Identity: <sip:+15550003333@203.0.113.9>",
  "To: <sip:+15550002222@gw.example.com>",
  "Call-ID: pasted",
  "CSeq: 1 INVITE",
  "Contact: <sip:sbc@203.0.113.9:5080>",
  "Content-Type: application/sdp",
  "Content-Length: 1234",
  "",
  "v=0",
  "o=- 1 1 IN IP4 203.0.113.9",
  "s=-",
  "c=IN IP4 203.0.113.9",
  "t=0 0",
  "m=audio 4000 RTP/AVP 0",
  "",
];

function run(
  text: string,
  args: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  return runCli(["doctor", "--explain", "-", ...args], {
    files: {
      ...LEAST_FILES,
      "sip-config/trunks.yaml": TRUNKS,
      "sip-config/routes.yaml": ROUTES,
      "/dev/stdin": text,
      ...files,
    },
  });
}

describe("trunkline doctor --explain", () => {
  it("tells of an admitted call every decider, the trunk, the route and the offer", async () => {
    const { code, out } = await run(INVITE.join("\n"));
    expect(code).toBe(0);
    expect(out).toBe(
      [
        "INVITE from 203.0.113.9:5080 over tcp (as its Via says; --from ADDRESS says it better)",
        "  pass  rateLimit  only addresses of no trunk are limited",
        "  pass  drain      the gateway is not shutting down",
        "  pass  scanner    the User-Agent is not that of a known scanner",
        "  pass  source     the address is in a network of a trunk",
        "  pass  digest     no password is asked for",
        "  pass  trunkRate  no callsPerSecond is set",
        "  pass  trunkCap   no maxCalls is set for a trunk",
        "  pass  cap        there are fewer calls than calls.max",
        "admitted over trunk sbc",
        '  from "+15550003333" to "+15550002222"',
        "  route 2: agent with model local",
        "  its offer: can be taken",
        "",
      ].join("\n"),
    );
  });

  it("names the decider that refuses, for the address that is given", async () => {
    const files = { "sip-config/trunks.yaml": TRUNKS.split("\n")[0] ?? "" };
    const { out } = await run(INVITE.join("\r\n"), ["--from", "192.0.2.1"], files);
    expect(out).toContain("INVITE from 192.0.2.1:5060 over tcp (--from)");
    expect(out).toContain(
      "  refuse  source     the address is in no network of a trunk\n" +
        "403 Forbidden, by source: the address is in no network of a trunk\n",
    );
  });

  it("says that a stranger may prove himself, and that a hidden gateway says nothing", async () => {
    const { out } = await run(INVITE.join("\n"), ["--from", "[2001:db8::1]:5070"]);
    expect(out).toContain("INVITE from [2001:db8::1]:5070");
    expect(out).toContain("401 Unauthorized, by digest: a password is asked for");
    const files = {
      "gateway.yaml": "sip: { hideFromStrangers: true }\n",
      "sip-config/trunks.yaml": TRUNKS.split("\n")[0] ?? "",
    };
    const hidden = await run(INVITE.join("\n"), ["--from", "192.0.2.1"], files);
    expect(hidden.out).toContain("no answer at all, by source: the address is in no network");
  });

  it("reads what tools for traces print: margins, a line with an arrow, other text", async () => {
    const margined = INVITE.map((line) => `    ${line}`);
    const trace = ["2026-11-21 10:00:00 203.0.113.77:5060 -> 198.51.100.1:5060", ...margined];
    const { out } = await run(trace.join("\n"), ["--json"]);
    expect(JSON.parse(out)).toMatchObject({
      method: "INVITE",
      source: { address: "203.0.113.77", port: 5060, transport: "tcp" },
      sourceFrom: "trace",
      admitted: true,
      answer: null,
      trunk: "sbc",
      call: { route: 2, flow: "agent", offer: "can be taken" },
    });
  });

  it("says what is wrong with a message, with its offer, or with the number that is dialled", async () => {
    const broken = await run(INVITE.join("\n").replace(/Call-ID.*\n/, ""));
    expect(broken.out).toContain("400 Bad Call-ID Header, before anybody is asked");
    const g729 = await run(INVITE.join("\n").replace("RTP/AVP 0", "RTP/AVP 18"));
    expect(g729.out).toContain("its offer: 488 (SDP_NO_COMMON_CODEC");
    const local = INVITE.join("\n").replace("sip:+15550002222@gw", "sip:ring-99999999@gw");
    const ring = await run(local, ["--from", "127.0.0.1"]);
    expect(ring.out).toContain("404 (ROUTE_NOT_FOUND");
    const options = await run(INVITE.join("\n").replaceAll("INVITE", "OPTIONS"));
    expect(options.out).toContain("admitted over trunk sbc\n");
  });

  it.each([
    ["no file", ["doctor", "--explain", "none.txt"], "none.txt does not exist"],
    ["no request", ["doctor", "--explain", "sip-config/routes.yaml"], "holds no SIP request"],
    ["no address", ["doctor", "--explain", "-", "--from", "here"], "Expected an address"],
  ])("answers %s with 2", async (_what, args, expected) => {
    const { code, error } = await runCli(args);
    expect(code).toBe(2);
    expect(error).toContain(expected);
  });
});
