import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addTimestamp,
  hasMarker,
  isRtcp,
  isRtp,
  nextSequence,
  payloadEnd,
  payloadOffset,
  payloadType,
  readUint32,
  sequenceDelta,
  sequenceNumber,
  ssrc,
  timestamp,
  timestampDelta,
  writeRtpHeader,
} from "../../src/rtp/packet.ts";
import { SequenceExtender } from "../../src/rtp/sequence-extender.ts";

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const uint16 = fc.integer({ min: 0, max: 0xffff });

/** A header with the first byte given, then `rest`. */
function datagram(first: number, rest: readonly number[] = []): Uint8Array {
  return Uint8Array.of(first, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, ...rest);
}

describe("RTP header", () => {
  it("reads back what it writes, for any field", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 127 }),
        fc.constantFrom<0 | 1>(0, 1),
        uint16,
        uint32,
        uint32,
        (type, marker, sequence, time, source) => {
          const bytes = new Uint8Array(172);
          writeRtpHeader(bytes, type, marker, sequence, time, source);
          expect(isRtp(bytes, 172)).toBeUndefined();
          expect(payloadType(bytes)).toBe(type);
          expect(hasMarker(bytes)).toBe(marker === 1);
          expect(sequenceNumber(bytes)).toBe(sequence);
          expect(timestamp(bytes)).toBe(time);
          expect(ssrc(bytes)).toBe(source);
          expect([payloadOffset(bytes, 172), payloadEnd(bytes, 172)]).toEqual([12, 172]);
        },
      ),
    );
  });

  it.each([
    ["tooShort", datagram(0x80).subarray(0, 11)],
    ["version", datagram(0x40)],
    ["csrc", datagram(0x81)],
    ["extension", datagram(0x90)],
    ["extension", datagram(0x90, [0, 0, 0, 1])],
    ["padding", datagram(0xa0, [1, 2, 0])],
    ["padding", datagram(0xa0, [1, 2, 4])],
  ])("refuses a datagram for its %s", (reason, bytes) => {
    expect(isRtp(bytes, bytes.length)).toBe(reason);
  });

  it.each([
    ["CSRCs", datagram(0x81, [9, 9, 9, 9, 5]), 16, 17],
    ["an extension", datagram(0x90, [0, 0, 0, 1, 9, 9, 9, 9, 5]), 20, 21],
    ["padding", datagram(0xa0, [5, 6, 0, 2]), 12, 14],
    ["padding only", datagram(0xa0, [2, 2]), 12, 12],
    ["no payload", datagram(0x80), 12, 12],
  ])("finds the payload of a packet with %s", (_name, bytes, start, end) => {
    expect(isRtp(bytes, bytes.length)).toBeUndefined();
    expect(payloadOffset(bytes, bytes.length)).toBe(start);
    expect(payloadEnd(bytes, bytes.length)).toBe(end);
  });

  it("never lets a payload leave the datagram, for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        if (isRtp(bytes, bytes.length) === undefined) {
          const start = payloadOffset(bytes, bytes.length);
          const end = payloadEnd(bytes, bytes.length);
          expect(start).toBeGreaterThanOrEqual(12);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("tells RTCP from RTP for every second byte", () => {
    for (let second = 0; second < 256; second += 1) {
      const rtcp = isRtcp(Uint8Array.of(0x80, second, 0, 0), 4);
      expect(rtcp).toBe(second >= 192 && second <= 223);
    }
    expect(isRtcp(Uint8Array.of(0x80, 200), 2)).toBe(false);
    expect(isRtcp(Uint8Array.of(0x40, 200, 0, 0), 4)).toBe(false);
  });
});

describe("modular arithmetic", () => {
  it("follows every sequence number through the wrap", () => {
    let wrong = 0;
    for (let sequence = 0; sequence < 65_536; sequence += 1) {
      wrong += sequenceDelta(nextSequence(sequence), sequence) === 1 ? 0 : 1;
    }
    expect(wrong).toBe(0);
    expect(nextSequence(65_535)).toBe(0);
  });

  it("undoes an addition of up to half the circle", () => {
    fc.assert(
      fc.property(uint32, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (start, samples) => {
        const end = addTimestamp(start, samples);
        expect(end).toBeGreaterThanOrEqual(0);
        expect(timestampDelta(end, start)).toBe(samples);
      }),
    );
    fc.assert(
      fc.property(uint16, fc.integer({ min: -32_768, max: 32_767 }), (start, count) => {
        expect(sequenceDelta((start + count) & 0xffff, start)).toBe(count);
      }),
    );
  });

  it("reads 32-bit numbers as unsigned", () => {
    expect(readUint32(Uint8Array.of(0xff, 0xff, 0xff, 0xfe), 0)).toBe(0xffff_fffe);
  });
});

describe("SequenceExtender", () => {
  it("counts on through every wrap", () => {
    const extender = new SequenceExtender(1);
    let wrong = 0;
    for (let extended = 65_000; extended < 65_000 + 3 * 65_536; extended += 1) {
      wrong += extender.push(extended & 0xffff) === extended ? 0 : 1;
    }
    expect(wrong).toBe(0);
  });

  it("believes a source after two packets in sequence", () => {
    const extender = new SequenceExtender();
    expect([10, 20, 21, 22].map((sequence) => extender.push(sequence))).toEqual([-1, -1, 21, 22]);
    expect([extender.valid, extender.base, extender.highest]).toEqual([true, 21, 22]);
  });

  it("places a reordered packet before the wrap", () => {
    const extender = new SequenceExtender(1);
    expect([65_534, 0, 65_535, 1].map((sequence) => extender.push(sequence))).toEqual([
      65_534, 65_536, 65_535, 65_537,
    ]);
  });

  it("refuses one stray packet and follows a restart once two agree", () => {
    const extender = new SequenceExtender(1);
    expect([100, 40_000, 101, 9000, 9001, 9002].map((sequence) => extender.push(sequence))).toEqual(
      [100, -1, 101, -1, 9001, 9002],
    );
    expect([extender.restarts, extender.base]).toEqual([1, 9001]);
  });

  it("has no number for a packet from before the first", () => {
    const extender = new SequenceExtender(1);
    expect([2, 65_535].map((sequence) => extender.push(sequence))).toEqual([2, -1]);
  });
});
