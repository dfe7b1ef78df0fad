/** Framing of SIP over streams and of the application link, split at any byte. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameReader } from "../../../src/signaling/embedded/admin-framing.ts";
import { StreamFramer } from "../../../src/signaling/embedded/stream-framing.ts";
import { request } from "./support/sip-bench.ts";

interface Heard {
  readonly messages: string[];
  pings: number;
  fault: string | undefined;
}

function frame(chunks: readonly Buffer[]): Heard {
  const heard: Heard = { messages: [], pings: 0, fault: undefined };
  const framer = new StreamFramer({
    onMessage: (bytes) => heard.messages.push(bytes.toString("latin1")),
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
  const expected = { messages: [INVITE, OPTIONS, INVITE], pings: 2, fault: undefined };

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
      onPing: () => undefined,
    });
    framer.push(Buffer.from(INVITE.slice(0, 50)));
    framer.push(Buffer.from(INVITE.slice(50) + OPTIONS.slice(0, 10)));
    framer.push(Buffer.from(OPTIONS.slice(10) + INVITE));
    expect(kept.map(String)).toEqual([INVITE, OPTIONS, INVITE]);
  });

  it.each([
    ["a declared length beyond the limit", "INVITE sip:a SIP/2.0\r\nl: 300000\r\n\r\n", "tooBig"],
    ["headers without end", `INVITE sip:a SIP/2.0\r\n${"a".repeat(262_144)}`, "tooBig"],
    ["a length that is no number", "INVITE sip:a SIP/2.0\r\nl: x\r\n\r\n", "badFraming"],
    ["something else", "GET / HTTP/1.1\r\n\r\n", "badFraming"],
  ])("ends with %s", (_what, text, fault) => {
    expect(frame([Buffer.from(text)])).toEqual({ messages: [], pings: 0, fault });
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
