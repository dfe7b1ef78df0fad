import { describe, expect, it } from "vitest";
import { DtmfReceiver, DtmfSender, EVENT_BYTES, eventDuration } from "../../src/rtp/dtmf.ts";
import { SeededRandom } from "../support/seeded-random.ts";

interface EventPacket {
  readonly payload: Uint8Array;
  readonly rtpTimestamp: number;
  readonly marker: 0 | 1;
  readonly atMs: number;
}

/** All ticks of a sender until it is idle; silent ticks are left out. */
function play(digits: string, sender = new DtmfSender()): EventPacket[] {
  const packets: EventPacket[] = [];
  sender.send(digits);
  for (let tick = 0; sender.active; tick += 1) {
    const payload = new Uint8Array(EVENT_BYTES);
    if (sender.pull((0xffff_ff00 + tick * 160) >>> 0, payload, 0) > 0) {
      const { rtpTimestamp, marker } = sender;
      packets.push({ payload, rtpTimestamp, marker, atMs: tick * 20 });
    }
  }
  return packets;
}

/** What a receiver reports when polled every 20 ms. */
function listen(packets: readonly EventPacket[], receiver = new DtmfReceiver()): string {
  let heard = "";
  const endMs = Math.max(...packets.map((packet) => packet.atMs)) + 400;
  for (let nowMs = 0; nowMs <= endMs; nowMs += 20) {
    for (const packet of packets.filter((candidate) => candidate.atMs === nowMs)) {
      const { payload, rtpTimestamp, marker } = packet;
      heard += receiver.push(payload, 0, 4, rtpTimestamp, nowMs * 1000, marker === 1) ?? "";
    }
    heard += receiver.poll(nowMs * 1000) ?? "";
  }
  return heard;
}

/** What a sender writes that knows no time of an event's start. */
const timeOf = ({ payload, rtpTimestamp }: EventPacket): number =>
  (rtpTimestamp + eventDuration(payload, 0)) >>> 0;

const isEnd = (packet: EventPacket): boolean => ((packet.payload[1] as number) & 0x80) !== 0;

describe("DtmfSender", () => {
  it("plays a digit with one timestamp, a marker first and three ends", () => {
    const packets = play("5");
    expect(packets.map((packet) => packet.marker)).toEqual([1, ...Array(9).fill(0)]);
    expect(new Set(packets.map((packet) => packet.rtpTimestamp)).size).toBe(1);
    expect(packets.map((packet) => eventDuration(packet.payload, 0))).toEqual([
      160, 320, 480, 640, 800, 960, 1120, 1280, 1280, 1280,
    ]);
    expect(packets.filter(isEnd)).toHaveLength(3);
    expect(packets.map((packet) => packet.payload[0])).toEqual(Array(10).fill(5));
  });

  it("pauses between digits", () => {
    const starts = play("1#").filter((packet) => packet.marker === 1);
    expect(starts.map((packet) => packet.atMs)).toEqual([0, 260]);
  });

  it("queues nothing of a text with another character", () => {
    const sender = new DtmfSender();
    expect([sender.send("12x"), sender.active, sender.send("a"), sender.active]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it("plays a digit shorter than a packet, and ends it properly when cleared", () => {
    const sender = new DtmfSender({ digitMs: 5 });
    sender.send("12");
    const payload = new Uint8Array(4);
    sender.pull(0, payload, 0);
    sender.clear();
    expect([sender.pull(160, payload, 0), sender.pull(320, payload, 0)]).toEqual([4, 4]);
    expect([sender.marker, eventDuration(payload, 0)]).toEqual([0, 160]);
    for (let tick = 0; tick < 3; tick += 1) {
      expect(sender.pull(480, payload, 0)).toBe(0);
    }
    expect(sender.active).toBe(false);
  });
});

describe("DtmfReceiver", () => {
  const ALL = "0123456789*#ABCD";

  it("reports each digit exactly once", () => {
    expect(listen(play(ALL))).toBe(ALL);
    expect(listen(play("11155"))).toBe("11155");
  });

  it.each([
    ["all but one end packet", (p: EventPacket, i: number) => !isEnd(p) || i % 3 === 0],
    ["all end packets", (p: EventPacket) => !isEnd(p)],
    ["all but the end packets", isEnd],
    ["the packets with a marker", (p: EventPacket) => p.marker === 0],
  ])("reports each digit once when %s are lost", (_name, keep) => {
    expect(listen(play("1122#").filter(keep))).toBe("1122#");
  });

  it.each([
    ["no marker at all", (p: EventPacket) => [{ ...p, marker: 0 as const }]],
    ["the time of each packet", (p: EventPacket) => [{ ...p, rtpTimestamp: timeOf(p) }]],
    [
      "the time of each packet and no marker",
      (p: EventPacket) => [{ ...p, rtpTimestamp: timeOf(p), marker: 0 as const }],
    ],
    ["six end packets", (p: EventPacket) => (isEnd(p) ? [p, p] : [p])],
    ["three first packets", (p: EventPacket) => (p.marker === 1 ? [p, p, p] : [p])],
  ])("reports each digit once from a sender with %s", (_name, change) => {
    expect(listen(play("1122#").flatMap(change))).toBe("1122#");
  });

  it("tells events apart by their marker or digit where the sender's clock stands still", () => {
    const still = play("1123").map((packet) => ({ ...packet, rtpTimestamp: 4000 }));
    expect(listen(still)).toBe("1123");
    expect(listen(still.map((packet) => ({ ...packet, marker: 0 as const })))).toBe("123");
  });

  it("hears a digit that begins before the one before it has ended", () => {
    const first = play("1");
    const second = play("2").map((p) => ({
      ...p,
      rtpTimestamp: (p.rtpTimestamp + 800) >>> 0,
      atMs: p.atMs + 100,
    }));
    expect(listen([...first.slice(0, 5), ...second])).toBe("12");
  });

  it("reports a key once that is held for longer than one event can last", () => {
    const receiver = new DtmfReceiver();
    const heard: (string | undefined)[] = [];
    const held = (rtpTimestamp: number, duration: number, end: boolean) => {
      const payload = Uint8Array.of(5, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff);
      heard.push(receiver.push(payload, 0, 4, rtpTimestamp, heard.length * 20_000));
    };
    held(1000, 0xff00, false);
    held(1000, 0xffff, false);
    held(1000 + 0xffff, 160, false);
    held(1000 + 0xffff, 320, true);
    held(1000 + 0xffff, 320, true);
    expect(heard.filter((digit) => digit !== undefined)).toEqual(["5"]);
  });

  it("reports a digit at its end, not later", () => {
    const receiver = new DtmfReceiver();
    const packets = play("7");
    const heard = packets.map((p) => receiver.push(p.payload, 0, 4, p.rtpTimestamp, p.atMs * 1000));
    expect(heard.indexOf("7")).toBe(7);
    expect(heard.filter((digit) => digit !== undefined)).toHaveLength(1);
  });

  it("reports both digits when the second overtakes a lost end and ends at once", () => {
    const receiver = new DtmfReceiver();
    const [first] = play("1");
    const last = play("2").filter(isEnd)[0];
    const push = (packet: EventPacket | undefined, rtpTimestamp: number) =>
      receiver.push(packet?.payload ?? new Uint8Array(4), 0, 4, rtpTimestamp, 0);
    expect(push(first, 1000)).toBeUndefined();
    expect(push(last, 3000)).toBe("1");
    expect(receiver.nextDueUs).toBe(0);
    expect(push(last, 3000)).toBe("2");
    expect(receiver.poll(1e9)).toBeUndefined();
  });

  it("hears every digit of which any packet came, under loss and repetition", () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = new SeededRandom(seed);
      const sent = play("13579*");
      const kept = sent.filter((packet) => packet.marker === 1 || random.fraction() > 0.5);
      const repeated = kept.flatMap((packet) =>
        random.fraction() > 0.7 ? [packet, packet] : [packet],
      );
      expect(listen(repeated), `seed ${seed}`).toBe("13579*");
    }
  });

  it("ignores a straggler of an older event and what is no digit", () => {
    const receiver = new DtmfReceiver();
    const packets = play("12");
    for (const packet of packets) {
      receiver.push(packet.payload, 0, 4, packet.rtpTimestamp, packet.atMs * 1000);
    }
    const first = packets[0] as EventPacket;
    expect(receiver.push(first.payload, 0, 4, first.rtpTimestamp, 1e6)).toBeUndefined();
    expect(receiver.push(Uint8Array.of(16, 0x8a, 1, 0), 0, 4, 5000, 1e6)).toBeUndefined();
    expect(receiver.push(Uint8Array.of(1, 0x8a), 0, 2, 9000, 1e6)).toBeUndefined();
    expect(receiver.poll(9e9)).toBeUndefined();
  });

  it("hears again after the sender's clock restarted, or after a reset", () => {
    const receiver = new DtmfReceiver();
    const end = Uint8Array.of(3, 0x8a, 1, 0);
    expect(receiver.push(end, 0, 4, 900_000, 0)).toBe("3");
    expect(receiver.push(end, 0, 4, 100, 1)).toBe("3");
    receiver.reset();
    expect(receiver.push(end, 0, 4, 90, 2)).toBe("3");
  });
});
