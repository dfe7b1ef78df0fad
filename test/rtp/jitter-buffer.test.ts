import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  JitterBuffer,
  type JitterBufferOptions,
  type JitterVisitor,
} from "../../src/rtp/jitter-buffer.ts";
import { writeRtpHeader } from "../../src/rtp/packet.ts";

interface PacketFields {
  readonly sequence: number;
  /** Counted in frames of 20 ms; the sequence number when absent. */
  readonly frame?: number;
  readonly source?: number;
  readonly type?: number;
  readonly payloadBytes?: number;
}

function packet(fields: PacketFields): Uint8Array {
  const bytes = new Uint8Array(12 + (fields.payloadBytes ?? 160)).fill(fields.sequence & 0xff);
  writeRtpHeader(
    bytes,
    fields.type ?? 0,
    0,
    fields.sequence & 0xffff,
    ((fields.frame ?? fields.sequence) * 160) >>> 0,
    fields.source ?? 1,
  );
  return bytes;
}

/** A buffer with a visitor that writes down what it hears. */
class Listener implements JitterVisitor {
  readonly heard: string[] = [];
  readonly buffer: JitterBuffer;

  constructor(options?: JitterBufferOptions) {
    this.buffer = new JitterBuffer(options);
  }

  onPacket(payload: Uint8Array, offset: number, length: number, type: number): void {
    const whole = payload.subarray(offset, offset + length).every((b) => b === payload[offset]);
    this.heard.push(`${type === 0 ? "" : "event "}${whole ? payload[offset] : "torn"}`);
  }

  onLost(samples: number): void {
    this.heard.push(`lost ${samples}`);
  }

  onSilence(samples: number): void {
    this.heard.push(`silence ${samples}`);
  }

  receive(nowMs: number, ...packets: PacketFields[]): void {
    for (const fields of packets) {
      const bytes = packet(fields);
      this.buffer.insert(bytes, bytes.length, nowMs * 1000);
      this.buffer.release(nowMs * 1000, this);
    }
  }
}

describe("JitterBuffer", () => {
  it("releases packets in order at once", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 5 });
    expect(listener.heard).toEqual(["5"]);
    listener.receive(20, { sequence: 6 }, { sequence: 7 });
    expect(listener.heard).toEqual(["5", "6", "7"]);
    expect(listener.buffer.nextDueUs).toBe(Number.POSITIVE_INFINITY);
  });

  it("puts a late neighbour back in its place within the hold", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 5 });
    listener.receive(40, { sequence: 7 });
    expect([listener.heard.length, listener.buffer.nextDueUs]).toEqual([1, 100_000]);
    listener.receive(45, { sequence: 6 });
    expect(listener.heard).toEqual(["5", "6", "7"]);
  });

  it("gives a packet up when the hold is over, and counts it late when it comes", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 5 });
    listener.receive(60, { sequence: 8 });
    listener.buffer.release(119_999, listener);
    expect(listener.heard).toEqual(["5"]);
    listener.buffer.release(120_000, listener);
    expect(listener.heard).toEqual(["5", "lost 160", "lost 160", "8"]);
    listener.receive(130, { sequence: 6 });
    expect(listener.buffer.counters).toMatchObject({ lost: 2, late: 1, released: 2 });
  });

  it("drops and counts what it has seen", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 5 }, { sequence: 5 }, { sequence: 7 }, { sequence: 7 });
    expect(listener.heard).toEqual(["5"]);
    expect(listener.buffer.counters).toMatchObject({ received: 4, released: 1, duplicate: 2 });
  });

  it("reports silence when the timestamp jumps and the sequence does not", () => {
    const listener = new Listener({ maxSilenceSamples: 1000 });
    listener.receive(0, { sequence: 5, frame: 0 }, { sequence: 6, frame: 3 });
    listener.receive(2000, { sequence: 7, frame: 100 });
    expect(listener.heard).toEqual(["5", "silence 320", "6", "silence 1000", "7"]);
  });

  it("tells loss from silence by the timestamp behind a gap", () => {
    const listener = new Listener({ holdMs: 0 });
    listener.receive(0, { sequence: 5, frame: 0 }, { sequence: 7, frame: 4 });
    expect(listener.heard).toEqual(["5", "lost 160", "silence 320", "7"]);
  });

  it("keeps telephone-events off the timeline", () => {
    const listener = new Listener({ telephoneEventPayloadType: 101, holdMs: 0 });
    const event = { type: 101, payloadBytes: 4, frame: 1 };
    listener.receive(0, { sequence: 0 }, { sequence: 1, ...event }, { sequence: 3, ...event });
    listener.receive(99, { sequence: 4, frame: 3 });
    expect(listener.heard).toEqual(["0", "event 1", "lost 160", "event 3", "silence 160", "4"]);
  });

  it("follows a new SSRC on its second packet, and loses none of it", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 5 }, { sequence: 7 });
    listener.receive(20, { sequence: 200, source: 2 });
    expect(listener.buffer.held).toBe(2);
    listener.receive(40, { sequence: 201, source: 2 });
    expect(listener.heard).toEqual(["5", "200", "201"]);
    expect(listener.buffer.counters).toMatchObject({ reset: 1, discarded: 1, refused: 0 });
  });

  it("is not moved by a stray packet of another source or time", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 5 }, { sequence: 99, source: 2 }, { sequence: 6 });
    listener.receive(40, { sequence: 9000 }, { sequence: 7 });
    expect(listener.heard).toEqual(["5", "6", "7"]);
    expect(listener.buffer.counters).toMatchObject({ reset: 0, refused: 2 });
  });

  it("begins anew with the next packet when told to, and counts what it held", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 1 }, { sequence: 3 });
    listener.buffer.restart();
    listener.receive(
      20,
      { sequence: 900, frame: 7, source: 5 },
      { sequence: 901, frame: 8, source: 5 },
    );
    expect(listener.heard).toEqual(["1", `${900 & 0xff}`, `${901 & 0xff}`]);
    expect(listener.buffer.counters).toMatchObject({
      received: 4,
      released: 3,
      discarded: 1,
      lost: 0,
    });
  });

  it("restarts on a jump of more than its slots", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 5 });
    listener.receive(5000, { sequence: 300 }, { sequence: 301 });
    expect(listener.heard).toEqual(["5", "44", "45"]);
    expect(listener.buffer.counters.reset).toBe(1);
  });

  it("passes the wrap of sequence and timestamp without a word", () => {
    const listener = new Listener();
    const frames = Math.floor(2 ** 32 / 160);
    for (let i = 65_530; i < 65_545; i += 1) {
      listener.receive(i, { sequence: i, frame: frames - 65_536 + i });
    }
    expect(listener.heard.filter((entry) => !/^\d+$/.test(entry))).toEqual([]);
    expect(listener.buffer.counters).toMatchObject({ released: 15, lost: 0, reset: 0 });
  });

  it("counts a timeline that starts anew, and reports no silence for it", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 5, frame: 0 }, { sequence: 6, frame: 9_000_000 });
    expect(listener.heard).toEqual(["5", "6"]);
    expect(listener.buffer.counters.reset).toBe(1);
  });

  it.each([
    ["is not RTP", Uint8Array.of(1, 2, 3)],
    ["has a payload too long", packet({ sequence: 1, payloadBytes: 481 })],
  ])("refuses a datagram that %s", (_name, bytes) => {
    const listener = new Listener();
    listener.buffer.insert(bytes, bytes.length, 0);
    expect(listener.buffer.counters).toMatchObject({ received: 1, refused: 1 });
  });

  it("releases in order, and accounts for each packet exactly once, whatever arrives", () => {
    const arrival = fc.record({
      step: fc.integer({ min: -70, max: 70 }),
      source: fc.constantFrom(1, 1, 1, 1, 1, 2),
      waitMs: fc.integer({ min: 0, max: 80 }),
    });
    fc.assert(
      fc.property(
        fc.array(arrival, { maxLength: 120 }),
        fc.integer({ min: 0, max: 65_535 }),
        (arrivals, start) => {
          const buffer = new JitterBuffer();
          const released: number[] = [];
          let resetsSeen = 0;
          const visitor: JitterVisitor = {
            onPacket: (_payload, _offset, _length, _type, rtpTimestamp) => {
              if (buffer.counters.reset !== resetsSeen) {
                resetsSeen = buffer.counters.reset;
                released.length = 0;
              }
              released.push(rtpTimestamp);
            },
            onLost: (samples) => expect(samples).toBe(160),
            onSilence: (samples) => expect(samples).toBeGreaterThan(0),
          };
          let nowMs = 0;
          let sequence = start + 65_536;
          for (const { step, source, waitMs } of arrivals) {
            nowMs += waitMs;
            sequence += Math.trunc(step / 10) + 1;
            const bytes = packet({ sequence, source });
            buffer.insert(bytes, bytes.length, nowMs * 1000);
            buffer.release(nowMs * 1000, visitor);
            for (let i = 1; i < released.length; i += 1) {
              expect((released[i] as number) - (released[i - 1] as number)).toBeGreaterThan(0);
            }
            const c = buffer.counters;
            const accounted = c.released + c.late + c.duplicate + c.discarded + c.refused;
            expect(accounted + buffer.held).toBe(c.received);
          }
        },
      ),
    );
  });

  it("passes straight on exactly what it would have released", () => {
    const arrival = fc.record({
      step: fc.constantFrom(1, 1, 1, 1, 1, 2, 3, 0, -1, 70),
      frames: fc.constantFrom(1, 1, 1, 2),
      source: fc.constantFrom(1, 1, 1, 1, 2),
      type: fc.constantFrom(0, 0, 0, 101),
      waitMs: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 80 }), (arrivals) => {
        const holding = new Listener({ telephoneEventPayloadType: 101 });
        const passing = new Listener({ telephoneEventPayloadType: 101 });
        let nowMs = 0;
        let sequence = 65_500;
        let frame = 0;
        for (const { step, frames, source, type, waitMs } of arrivals) {
          nowMs += waitMs;
          sequence += step;
          frame += frames;
          const fields = { sequence, frame, source, type };
          holding.receive(nowMs, fields);
          const bytes = packet(fields);
          if (!passing.buffer.pass(bytes, bytes.length, passing)) {
            passing.receive(nowMs, fields);
          }
        }
        expect(passing.heard).toEqual(holding.heard);
        expect(passing.buffer.toJSON()).toEqual(holding.buffer.toJSON());
      }),
    );
  });

  it("says what it is and how it went", () => {
    const listener = new Listener();
    listener.receive(0, { sequence: 1 });
    expect(listener.buffer.describe()).toBe("Jitter(64)");
    expect(listener.buffer.toJSON()).toMatchObject({ received: 1, released: 1, held: 0 });
  });
});
