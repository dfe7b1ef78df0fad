/** Framing of SIP over streams and of the application link, split at any byte. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameReader } from "../../../src/signaling/embedded/admin-framing.ts";
import { StreamFramer } from "../../../src/signaling/embedded/stream-framing.ts";
import { request } from "./support/sip-bench.ts";

interface Heard {
  readonly messages: string[];
  readonly refused: string[];
  pings: number;
  fault: string | undefined;
}

function frame(chunks: readonly Buffer[]): Heard {
  const heard: Heard = { messages: [], refused: [], pings: 0, fault: undefined };
  const framer = new StreamFramer({
    onMessage: (bytes) => heard.messages.push(bytes.toString("latin1")),
    onOversized: (head) => heard.refused.push(head.toString("latin1")),
    onPing: () => {
      heard.pings += 1;
    },
  });
  for (const chunk of chunks) {
    heard.fault ??= framer.push(chunk);
  }
  return heard;
}

function cut(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const sorted = [...new Set(positions.map((p) => p % bytes.length))].sort((a, b) => a - b);
  const edges = [0, ...sorted, bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

const INVITE = request("INVITE", { body: "v=0\r\n\r\nmore" });
const OPTIONS = request("OPTIONS");

describe("SIP over a stream", () => {
  const stream = Buffer.from(`\r\n\r\n${INVITE}${OPTIONS}\r\n\r\n\r\n${INVITE}`);
  const expected = { messages: [INVITE, OPTIONS, INVITE], refused: [], pings: 2, fault: undefined };

  it("is cut the same at whatever byte it is split", () => {
    for (let position = 1; position < stream.length; position += 1) {
      expect(frame(cut(stream, [position]))).toEqual(expected);
    }
    expect(frame([...stream].map((byte) => Buffer.of(byte)))).toEqual(expected);
  });

  it("is cut the same however it is split", () => {
    const property = fc.property(fc.array(fc.nat(2000), { maxLength: 12 }), (positions) => {
      expect(frame(cut(stream, positions))).toEqual(expected);
    });
    fc.assert(property);
  });

  it("keeps messages intact when the chunks are reused", () => {
    const kept: Buffer[] = [];
    const framer = new StreamFramer({
      onMessage: (bytes) => kept.push(bytes),
      onOversized: () => undefined,
      onPing: () => undefined,
    });
    framer.push(Buffer.from(INVITE.slice(0, 50)));
    framer.push(Buffer.from(INVITE.slice(50) + OPTIONS.slice(0, 10)));
    framer.push(Buffer.from(OPTIONS.slice(10) + INVITE));
    expect(kept.map(String)).toEqual([INVITE, OPTIONS, INVITE]);
  });

  it.each([
    ["headers without end", `INVITE sip:a SIP/2.0\r\n${"a".repeat(262_144)}`, "tooBig"],
    ["a length that is no number", "INVITE sip:a SIP/2.0\r\nl: x\r\n\r\n", "badFraming"],
    ["something else", "GET / HTTP/1.1\r\n\r\n", "badFraming"],
  ])("ends with %s", (_what, text, fault) => {
    expect(frame([Buffer.from(text)])).toEqual({ messages: [], refused: [], pings: 0, fault });
  });

  const huge = (length: number): string => `INVITE sip:a SIP/2.0\r\nl: ${length}\r\n\r\n`;

  it("hands on the head of what is too large, reads past it, and goes on", () => {
    const large = Buffer.from(`${huge(300_000)}${"INVITE x SIP/2.0\r\n\r\n".repeat(16_000)}`);
    const bytes = large.subarray(0, huge(300_000).length + 300_000);
    const wanted = { messages: [OPTIONS], refused: [huge(300_000)], pings: 0, fault: undefined };
    const stream = Buffer.concat([bytes, Buffer.from(OPTIONS)]);
    expect(frame([stream])).toEqual(wanted);
    expect(frame(cut(stream, [5, 31, 32, 33, 34, 40, 70_000, 300_030, 300_034]))).toEqual(wanted);
  });

  it("ends with what is too large to be read past, after its head was handed on", () => {
    const head = huge(99_999_999);
    const wanted = { messages: [], refused: [head], pings: 0, fault: "tooBig" };
    expect(frame([Buffer.from(head)])).toEqual(wanted);
  });

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 60 })),
        (chunks) => void frame(chunks.map((c) => Buffer.from(c))),
      ),
    );
  });
});

describe("the application link", () => {
  const read = (chunks: readonly Buffer[], maxBytes = 1000): { frames: string[]; ok: boolean } => {
    const frames: string[] = [];
    const reader = new FrameReader(maxBytes, (bytes) => frames.push(bytes.toString("utf8")));
    return { frames, ok: chunks.every((chunk) => reader.push(chunk)) || false };
  };

  it("counts bytes, not characters, and takes any split", () => {
    const bytes = Buffer.concat([
      encodeFrame("id|ping", undefined),
      encodeFrame("id|sip|x", Buffer.from("Grüße #1 🎉")),
      encodeFrame("id|route|invite", undefined),
    ]);
    const frames = ["id|ping", "id|sip|x\r\nGrüße #1 🎉", "id|route|invite"];
    const property = fc.property(fc.array(fc.nat(200), { maxLength: 20 }), (positions) => {
      expect(read(cut(bytes, positions))).toEqual({ frames, ok: true });
    });
    fc.assert(property);
  });

  it.each(["x#", "#", "0#", "1001#", "12345678#", "12345678", "-1#a", "1 #a"])(
    "refuses %s",
    (text) => {
      expect(read([Buffer.from(text)]).ok).toBe(false);
    },
  );
});
