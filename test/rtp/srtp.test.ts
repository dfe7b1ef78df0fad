/** SRTP between a sender and a receiver: what is opened, and what is refused and why. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SRTP_SUITES, type SrtpKey, type SrtpSuite } from "../../src/core/srtp-suites.ts";
import { HmacSha1 } from "../../src/rtp/hmac-sha1.ts";
import { ReplayWindow } from "../../src/rtp/replay-window.ts";
import { MAX_SRTP_BYTES } from "../../src/rtp/srtp-cipher.ts";
import { SrtpReceiver } from "../../src/rtp/srtp-receiver.ts";
import { SrtpSender } from "../../src/rtp/srtp-sender.ts";
import { deriveSessionKeys } from "../../src/rtp/srtp-session-keys.ts";
import { audioPacket, fromHex, testKey, toHex } from "../support/srtp-keys.ts";

const SUITES = Object.keys(SRTP_SUITES) as SrtpSuite[];
const KEY = testKey(1);
/** Version 2, sender report, no blocks; then SSRC 7 and twenty bytes of report. */
const REPORT = fromHex(`80c80006 00000007 ${"0102030405".repeat(4)}`);

class Pair {
  readonly sender: SrtpSender;
  receiver: SrtpReceiver;
  readonly #opened = new Uint8Array(MAX_SRTP_BYTES);

  constructor(key: SrtpKey = KEY, theirs: SrtpKey = key) {
    this.sender = new SrtpSender(key);
    this.receiver = new SrtpReceiver(theirs);
  }

  seal(packet: Uint8Array): Uint8Array {
    const target = new Uint8Array(MAX_SRTP_BYTES);
    return target.slice(0, this.sender.sealRtp(packet, packet.length, target));
  }

  sealRtcp(packet: Uint8Array): Uint8Array {
    const target = new Uint8Array(MAX_SRTP_BYTES);
    return target.slice(0, this.sender.sealRtcp(packet, packet.length, target));
  }

  /** Hexadecimal of what was opened, or why not. */
  open(sealed: Uint8Array, receiver = this.receiver): string {
    return this.#shown(receiver.openRtp(sealed, this.#opened));
  }

  openRtcp(sealed: Uint8Array): string {
    return this.#shown(this.receiver.openRtcp(sealed, this.#opened));
  }

  #shown(result: number | string): string {
    return typeof result === "string" ? result : toHex(this.#opened.subarray(0, result));
  }
}

describe("RTP", () => {
  it.each(SUITES)("comes out as it went in with %s", (suite) => {
    const pair = new Pair(testKey(3, suite));
    for (let sequence = 0; sequence < 20; sequence += 1) {
      const packet = audioPacket(sequence);
      const sealed = pair.seal(packet);
      expect(sealed.length).toBe(packet.length + SRTP_SUITES[suite].tagBytes);
      expect(toHex(sealed.subarray(12, 172))).not.toBe(toHex(packet.subarray(12)));
      expect(pair.open(sealed)).toBe(toHex(packet));
    }
  });

  it("keeps CSRCs and an extension readable, and an empty payload empty", () => {
    const pair = new Pair();
    const packet = fromHex("92000001 00000000 00000007 00000008 00000009 bede0001 01020304 aabb");
    const sealed = pair.seal(packet);
    expect(toHex(sealed.subarray(0, 28))).toBe(toHex(packet.subarray(0, 28)));
    expect(pair.open(sealed)).toBe(toHex(packet));
    const empty = audioPacket(2, 7, 0);
    expect(pair.open(pair.seal(empty))).toBe(toHex(empty));
  });

  it("goes on where the sequence number wraps, from 65535 to 0, again and again", () => {
    const pair = new Pair();
    for (let sequence = 65_500; sequence < 3 * 65_536 + 50; sequence += 37) {
      const packet = audioPacket(sequence);
      expect(pair.open(pair.seal(packet))).toBe(toHex(packet));
    }
    expect(pair.sender.rollovers).toBe(3);
  });

  it("opens packets that overtook each other across the wrap, each once", () => {
    const pair = new Pair();
    const packets = Array.from({ length: 60 }, (_, i) => audioPacket(65_506 + i));
    const sealed = packets.map((packet) => pair.seal(packet));
    const shuffled = fc.shuffledSubarray([...sealed.keys()], { minLength: 60 });
    fc.assert(
      fc.property(shuffled, (order) => {
        pair.receiver = new SrtpReceiver(KEY);
        // The first packet tells where the stream is.
        for (const i of [0, ...order.filter((place) => place !== 0)]) {
          const bytes = sealed[i] as Uint8Array;
          expect(pair.open(bytes)).toBe(toHex(packets[i] as Uint8Array));
          expect(pair.open(bytes)).toBe("replay");
        }
      }),
      { numRuns: 30 },
    );
  });

  it("finds a stream whose packets before the first wrap were lost", () => {
    const pair = new Pair();
    pair.seal(audioPacket(65_535));
    const packet = audioPacket(65_536);
    expect(pair.open(pair.seal(packet))).toBe(toHex(packet));
  });

  it("refuses a repetition, and what is 64 packets old or older", () => {
    const pair = new Pair();
    const sealed = Array.from({ length: 100 }, (_, i) => pair.seal(audioPacket(i)));
    const at = (i: number): string => pair.open(sealed[i] as Uint8Array);
    expect(at(99)).toBe(toHex(audioPacket(99)));
    expect([at(99), at(35), at(0)]).toEqual(["replay", "replay", "replay"]);
    expect(at(36)).toBe(toHex(audioPacket(36)));
    expect(at(36)).toBe("replay");
  });

  it("refuses any packet in which one bit is another", () => {
    const pair = new Pair();
    const sealed = pair.seal(audioPacket(9));
    for (let i = 0; i < sealed.length; i += 1) {
      const broken = sealed.slice();
      broken[i] = (broken[i] as number) ^ (1 << (i % 8));
      expect(["auth", "malformed"]).toContain(pair.open(broken));
    }
    expect(pair.open(sealed)).toBe(toHex(audioPacket(9)));
  });

  it("refuses what is sealed with another key, and audio that is not sealed at all", () => {
    const pair = new Pair(testKey(1), testKey(2));
    expect(pair.open(pair.seal(audioPacket(1)))).toBe("auth");
    expect(pair.open(audioPacket(2))).toBe("plain");
    expect(pair.open(audioPacket(3, 7, 480))).toBe("plain");
    expect(pair.open(audioPacket(4, 7, 4))).toBe("plain");
    expect(pair.open(fromHex("8000"))).toBe("malformed");
    expect(pair.open(new Uint8Array(0))).toBe("malformed");
    expect(pair.open(new Uint8Array(MAX_SRTP_BYTES + 1).fill(0x80))).toBe("malformed");
  });

  it("tells sources apart, and is not confused by forged ones", () => {
    const pair = new Pair();
    const other = new SrtpSender(KEY);
    const target = new Uint8Array(MAX_SRTP_BYTES);
    for (let sequence = 1; sequence < 30; sequence += 1) {
      const mine = audioPacket(sequence, 7);
      const theirs = audioPacket(40_000 + sequence, 8);
      expect(pair.open(pair.seal(mine))).toBe(toHex(mine));
      const length = other.sealRtp(theirs, theirs.length, target);
      expect(pair.open(target.slice(0, length))).toBe(toHex(theirs));
      const forged = audioPacket(50_000, 100 + sequence, 170);
      expect(pair.open(forged)).toBe("auth");
    }
  });

  it("never throws, whatever arrives", () => {
    const pair = new Pair();
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, (any) => {
        expect(["auth", "malformed", "plain"]).toContain(pair.open(any));
        expect(["auth", "malformed", "plain"]).toContain(pair.openRtcp(any));
        expect(pair.seal(any)).toBeInstanceOf(Uint8Array);
      }),
    );
  });
});

describe("a new key", () => {
  const wrapped = (pair: Pair): void => {
    for (let sequence = 0; sequence < 70_000; sequence += 1000) {
      pair.open(pair.seal(audioPacket(sequence)));
    }
  };

  it("is taken from a sender whose rollover counter goes on", () => {
    const pair = new Pair();
    wrapped(pair);
    const next = new SrtpReceiver(testKey(2), pair.receiver);
    const sender = new SrtpSender(testKey(2));
    const target = new Uint8Array(MAX_SRTP_BYTES);
    for (const sequence of [0, 30_000, 60_000, 70_001]) {
      sender.sealRtp(audioPacket(sequence), 172, target);
    }
    const packet = audioPacket(70_002);
    const length = sender.sealRtp(packet, packet.length, target);
    expect(pair.open(target.slice(0, length), next)).toBe(toHex(packet));
  });

  it("is taken from a sender that begins again at 0", () => {
    const pair = new Pair();
    wrapped(pair);
    const next = new SrtpReceiver(testKey(2), pair.receiver);
    const target = new Uint8Array(MAX_SRTP_BYTES);
    const sender = new SrtpSender(testKey(2));
    const packet = audioPacket(70_002);
    const length = sender.sealRtp(packet, packet.length, target);
    expect(pair.open(target.slice(0, length), next)).toBe(toHex(packet));
  });
});

describe("RTCP", () => {
  it.each(SUITES)("comes out as it went in, once, with %s", (suite) => {
    const pair = new Pair(testKey(5, suite));
    for (let i = 0; i < 5; i += 1) {
      const sealed = pair.sealRtcp(REPORT);
      expect(sealed.length).toBe(REPORT.length + 14);
      expect(toHex(sealed.subarray(REPORT.length, REPORT.length + 4))).toBe(`8000000${i}`);
      expect(pair.openRtcp(sealed)).toBe(toHex(REPORT));
      expect(pair.openRtcp(sealed)).toBe("replay");
    }
  });

  it("is read when it is signed only", () => {
    const key = testKey(1);
    const plain = new Uint8Array(REPORT.length + 14);
    plain.set(REPORT);
    signUnencrypted(plain, key);
    expect(new Pair(key).openRtcp(plain)).toBe(toHex(REPORT));
  });

  it("is refused when it is plain, forged or too short", () => {
    const pair = new Pair();
    expect(pair.openRtcp(REPORT)).toBe("plain");
    const sealed = pair.sealRtcp(REPORT);
    sealed[9] = (sealed[9] as number) ^ 1;
    expect(pair.openRtcp(sealed)).toBe("auth");
    expect(pair.openRtcp(REPORT.subarray(0, 7))).toBe("malformed");
  });
});

describe("the replay window", () => {
  it("knows each of the newest 64 packets, whatever the order", () => {
    const steps = fc.array(fc.integer({ min: -70, max: 70 }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (jumps) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        let newest = -1;
        for (const jump of jumps) {
          const index = Math.max(0, (newest < 0 ? 1000 : newest) + jump);
          const fresh = newest < 0 || (index > newest - 64 && !seen.has(index));
          expect(window.isFresh(index)).toBe(fresh);
          if (fresh) {
            window.accept(index);
            seen.add(index);
            newest = Math.max(newest, index);
          }
        }
        expect(window.newest).toBe(newest);
      }),
    );
  });
});

/** The trailer without the E flag, and its tag, as a peer makes them that does not encrypt RTCP. */
function signUnencrypted(packet: Uint8Array, key: SrtpKey): void {
  const { authentication } = deriveSessionKeys(key, "rtcp");
  const signed = packet.length - 10;
  new HmacSha1(authentication).sign(packet, signed, -1, packet, signed, 10);
}
