import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compactNtp,
  ntpFromWallMs,
  parseRtcp,
  type ReportBlock,
  roundTripMs,
  writeReport,
} from "../../src/rtp/rtcp.ts";

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const anyBlock: fc.Arbitrary<ReportBlock> = fc.record({
  ssrc: uint32,
  fractionLost: fc.integer({ min: 0, max: 255 }),
  cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  highestSequence: uint32,
  jitter: uint32,
  lastSenderReport: uint32,
  delaySinceLastSenderReport: uint32,
});
const anySender = fc.record({
  ntpSeconds: uint32,
  ntpFraction: uint32,
  rtpTimestamp: uint32,
  packetCount: uint32,
  octetCount: uint32,
});

describe("RTCP", () => {
  it("parses what it writes, for any report", () => {
    fc.assert(
      fc.property(
        uint32,
        fc.string({ maxLength: 60 }),
        fc.option(anySender, { nil: undefined }),
        fc.array(anyBlock, { maxLength: 5 }),
        fc.boolean(),
        (ssrc, cname, sender, blocks, bye) => {
          const bytes = new Uint8Array(600).fill(0xee);
          const report = { ssrc, cname, blocks, bye, ...(sender === undefined ? {} : { sender }) };
          const length = writeReport(bytes, report);
          expect(length % 4).toBe(0);
          const head =
            sender === undefined
              ? { kind: "receiverReport", ssrc, blocks }
              : { kind: "senderReport", ssrc, sender, blocks };
          expect(parseRtcp(bytes, length)).toEqual([
            head,
            { kind: "sourceDescription", ssrc, cname },
            ...(bye ? [{ kind: "bye", ssrcs: [ssrc] }] : []),
          ]);
          expect(parseRtcp(bytes, length - 4)).toBe("length");
        },
      ),
    );
  });

  it("writes nothing into a buffer that is too small", () => {
    expect(writeReport(new Uint8Array(20), { ssrc: 1, cname: "gateway", blocks: [] })).toBe(0);
  });

  it.each([
    ["tooShort", [0x80, 200]],
    ["firstPacket", [0x80, 203, 0, 1, 0, 0, 0, 1]],
    ["version", [0x40, 201, 0, 1, 0, 0, 0, 1]],
    ["length", [0x80, 201, 0, 9, 0, 0, 0, 1]],
    ["content", [0x81, 201, 0, 1, 0, 0, 0, 1]],
    ["content", [0x80, 201, 0, 1, 0, 0, 0, 1, 0x82, 203, 0, 1, 0, 0, 0, 1]],
    ["content", [0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 202, 0, 2, 0, 0, 0, 1, 1, 99, 0, 0]],
  ])("refuses for its %s", (reason, bytes) => {
    expect(parseRtcp(Uint8Array.from(bytes), bytes.length)).toBe(reason);
  });

  it("leaves out packets it does not know", () => {
    const bytes = Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 1, 0x80, 204, 0, 0, 0x80, 202, 0, 0);
    expect(parseRtcp(bytes, bytes.length)).toEqual([
      { kind: "receiverReport", ssrc: 1, blocks: [] },
    ]);
  });

  it("returns packets or a refusal for any bytes", () => {
    const anyCompound = fc
      .tuple(fc.integer({ min: 0x80, max: 0xbf }), fc.constantFrom(200, 201), fc.uint8Array())
      .map(([first, type, rest]) => Uint8Array.of(first, type, 0, 1, 0, 0, 0, 9, ...rest));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), anyCompound), (bytes) => {
        const result = parseRtcp(bytes, bytes.length);
        expect(Array.isArray(result) || typeof result === "string").toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it("tells NTP time of a wall clock", () => {
    expect(ntpFromWallMs(0)).toEqual({ seconds: 2_208_988_800, fraction: 0 });
    expect(ntpFromWallMs(1500)).toEqual({ seconds: 2_208_988_801, fraction: 2 ** 31 });
    expect(compactNtp(0x1234_5678, 0x9abc_def0)).toBe(0x5678_9abc);
  });

  it("computes the round trip of RFC 3550 figure 2", () => {
    const block: ReportBlock = {
      ssrc: 1,
      fractionLost: 0,
      cumulativeLost: 0,
      highestSequence: 0,
      jitter: 0,
      lastSenderReport: 0xb705_2000,
      delaySinceLastSenderReport: 0x0005_4000,
    };
    expect(roundTripMs(block, 0xb710_8000)).toBe(6125);
    expect(roundTripMs({ ...block, lastSenderReport: 0 }, 0xb710_8000)).toBeUndefined();
    expect(roundTripMs(block, 0xb705_2000)).toBeUndefined();
  });
});
