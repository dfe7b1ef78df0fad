import { describe, expect, it } from "vitest";
import { LegNegotiation } from "../../src/call/leg-negotiation.ts";
import { body } from "../sdp/fixtures.ts";

const ADDRESS = { address: "198.51.100.1", port: 20_000, rtcpPort: 20_001 };
const AUDIO = "m=audio 4000 RTP/AVP 0";

function answered(...offers: readonly string[]): LegNegotiation {
  const negotiation = new LegNegotiation(7, { signallingAddress: "203.0.113.9" });
  for (const offer of offers) {
    negotiation.answerOffer(offer, ADDRESS);
  }
  return negotiation;
}

describe("the negotiation of a leg", () => {
  it.each([
    ["a=sendonly", "recvonly"],
    ["a=inactive", "inactive"],
    ["c=IN IP4 0.0.0.0", "recvonly"],
  ])("knows a hold by %s, and its end", (line, direction) => {
    const negotiation = answered(body(AUDIO), body(AUDIO, line));
    expect(negotiation.stream).toMatchObject({ held: true, direction });
    negotiation.renegotiate(body(AUDIO));
    expect(negotiation.stream).toMatchObject({ held: false, direction: "sendrecv" });
  });

  it("takes a call that is one-way from the beginning for no hold", () => {
    const oneWay = body(AUDIO, "a=sendonly");
    expect(answered(oneWay).stream).toMatchObject({ held: false, direction: "recvonly" });
    expect(answered(oneWay, oneWay).stream.held).toBe(false);
  });

  it("says where the peer's SIP comes from, and how RTCP goes", () => {
    expect(answered(body(AUDIO, "a=rtcp-mux")).stream).toMatchObject({
      signallingAddress: "203.0.113.9",
      rtcpMux: true,
    });
  });

  it("offers nothing anew before anything was agreed on", () => {
    expect(() => new LegNegotiation(7).renegotiate(undefined)).toThrow("nothing agreed on yet");
  });
});
