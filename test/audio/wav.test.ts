import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWav, writeWav } from "../../src/audio/wav.ts";
import { codeOf } from "../../src/core/errors.ts";

const int16 = fc.integer({ min: -32_768, max: 32_767 });

/** A valid file of one channel with 16-bit values of its header overwritten. */
function withHeader(values: Readonly<Record<number, number>>, data = 8): Uint8Array {
  const bytes = writeWav(8000, [new Int16Array(data / 2)]);
  const view = new DataView(bytes.buffer);
  for (const [offset, value] of Object.entries(values)) {
    view.setUint16(Number(offset), value, true);
  }
  return bytes;
}

function codeFor(bytes: Uint8Array): string | undefined {
  try {
    readWav(bytes);
    return undefined;
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}

describe("WAV", () => {
  it("reads what it writes, for any channels", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8000, 16_000, 24_000, 44_100),
        fc.integer({ min: 1, max: 3 }).chain((channels) =>
          fc.array(fc.array(int16, { minLength: 5, maxLength: 5 }), {
            minLength: channels,
            maxLength: channels,
          }),
        ),
        (rateHz, channels) => {
          const samples = channels.map((channel) => Int16Array.from(channel));
          expect(readWav(writeWav(rateHz, samples))).toEqual({
            rateHz,
            channels: samples.length,
            samples,
          });
        },
      ),
    );
  });

  it("pads the shorter channel with silence", () => {
    const { samples } = readWav(writeWav(8000, [Int16Array.of(1, 2, 3), Int16Array.of(9)]));
    expect(samples.map((channel) => [...channel])).toEqual([
      [1, 2, 3],
      [9, 0, 0],
    ]);
  });

  it.each([
    ["µ-law", 7, -32_124],
    ["A-law", 6, -5504],
  ])("reads %s", (_name, code, first) => {
    const { samples } = readWav(withHeader({ 20: code, 32: 1, 34: 8 }));
    expect([samples[0]?.length, samples[0]?.[0]]).toEqual([8, first]);
  });

  it("skips other chunks, odd ones with their padding", () => {
    const bytes = writeWav(8000, [Int16Array.of(7)]);
    const extra = Uint8Array.of(0x4c, 0x49, 0x53, 0x54, 3, 0, 0, 0, 1, 2, 3, 0);
    const joined = Uint8Array.of(...bytes.subarray(0, 36), ...extra, ...bytes.subarray(36));
    expect([...(readWav(joined).samples[0] ?? [])]).toEqual([7]);
  });

  it("reads a file whose recording was cut off, and one at an odd place in memory", () => {
    const bytes = writeWav(8000, [Int16Array.of(1, 2, 3, 4)]);
    expect(readWav(bytes.subarray(0, 49)).samples[0]).toHaveLength(2);
    const moved = new Uint8Array(bytes.length + 1);
    moved.set(bytes, 1);
    expect([...(readWav(moved.subarray(1)).samples[0] ?? [])]).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["another file", new TextEncoder().encode("ID3 and then some MP3")],
    ["a header alone", writeWav(8000, []).subarray(0, 36)],
    ["8-bit PCM", withHeader({ 34: 8 })],
    ["32-bit float", withHeader({ 20: 3, 34: 32 })],
    ["no channel", withHeader({ 22: 0 })],
    ["no rate", withHeader({ 24: 0 })],
    ["a short format chunk", withHeader({ 16: 2 })],
  ])("refuses %s", (_name, bytes) => {
    expect(codeFor(bytes)).toBe("AUDIO_FILE_INVALID");
  });

  it("returns audio or a catalogue error for any bytes", () => {
    const whole = writeWav(8000, [new Int16Array(20)]);
    const damage = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 255 })),
    );
    fc.assert(
      fc.property(damage, fc.integer({ min: 0, max: 84 }), (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [offset, value] of changes) {
          bytes[offset] = value;
        }
        expect([undefined, "AUDIO_FILE_INVALID"]).toContain(codeFor(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});
