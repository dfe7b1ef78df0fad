/** Offers of real peers, and what they are answered. */
import { describe, expect, it } from "vitest";
import { readAudioStream, writeAnswer, writeOffer } from "../../src/sdp/offer-answer.ts";
import { parseSessionDescription } from "../../src/sdp/session-description.ts";

const LOCAL = { address: "127.0.0.1", port: 20000, sessionId: 7, version: 1 };

function sdp(...media: string[]): string {
  return [
    "v=0",
    "o=x 1 1 IN IP4 192.0.2.1",
    "s=-",
    "c=IN IP4 192.0.2.1",
    "t=0 0",
    ...media,
    "",
  ].join("\r\n");
}

function answer(text: string): string {
  return writeAnswer(parseSessionDescription(text), LOCAL);
}

function stream(text: string) {
  return readAudioStream(parseSessionDescription(text));
}

describe("answer", () => {
  it("takes PCMU with telephone-event under the offer's payload types", () => {
    const offer = sdp(
      "m=audio 48320 RTP/AVP 0 97",
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:97 telephone-event/8000",
      "a=ptime:20",
    );
    expect(stream(offer)).toEqual({
      remoteAddress: "192.0.2.1",
      remotePort: 48320,
      remoteRtcpPort: 48321,
      law: "pcmu",
      payloadType: 0,
      telephoneEventPayloadType: 97,
      ptimeMs: 20,
      direction: "sendrecv",
    });
    expect(answer(offer)).toContain("m=audio 20000 RTP/AVP 0 97\r\n");
  });

  it("prefers the offer's order of codecs", () => {
    expect(stream(sdp("m=audio 4000 RTP/AVP 18 8 0")).law).toBe("pcma");
  });

  it("echoes every m-line in order, with its label, and refuses what it does not take", () => {
    const text = answer(
      sdp("m=video 5000 RTP/AVP 96", "a=label:v1", "m=audio 4000 RTP/AVP 0", "a=label:1"),
    );
    const lines = text.split("\r\n").filter((line) => /^(?:m=|a=label)/.test(line));
    expect(lines).toEqual([
      "m=video 0 RTP/AVP 96",
      "a=label:v1",
      "m=audio 20000 RTP/AVP 0",
      "a=label:1",
    ]);
  });

  it.each([
    ["sendonly", "recvonly"],
    ["recvonly", "sendonly"],
    ["inactive", "inactive"],
    ["sendrecv", "sendrecv"],
  ])("mirrors %s as %s", (offered, ours) => {
    expect(stream(sdp("m=audio 4000 RTP/AVP 0", `a=${offered}`)).direction).toBe(ours);
  });

  it("takes a direction given for the whole session", () => {
    const text = sdp("m=audio 4000 RTP/AVP 0").replace("t=0 0", "t=0 0\r\na=sendonly");
    expect(stream(text).direction).toBe("recvonly");
  });

  it("understands the old hold by address 0.0.0.0", () => {
    const text = sdp("m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0");
    expect(stream(text).direction).toBe("recvonly");
  });

  it.each([
    ["a=ptime:30", 30],
    ["a=ptime:23", 20],
    ["a=maxptime:10", 10],
    ["a=ptime:-1", 20],
  ])("answers %s with ptime %d", (line, ptimeMs) => {
    expect(stream(sdp("m=audio 4000 RTP/AVP 0", line)).ptimeMs).toBe(ptimeMs);
  });

  it("sends RTCP where a=rtcp says", () => {
    expect(stream(sdp("m=audio 4000 RTP/AVP 0", "a=rtcp:4500")).remoteRtcpPort).toBe(4500);
  });
});

describe("refusal", () => {
  it.each([
    ["no common codec", sdp("m=audio 4000 RTP/AVP 18"), "SDP_NO_COMMON_CODEC", 488],
    ["no media line", sdp(), "SDP_NO_AUDIO", 488],
    ["only a refused stream", sdp("m=audio 0 RTP/AVP 0"), "SDP_NO_AUDIO", 488],
    ["encryption it does not have", sdp("m=audio 4000 RTP/SAVP 0"), "SDP_NO_AUDIO", 488],
    ["an absurd port", sdp("m=audio 70000 RTP/AVP 0"), "SDP_MALFORMED", 400],
    ["a port that is no number", sdp("m=audio x RTP/AVP 0"), "SDP_MALFORMED", 400],
    ["an absurd RTCP port", sdp("m=audio 4000 RTP/AVP 0", "a=rtcp:99999"), "SDP_MALFORMED", 400],
    ["a host name", sdp("m=audio 4000 RTP/AVP 0", "c=IN IP4 a.example"), "SDP_MALFORMED", 400],
    ["no SDP at all", "hello", "SDP_MALFORMED", 400],
    [
      "more streams than it takes",
      sdp(...Array.from({ length: 9 }, () => "m=audio 4000 RTP/AVP 0")),
      "SDP_TOO_MANY_STREAMS",
      488,
    ],
  ])("refuses %s", (_what, text, code, sipStatus) => {
    expect(() => stream(text)).toThrow(expect.objectContaining({ code, sipStatus }));
  });
});

describe("offer", () => {
  it("is understood by our own reader", () => {
    expect(stream(writeOffer(LOCAL))).toMatchObject({
      law: "pcmu",
      telephoneEventPayloadType: 101,
    });
  });
});
