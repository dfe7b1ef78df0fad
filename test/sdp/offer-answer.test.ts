import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LocalSession } from "../../src/sdp/local-session.ts";
import { answer, checkOffer, offer } from "../../src/sdp/offer-answer.ts";
import { parseSdp } from "../../src/sdp/parse-sdp.ts";
import { applyAnswer } from "../../src/sdp/read-answer.ts";
import { body, CAPABILITIES, codeFor, fixtureOffer, SDP_FIXTURES, TRANSPORTS } from "./fixtures.ts";

describe("answer", () => {
  it.each(SDP_FIXTURES)("answers $name line by line", (fixture) => {
    expect(answer(fixture.offer, CAPABILITIES).sdp).toBe(fixture.answer);
  });

  it("tells where and what to send", () => {
    expect(answer(fixtureOffer("connect-private-address"), CAPABILITIES).audio).toEqual({
      mediaIndex: 0,
      remoteAddress: "203.0.113.7",
      remotePort: 20_344,
      remoteRtcpPort: 20_345,
      remoteRtcpAddress: undefined,
      rtcpMux: false,
      law: "pcmu",
      payloadType: 0,
      telephoneEventPayloadType: 101,
      ptimeMs: 20,
      direction: "sendrecv",
      label: undefined,
      remoteHold: false,
    });
  });

  it("takes as many audio streams as it has transports, and refuses the rest", () => {
    const both = answer(fixtureOffer("siprec-two-streams"), CAPABILITIES);
    expect(both.streams.map((stream) => [stream.label, stream.payloadType])).toEqual([
      ["001", 0],
      ["2", 98],
    ]);
    const one = answer(fixtureOffer("siprec-two-streams"), {
      ...CAPABILITIES,
      transports: TRANSPORTS.slice(0, 1),
    });
    expect(one.streams).toHaveLength(1);
    expect(parseSdp(one.sdp).media.map((media) => [media.port, media.label])).toEqual([
      [20_000, "001"],
      [0, "2"],
    ]);
  });

  it.each([
    ["sendrecv", "sendrecv", false],
    ["sendonly", "recvonly", true],
    ["recvonly", "sendonly", false],
    ["inactive", "inactive", true],
  ])("answers %s with %s", (offered, expected, remoteHold) => {
    const result = answer(body("m=audio 4000 RTP/AVP 0", `a=${offered}`), CAPABILITIES);
    expect(result.audio).toMatchObject({ direction: expected, remoteHold });
    expect(parseSdp(result.sdp).media[0]?.direction).toBe(expected);
  });

  it("sends nothing to the address of a hold in the old way", () => {
    const { audio } = answer(fixtureOffer("hold-by-address"), CAPABILITIES);
    expect(audio).toMatchObject({ direction: "recvonly", remoteHold: true });
  });

  it("offers no more than it wants itself", () => {
    const held = { ...CAPABILITIES, direction: "sendonly" as const };
    const direction = (text: string) => answer(text, held).audio.direction;
    expect(direction(body("m=audio 4000 RTP/AVP 0"))).toBe("sendonly");
    expect(direction(body("m=audio 4000 RTP/AVP 0", "a=sendonly"))).toBe("inactive");
  });

  it.each([
    [[], 20],
    [["a=ptime:30"], 30],
    [["a=ptime:25"], 20],
    [["a=ptime:40", "a=maxptime:30"], 30],
    [["a=maxptime:10"], 10],
    [["a=ptime:60"], 60],
  ])("with %j packs %i ms", (lines, expected) => {
    const text = body("m=audio 4000 RTP/AVP 0", ...lines);
    expect(answer(text, CAPABILITIES).audio.ptimeMs).toBe(expected);
  });

  it("finds the RTCP port where it is said, or next to RTP", () => {
    const rtcp = (...lines: readonly string[]) =>
      answer(body(...lines), CAPABILITIES).audio.remoteRtcpPort;
    expect(rtcp("m=audio 4000 RTP/AVP 0")).toBe(4001);
    expect(rtcp("m=audio 4000 RTP/AVP 0", "a=rtcp:53020 IN IP4 126.16.64.4")).toBe(53_020);
    expect(rtcp("m=audio 65535 RTP/AVP 0")).toBe(65_535);
  });

  it("reads codecs by their names, not their numbers alone", () => {
    const law = (...lines: readonly string[]) => answer(body(...lines), CAPABILITIES).audio;
    expect(law("m=audio 4 RTP/AVP 96 0", "a=rtpmap:96 pcma/8000")).toMatchObject({
      law: "pcma",
      payloadType: 96,
    });
    expect(law("m=audio 4 RTP/AVP 0 8", "a=rtpmap:0 G729/8000").law).toBe("pcma");
    expect(law("m=audio 4 RTP/AVP 96 8", "a=rtpmap:96 PCMU/16000").law).toBe("pcma");
  });

  it.each([
    ["SDP_NO_COMMON_CODEC", body("m=audio 4000 RTP/AVP 18 101")],
    ["SDP_NO_AUDIO", body("m=video 4000 RTP/AVP 96")],
    ["SDP_NO_AUDIO", body("m=audio 0 RTP/AVP 0")],
    ["SDP_SRTP_OFF", body("m=audio 4000 RTP/SAVP 0")],
    ["SDP_NO_AUDIO", body()],
    ["SDP_MALFORMED", body("m=audio 4000 RTP/AVP 0").replace("c=IN IP4 192.0.2.1\r\n", "")],
  ])("refuses with %s, before and after ports are taken", (code, text) => {
    expect(codeFor(() => answer(text, CAPABILITIES))).toBe(code);
    expect(codeFor(() => checkOffer(text))).toBe(code);
  });

  it("counts the streams that could be taken", () => {
    expect(checkOffer(fixtureOffer("siprec-two-streams"))).toBe(2);
    expect(checkOffer(fixtureOffer("siprec-two-streams"), { laws: ["pcma"] })).toBe(1);
  });

  it("mirrors the shape of any offer", () => {
    const line = fc
      .tuple(
        fc.constantFrom("audio", "video", "image"),
        fc.integer({ min: 0, max: 65_535 }),
        fc.constantFrom("RTP/AVP", "RTP/AVPF", "RTP/SAVP", "udptl"),
        fc.uniqueArray(fc.constantFrom("0", "8", "18", "101"), { minLength: 1 }),
      )
      .map(
        ([kind, port, protocol, formats]) => `m=${kind} ${port} ${protocol} ${formats.join(" ")}`,
      );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const offered = body("m=audio 4000 RTP/AVP 0", ...lines.slice(0, 7));
        const theirs = parseSdp(offered).media;
        const ours = parseSdp(answer(offered, CAPABILITIES).sdp).media;
        expect(ours.map((media) => [media.kind, media.protocol])).toEqual(
          theirs.map((media) => [media.kind, media.protocol]),
        );
        ours.forEach((media, i) => {
          expect(theirs[i]?.formats).toEqual(expect.arrayContaining([...media.formats]));
          expect(media.port !== 0 && theirs[i]?.port === 0).toBe(false);
        });
      }),
    );
  });
});

describe("offer and applyAnswer", () => {
  it("offers both laws and telephone-events", () => {
    const [media] = parseSdp(offer({ ...CAPABILITIES, transports: TRANSPORTS.slice(0, 1) })).media;
    expect(media).toMatchObject({
      port: 20_000,
      rtcpPort: 20_001,
      formats: ["0", "8", "101"],
      ptimeMs: 20,
      direction: "sendrecv",
    });
  });

  const OURS = offer({ ...CAPABILITIES, transports: TRANSPORTS.slice(0, 1) });

  it("agrees with an answer of its own kind", () => {
    const theirs = answer(OURS, { ...CAPABILITIES, laws: ["pcma"], direction: "recvonly" });
    expect(applyAnswer(OURS, theirs.sdp).audio).toMatchObject({
      law: "pcma",
      payloadType: 8,
      telephoneEventPayloadType: 101,
      direction: "sendonly",
      remoteHold: false,
    });
  });

  it.each([
    ["SDP_MALFORMED", body()],
    ["SDP_NO_COMMON_CODEC", body("m=audio 4000 RTP/AVP 18")],
    ["SDP_NO_AUDIO", body("m=audio 0 RTP/AVP 0")],
  ])("refuses an answer with %s", (code, text) => {
    expect(codeFor(() => applyAnswer(OURS, text))).toBe(code);
  });

  it("takes no codec that it did not offer", () => {
    const onlyPcmu = offer({ ...CAPABILITIES, laws: ["pcmu"], telephoneEvent: false });
    const theirs = body(
      "m=audio 4 RTP/AVP 8 0 101",
      "a=rtpmap:101 telephone-event/8000",
      "m=audio 0 RTP/AVP 0",
    );
    expect(applyAnswer(onlyPcmu, theirs).audio).toMatchObject({
      law: "pcmu",
      telephoneEventPayloadType: undefined,
    });
  });
});

describe("LocalSession", () => {
  const { transports } = CAPABILITIES;

  it("raises its version on change only", () => {
    const session = new LocalSession(100);
    const plain = body("m=audio 4000 RTP/AVP 0");
    const first = session.answer(plain, { transports });
    expect(session.answer(plain, { transports }).sdp).toBe(first.sdp);
    expect(session.version).toBe(100);
    const held = session.answer(body("m=audio 4000 RTP/AVP 0", "a=sendonly"), { transports });
    expect(parseSdp(held.sdp)).toMatchObject({ sessionId: "100", sessionVersion: "101" });
    const offered = session.offer({ transports: transports.slice(0, 1) });
    expect(parseSdp(offered)).toMatchObject({ sessionId: "100", sessionVersion: "102" });
    expect(session.offer({ transports: transports.slice(0, 1) })).toBe(offered);
    expect(session.applyAnswer(plain).audio.remotePort).toBe(4000);
  });

  it("is not changed by an offer that it refuses", () => {
    const session = new LocalSession(7);
    expect(codeFor(() => session.answer(body(), { transports }))).toBe("SDP_NO_AUDIO");
    expect(() => session.applyAnswer(body())).toThrow("before any offer");
    expect(session.version).toBe(7);
  });
});
