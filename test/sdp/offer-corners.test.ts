/** Offers that are right but unusual, and some that are wrong. */
import { describe, expect, it } from "vitest";
import { answer } from "../../src/sdp/offer-answer.ts";
import { parseSdp } from "../../src/sdp/parse-sdp.ts";
import { body, CAPABILITIES, codeFor, TRANSPORTS } from "./fixtures.ts";

describe("an answer", () => {
  it("takes the address of RTCP where it is said", () => {
    const text = body("m=audio 4000 RTP/AVP 0", "a=rtcp:53020 IN IP4 198.51.100.4");
    expect(answer(text, CAPABILITIES).audio).toMatchObject({
      remoteRtcpAddress: "198.51.100.4",
      remoteRtcpPort: 53_020,
    });
    const group = body("m=audio 4000 RTP/AVP 0", "a=rtcp:53020 IN IP4 224.0.0.1");
    expect(answer(group, CAPABILITIES).audio.remoteRtcpAddress).toBeUndefined();
  });

  it("shares the RTP port with RTCP when asked to, and only then", () => {
    const offered = body("m=audio 4000 RTP/AVP 0", "a=rtcp:4001", "a=rtcp-mux");
    const shared = answer(offered, CAPABILITIES);
    expect(shared.audio).toMatchObject({ rtcpMux: true, remoteRtcpPort: 4000 });
    expect(shared.sdp).toMatch(/a=rtcp-mux\r\n/);
    expect(shared.sdp).not.toContain("a=rtcp:");
    const apart = answer(offered, { ...CAPABILITIES, rtcpMux: false });
    expect(apart.audio).toMatchObject({ rtcpMux: false, remoteRtcpPort: 4001 });
    expect(apart.sdp).not.toContain("rtcp-mux");
    expect(answer(body("m=audio 4000 RTP/AVP 0"), CAPABILITIES).sdp).not.toContain("rtcp-mux");
  });

  it.each([
    ["first of several audio streams", ["m=audio 4000 RTP/AVP 0", "m=audio 4002 RTP/AVP 0"]],
    ["audio beside video", ["m=audio 4000 RTP/AVP 0", "m=video 4002 RTP/AVP 96"]],
  ])("takes the %s and refuses the other with port 0", (_what, lines) => {
    const one = { ...CAPABILITIES, transports: TRANSPORTS.slice(0, 1) };
    const { sdp } = answer(body(...lines), one);
    expect(parseSdp(sdp).media.map((media) => media.port)).toEqual([20_000, 0]);
  });

  it("keeps out what it does not know", () => {
    const strange = ["a=x-vendor:1", "a=candidate:1 1 UDP 1 192.0.2.1 9 typ host", "b=AS:64"];
    const text = body("a=x-session", "m=audio 4000 RTP/AVP 0", ...strange, "a=sendrecv");
    expect(answer(text, CAPABILITIES).sdp).toBe(
      answer(body("m=audio 4000 RTP/AVP 0"), CAPABILITIES).sdp,
    );
  });

  it.each(["sendonly", "inactive", "recvonly"] as const)(
    "takes %s of the session where the stream says nothing",
    (direction) => {
      const forStream = body("m=audio 4000 RTP/AVP 0", `a=${direction}`);
      const forSession = body(`a=${direction}`, "m=audio 4000 RTP/AVP 0");
      expect(answer(forSession, CAPABILITIES)).toEqual(answer(forStream, CAPABILITIES));
      const overruled = body(`a=${direction}`, "m=audio 4000 RTP/AVP 0", "a=sendrecv");
      expect(answer(overruled, CAPABILITIES).audio.direction).toBe("sendrecv");
    },
  );

  it("takes the stream whose address has the IP version of ours", () => {
    const text = body("m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1", "m=audio 4002 RTP/AVP 8");
    const four = answer(text, CAPABILITIES);
    expect(four.streams.map((stream) => stream.mediaIndex)).toEqual([1]);
    const transports = [{ address: "2001:db8::9", port: 20_000, rtcpPort: 20_001 }];
    const six = answer(text, { ...CAPABILITIES, transports });
    expect(six.audio).toMatchObject({ mediaIndex: 0, remoteAddress: "2001:db8::1" });
    expect(six.sdp).toContain("c=IN IP6 2001:db8::9");
  });

  it("holds by an address of nobody in either IP version", () => {
    const text = body("m=audio 4000 RTP/AVP 0", "c=IN IP6 ::");
    expect(answer(text, CAPABILITIES).audio).toMatchObject({
      direction: "recvonly",
      remoteHold: true,
    });
  });

  it("refuses an offer that wants all of its audio at the other IP version", () => {
    const text = body("m=audio 4000 RTP/AVP 0").replace("c=IN IP4 192.0.2.1", "c=IN IP6 ::1");
    expect(codeFor(() => answer(text, CAPABILITIES))).toBe("SDP_ADDRESS_FAMILY");
  });

  it.each([
    ["0", "SDP_NO_AUDIO"],
    ["65536", "SDP_MALFORMED"],
    ["99999", "SDP_MALFORMED"],
    ["-1", "SDP_MALFORMED"],
    ["4000.5", "SDP_MALFORMED"],
    ["1", undefined],
    ["65535", undefined],
  ])("meets port %s with %s", (port, code) => {
    expect(codeFor(() => answer(body(`m=audio ${port} RTP/AVP 0`), CAPABILITIES))).toBe(code);
  });
});
