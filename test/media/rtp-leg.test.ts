/** The leg by itself, as the user agent of `trunkline call` has it. */
import { describe, expect, test } from "vitest";
import { DirectAnchor } from "../../src/anchors/direct-anchor.ts";
import { asCallId, createLegId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { MediaClock } from "../../src/media/media-clock.ts";
import { RtpLeg } from "../../src/media/rtp-leg.ts";
import { FakeNetwork } from "../support/fake-network.ts";
import { RtpStream } from "../support/rtp-packets.ts";
import { RtpPeer } from "../support/rtp-peer.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { spansOf, tonesIn } from "../support/tones.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

async function arrange(ptimeMs = 20) {
  const clock = new VirtualClock();
  const network = new FakeNetwork(clock);
  const random = new SeededRandom(3);
  const anchors = new DirectAnchor({
    clock,
    network,
    random,
    logger: silentLogger,
    bindAddress: "198.51.100.1",
    ports: { min: 20_000, max: 20_099 },
  });
  const peer = new RtpPeer({ network, clock });
  await peer.open();
  const anchor = await anchors.allocate(createLegId(asCallId("c"), "a"));
  const digits: string[] = [];
  const leg = new RtpLeg({
    clock,
    random,
    logger: silentLogger,
    anchor,
    mediaClock: new MediaClock({ clock, onTickError: (error) => expect.fail(String(error)) }),
    stream: peer.stream({ ptimeMs }),
    delegate: {
      onMediaStarted: () => undefined,
      onMediaTimedOut: () => undefined,
      onMediaResumed: () => undefined,
      onDigit: (digit) => digits.push(digit),
    },
  });
  peer.connect(anchor.localAddress, anchor.localPort);
  return { clock, network, peer, leg, digits, port: anchor.localPort };
}

const QUIET = { onItemStarted: () => undefined, onItemPlayed: () => undefined };

describe("a leg by itself", () => {
  test("sends silence until it is given something to play, and taps hear both sides", async () => {
    const { clock, peer, leg } = await arrange();
    leg.start();
    const heard = leg.ingressTaps.open("right");
    const said = leg.egressTaps.open("left");
    const voice = leg.mouth.open({ format: { encoding: "pcm16", rateHz: 8000 }, listener: QUIET });
    await clock.advanceMs(200);
    peer.sendTone(3, 400);
    const pcm = new Int16Array(3200).map((_, i) =>
      Math.round(8000 * Math.sin((2 * Math.PI * 900 * i) / 8000)),
    );
    voice.queue.push(new Uint8Array(pcm.buffer), "prompt");
    voice.queue.finish("prompt");
    await clock.advanceMs(600);
    const left = new Int16Array(8000);
    const right = new Int16Array(8000);
    expect(tonesIn(left.subarray(0, said.read(left)), 8000)).toEqual([2]);
    expect(tonesIn(right.subarray(0, heard.read(right)), 8000)).toEqual([3]);
    expect(spansOf(peer.heardPcm(), 8000)[0]?.sound).toBe("silence");
    expect(peer.tonesHeard()).toEqual([2]);
    await leg.close();
    await peer.close();
  });

  test.each([10, 20, 30, 40, 60])("sends packets of %i ms", async (ptimeMs) => {
    const { clock, peer, leg } = await arrange(ptimeMs);
    leg.start();
    await clock.advanceMs(1200);
    expect(new Set(peer.heard.map((packet) => packet.payload.length))).toEqual(
      new Set([ptimeMs * 8]),
    );
    expect(peer.heard).toHaveLength(1200 / ptimeMs);
    await leg.close();
    await peer.close();
  });

  test("records nothing of a stranger, whenever it begins to send", async () => {
    const { clock, network, peer, leg, port } = await arrange();
    leg.start();
    const recording = leg.ingressTaps.open("right");
    const stranger = new RtpStream({ ssrc: 0x666 });
    peer.hush();
    const samples: number[] = [];
    const piece = new Int16Array(8000);
    for (let i = 0; i < 100; i += 1) {
      if (i === 40) {
        peer.connect("198.51.100.1", port);
        peer.sendTone(3, 1200);
      }
      network.carry(stranger.tone(9), "203.0.113.66", 5004, "198.51.100.1", port);
      await clock.advanceMs(20);
      samples.push(...piece.subarray(0, recording.read(piece)));
    }
    expect(tonesIn(Int16Array.from(samples), 8000)).toEqual([3]);
    expect(leg.stats()).toMatchObject({ packetsRefused: 100 });
    await leg.close();
    await peer.close();
  });

  test("hears and presses digits, counts, and leaves nothing behind", async () => {
    const { clock, network, peer, leg, digits } = await arrange();
    leg.start();
    peer.sendDigits("7");
    expect(leg.sendDigits("12#")).toBe(true);
    expect(leg.sendDigits("x")).toBe(false);
    await clock.advanceMs(2000);
    expect(digits).toEqual(["7"]);
    expect(peer.digitsHeard).toEqual(["1", "2", "#"]);
    expect(leg.stats()).toMatchObject({ packetsSent: 100, packetsLost: 0, packetsRefused: 0 });
    await leg.close();
    await leg.close();
    await peer.close();
    await clock.advanceMs(100);
    expect(clock.pending).toBe(0);
    expect(network.openSockets).toEqual([]);
  });

  test("presses nothing towards a peer that takes no telephone-event", async () => {
    const { peer, leg } = await arrange();
    leg.start();
    leg.updateRemote(peer.stream({ telephoneEventPayloadType: undefined }));
    expect(leg.sendDigits("1")).toBe(false);
    await leg.close();
    await peer.close();
  });
});
