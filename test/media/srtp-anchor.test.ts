/** The anchor of an encrypted leg by itself: what is sent after a new key. */
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import type { SrtpKeys } from "../../src/core/srtp-suites.ts";
import { BlockPool } from "../../src/media/byte-fifo.ts";
import { Egress } from "../../src/media/egress.ts";
import { Mouth } from "../../src/media/mouth.ts";
import { SrtpAnchor } from "../../src/media/srtp-anchor.ts";
import type { Anchor, AnchorSink } from "../../src/ports/media-anchor.ts";
import { ssrc } from "../../src/rtp/packet.ts";
import { SrtpReceiver } from "../../src/rtp/srtp-receiver.ts";
import { SrtpSender } from "../../src/rtp/srtp-sender.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { audioPacket, testKey, toHex } from "../support/srtp-keys.ts";

const KEYS: SrtpKeys = { local: testKey(1), remote: testKey(2) };
const NEW_KEYS: SrtpKeys = { local: testKey(3), remote: testKey(4) };

/** An anchor that remembers, and delivers what it is told to. */
class FakeAnchor implements Anchor {
  readonly localAddress = "198.51.100.1";
  readonly localPort = 20_000;
  readonly localRtcpPort = 20_001;
  readonly sent: Uint8Array[] = [];
  sink: AnchorSink | undefined;

  setSink(sink: AnchorSink): void {
    this.sink = sink;
  }
  sendRtp(bytes: Uint8Array, byteLength: number): void {
    this.sent.push(bytes.slice(0, byteLength));
  }
  sendRtcp = this.sendRtp;
  applyRemote(): void {}
  release = (): Promise<void> => Promise.resolve();
  toJSON = (): Readonly<Record<string, unknown>> => ({});
}

function arrange() {
  const inner = new FakeAnchor();
  const anchor = new SrtpAnchor({ anchor: inner, logger: silentLogger });
  const heard: string[] = [];
  const onRtp = (bytes: Uint8Array): void => void heard.push(toHex(bytes));
  anchor.setSink({ onRtp, onRtcp: onRtp });
  const send = (sequence: number): void => anchor.sendRtp(audioPacket(sequence), 172);
  const receive = (bytes: Uint8Array): void => inner.sink?.onRtp(bytes, "192.0.2.1", 4000);
  return { inner, anchor, heard, send, receive };
}

function sealed(sender: SrtpSender, sequence: number): Uint8Array {
  const target = new Uint8Array(256);
  return target.slice(0, sender.sealRtp(audioPacket(sequence), 172, target));
}

describe("the anchor of an encrypted leg", () => {
  it("lets packets pass while it has no keys", () => {
    const { inner, heard, send, receive } = arrange();
    send(1);
    receive(audioPacket(2));
    expect(inner.sent.map(toHex)).toEqual([toHex(audioPacket(1))]);
    expect(heard).toEqual([toHex(audioPacket(2))]);
  });

  it("wants another SSRC for a new key of ours once the sequence number has wrapped", () => {
    const { anchor, send } = arrange();
    expect(anchor.secure(KEYS)).toBe(false);
    for (const sequence of [0, 30_000, 60_000]) {
      send(sequence);
    }
    expect(anchor.secure(KEYS)).toBe(false);
    expect(anchor.secure(NEW_KEYS)).toBe(false);
    for (const sequence of [60_001, 65_536]) {
      send(sequence);
    }
    expect(anchor.secure({ local: NEW_KEYS.local, remote: KEYS.remote })).toBe(false);
    expect(anchor.secure(KEYS)).toBe(true);
  });

  it("sends on under the same key as if nothing had happened", () => {
    const { inner, anchor, send } = arrange();
    anchor.secure(KEYS);
    const receiver = new SrtpReceiver(KEYS.local);
    const opened = new Uint8Array(2048);
    for (const sequence of [0, 30_000, 60_000, 80_000]) {
      anchor.secure({ local: testKey(1), remote: testKey(sequence === 60_000 ? 5 : 2) });
      send(sequence);
      const result = receiver.openRtp(inner.sent.at(-1) ?? opened, opened);
      expect(result).toBe(172);
    }
  });

  it("takes packets of the key before for a while, and no longer", () => {
    const { anchor, heard, receive } = arrange();
    const before = new SrtpSender(KEYS.remote);
    const after = new SrtpSender(NEW_KEYS.remote);
    anchor.secure(KEYS);
    receive(sealed(before, 1));
    anchor.secure(NEW_KEYS);
    receive(sealed(before, 2));
    receive(sealed(after, 3));
    receive(sealed(before, 4));
    expect(heard).toHaveLength(4);
    for (let sequence = 5; sequence < 80; sequence += 1) {
      receive(sealed(after, sequence));
    }
    const then = heard.length;
    receive(sealed(before, 80));
    expect(heard).toHaveLength(then);
    expect(anchor.refused).toEqual({ plain: 0, auth: 1, replay: 0, malformed: 0 });
  });
});

describe("egress", () => {
  it("counts anew under another SSRC", () => {
    const sources: number[] = [];
    const egress = new Egress({
      random: new SeededRandom(1),
      mouth: new Mouth(new BlockPool()),
      send: (bytes) => sources.push(ssrc(bytes)),
    });
    const stream = {
      remoteAddress: "192.0.2.1",
      remotePort: 4000,
      remoteRtcpPort: 4001,
      law: "pcmu",
      payloadType: 0,
      telephoneEventPayloadType: undefined,
      ptimeMs: 20,
      direction: "sendrecv",
    } as const;
    egress.configure(stream, 20);
    egress.onTick();
    egress.onTick();
    egress.renewSource();
    egress.onTick();
    expect(new Set(sources).size).toBe(2);
    expect(sources[2]).toBe(egress.ssrc);
    expect(egress).toMatchObject({ packets: 3, sourcePackets: 1, sourceOctets: 160 });
  });
});
