import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf, GatewayError } from "../../src/core/errors.ts";
import { parseSdp } from "../../src/sdp/parse-sdp.ts";
import { writeSdp } from "../../src/sdp/session-description.ts";
import { fixtureOffer, SDP_FIXTURES } from "./fixtures.ts";

const HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";

function errorOf(text: string): GatewayError {
  try {
    parseSdp(text);
  } catch (error) {
    if (error instanceof GatewayError) {
      return error;
    }
    throw error;
  }
  throw new Error("no error");
}

describe("parseSdp", () => {
  it.each(SDP_FIXTURES)("reads back what it writes of $name", ({ offer, answer }) => {
    for (const text of [offer, answer]) {
      const description = parseSdp(text);
      expect(parseSdp(writeSdp(description))).toEqual(description);
    }
  });

  it("takes an offer apart", () => {
    const description = parseSdp(fixtureOffer("connect-private-address"));
    expect(description).toMatchObject({ address: "10.0.58.47", sessionId: "7781" });
    expect(description.media[0]).toMatchObject({
      kind: "audio",
      port: 20_344,
      protocol: "RTP/AVP",
      formats: ["0", "8", "101"],
      address: "203.0.113.7",
      ptimeMs: 30,
      maxPtimeMs: 20,
      formatParameters: [{ payloadType: 101, parameters: "0-16" }],
    });
  });

  it("keeps labels as text, whatever they look like", () => {
    const labels = parseSdp(fixtureOffer("siprec-two-streams")).media.map((media) => media.label);
    expect(labels).toEqual(["001", "2"]);
  });

  it.each(["\n", "\r", "\r\n", "\r\n\r\n"])("takes %j as an end of line", (end) => {
    const text = `${HEAD}m=audio 4000 RTP/AVP 0`
      .split("\r\n")
      .join(end === "\r\n\r\n" ? "\r\n" : end);
    expect(parseSdp(text + end).media).toHaveLength(1);
  });

  it.each([
    ["nothing", "", "line 1"],
    ["another version", HEAD.replace("v=0", "v=1"), "line 1"],
    ["no o-line", HEAD.replace("o=", "u="), "o-line"],
    ["a broken o-line", HEAD.replace("o=- 1 1", "o=- x 1"), "o-line"],
    ["a line of no type", `${HEAD}hello`, "line 6"],
    ["a blank line within", `${HEAD}\r\nm=audio 4000 RTP/AVP 0`, "line 6"],
    ["a port above 65535", `${HEAD}m=audio 65536 RTP/AVP 0`, "m-line 1"],
    ["a port of six digits", `${HEAD}m=audio 100000 RTP/AVP 0`, "m-line 1"],
    ["a negative port", `${HEAD}m=audio -1 RTP/AVP 0`, "m-line 1"],
    ["a port of letters", `${HEAD}m=audio 0x10 RTP/AVP 0`, "m-line 1"],
    ["no port", `${HEAD}m=audio RTP/AVP 0`, "m-line 1"],
    ["no format", `${HEAD}m=audio 4000 RTP/AVP`, "m-line 1"],
    [
      "an absurd RTCP port",
      `${HEAD}m=audio 4000 RTP/AVP 0\r\na=rtcp:70000`,
      "rtcp attribute of m-line 1",
    ],
    ["a host name", HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 a.example"), "session c-line"],
    [
      "the broadcast address",
      HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 255.255.255.255"),
      "session c-line",
    ],
    ["an IPv6 group", HEAD.replace("c=IN IP4 192.0.2.1", "c=IN IP6 FF02::1"), "session c-line"],
    [
      "a group without a TTL",
      `${HEAD}m=audio 4 RTP/AVP 0\r\nc=IN IP4 224.1.1.1`,
      "c-line of m-line 1",
    ],
    [
      "a multicast address",
      `${HEAD}m=audio 4 RTP/AVP 0\r\nc=IN IP4 224.1.1.1/9`,
      "c-line of m-line 1",
    ],
    ["too many lines", HEAD + "a=x\r\n".repeat(1000), "body"],
    ["too many bytes", `${HEAD}a=${"x".repeat(65_536)}`, "body"],
  ])("refuses %s, and says where", (_name, text, where) => {
    const error = errorOf(text);
    expect(error.code).toBe("SDP_MALFORMED");
    expect(error.details).toMatchObject({ where, expected: expect.any(String) });
  });

  it("refuses more than eight streams", () => {
    expect(errorOf(HEAD + "m=audio 4000 RTP/AVP 0\r\n".repeat(9)).code).toBe(
      "SDP_TOO_MANY_STREAMS",
    );
    expect(parseSdp(HEAD + "m=audio 4000 RTP/AVP 0\r\n".repeat(8)).media).toHaveLength(8);
  });

  it("leaves attributes out that make no sense", () => {
    const [media] = parseSdp(
      `${HEAD}m=audio 4000 RTP/AVP 0\r\na=ptime:0\r\na=maxptime:x\r\na=rtpmap:300 A/1\r\na=rtpmap:9 B/0\r\na=fmtp:5 \r\na=sideways`,
    ).media;
    expect(media).toMatchObject({
      ptimeMs: undefined,
      maxPtimeMs: undefined,
      rtpMaps: [],
      formatParameters: [],
      direction: undefined,
    });
  });

  it("repeats nothing of the body in an error", () => {
    expect(JSON.stringify(errorOf(`${HEAD}m=secret 99999 RTP/AVP 0`).details)).not.toMatch(
      /secret/,
    );
  });

  it("returns a value or a catalogue error for any text", () => {
    const lines = SDP_FIXTURES.flatMap(({ offer }) => offer.split("\r\n"));
    const anyLine = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...lines) },
      fc.string(),
      fc
        .tuple(
          fc.constantFrom("m=audio ", "a=rtcp:", "a=rtpmap:", "c=IN IP4 ", "o=", "a="),
          fc.string(),
        )
        .map((parts) => parts.join("")),
    );
    const anyBody = fc
      .array(anyLine, { maxLength: 15 })
      .map((body) => `${HEAD}${body.filter((line) => line !== "").join("\r\n")}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), anyBody), (text) => {
        try {
          const description = parseSdp(text);
          expect(parseSdp(writeSdp(description))).toEqual(description);
        } catch (error) {
          expect(codeOf(error)).toMatch(/^SDP_/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is not held up by a large hostile body", { timeout: 2000 }, () => {
    const hostile = [`${HEAD}m=audio 4000 RTP/AVP 0\r\n`];
    for (const line of [
      "a=rtpmap:0 ",
      "a=ptime:1.",
      "a=simulcast:",
      "a=imageattr:0 send [",
      "a=",
    ]) {
      hostile.push(`${line + "1. \t;,[".repeat(1800).slice(0, 12_000)}\r\n`);
    }
    expect(parseSdp(hostile.join("")).media).toHaveLength(1);
  });
});
