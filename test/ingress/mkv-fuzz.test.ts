/** Whatever bytes come for Matroska, in whatever pieces: no exception, no endless loop, no memory for what is declared. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MkvFragment, MkvFragments } from "../../src/ingress/mkv-fragments.ts";
import { writeFragment } from "../support/aws/mkv-writer.ts";

const PCM = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) % 251);

function fragment(number: number, endless = false): Buffer {
  return writeFragment({
    number: String(number),
    timecodeMs: number,
    contactId: "c",
    endless,
    tracks: [
      { name: "AUDIO_FROM_CUSTOMER", pcm: PCM },
      { name: "AUDIO_TO_CUSTOMER", pcm: PCM.subarray(0, 3001) },
    ],
  });
}

function read(pieces: Iterable<Uint8Array>): { fragments: MkvFragment[]; garbageBytes: number } {
  const fragments: MkvFragment[] = [];
  const reader = new MkvFragments({
    onFragment: (found) => {
      const blocks = found.blocks.map(({ track, bytes }) => ({ track, bytes: bytes.slice() }));
      fragments.push({ ...found, blocks });
    },
    onTag: () => undefined,
  });
  for (const piece of pieces) {
    reader.push(piece);
  }
  reader.finish(true);
  return { fragments, garbageBytes: reader.garbageBytes };
}

function audioOf(fragments: readonly MkvFragment[], name: string): string {
  const bytes = fragments.flatMap(({ blocks }) =>
    blocks.filter(({ track }) => track === name).map((block) => Buffer.from(block.bytes)),
  );
  return Buffer.concat(bytes).toString("hex");
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Iterable<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const WHOLE = Buffer.concat([fragment(1), fragment(2, true), fragment(3)]);
const EXPECTED = Buffer.concat([PCM, PCM, PCM]).toString("hex");

describe("Matroska of Kinesis Video", () => {
  it("gives the same audio however it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1 }), (sizes) => {
        const { fragments } = read(cut(WHOLE, sizes));
        expect(audioOf(fragments, "AUDIO_FROM_CUSTOMER")).toBe(EXPECTED);
        expect(fragments.map(({ number }) => number)).toEqual(["1", "2", "3"]);
      }),
      { numRuns: 60 },
    );
    expect(audioOf(read(cut(WHOLE, [1])).fragments, "AUDIO_FROM_CUSTOMER")).toBe(EXPECTED);
  });

  it("is read without an exception whatever was changed, and finds the next fragment", () => {
    const changes = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: fragment(1).length - 1 }),
        fc.integer({ min: 0, max: 255 }),
      ),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(changes, fc.integer({ min: 1, max: 3000 }), (places, size) => {
        const broken = Buffer.from(fragment(1));
        for (const [at, value] of places) {
          broken[at] = value;
        }
        // A size that was changed may swallow what follows, up to its bound.
        const rest = Array.from({ length: 3 }, (_, index) => fragment(index + 2));
        const { fragments } = read(cut(Buffer.concat([broken, ...rest]), [size]));
        expect(fragments.length).toBeLessThan(200);
      }),
      { numRuns: 400 },
    );
  });

  it("is read without an exception whatever it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), fc.boolean(), (bytes, hasHeader) => {
        const header = hasHeader ? fragment(1).subarray(0, 40) : new Uint8Array(0);
        read([header, bytes]);
      }),
      { numRuns: 1000 },
    );
  });

  it("loses one fragment to garbage, and goes on with the next", () => {
    const garbage = Buffer.alloc(777, 0xff);
    const { fragments } = read([fragment(1), garbage, fragment(2)]);
    expect(fragments.map(({ number }) => number)).toEqual(["1", "2"]);
  });

  it("takes no memory for a block that says it is a gigabyte", () => {
    const head = fragment(1);
    const cluster = head.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]));
    const huge = Buffer.from([0xa3, 0x01, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00]);
    const before = process.memoryUsage().arrayBuffers;
    const endless = fragment(1, true);
    const at = endless.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75])) + 12;
    const { fragments } = read([endless.subarray(0, at), huge, fragment(2)]);
    expect(cluster).toBeGreaterThan(0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    expect(fragments.map(({ number }) => number)).toEqual(["2"]);
  });
});
