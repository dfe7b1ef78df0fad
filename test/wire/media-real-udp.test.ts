/** The engine over real sockets and the system's clock, on loopback. */
import { describe, expect, test } from "vitest";
import { DirectAnchor } from "../../src/anchors/direct-anchor.ts";
import { UdpNetwork } from "../../src/anchors/udp-network.ts";
import { SystemClock, sleep } from "../../src/core/clock.ts";
import { asCallId, createLegId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { systemRandom } from "../../src/core/random.ts";
import { InlineHost } from "../../src/media/inline-host.ts";
import type { MediaFact } from "../../src/ports/media-facts.ts";
import { FakeModel, PCM_FORMATS } from "../support/fake-model.ts";
import { RtpPeer } from "../support/rtp-peer.ts";

const CALL = asCallId("wire");
const LEG = createLegId(CALL, "a");
const IDS = { callId: CALL, legId: LEG };

function arrange(formats?: typeof PCM_FORMATS) {
  const clock = new SystemClock();
  const network = new UdpNetwork();
  const anchors = new DirectAnchor({
    clock,
    network,
    random: systemRandom,
    logger: silentLogger,
    bindAddress: "127.0.0.1",
    ports: { min: 21_000, max: 21_499 },
  });
  const model = new FakeModel({
    clock,
    readyAfterMs: 0,
    ...(formats === undefined ? {} : { formats }),
  });
  const host = new InlineHost({
    clock,
    random: systemRandom,
    logger: silentLogger,
    anchors,
    models: new Map([["fake", model]]),
  });
  const facts: MediaFact[] = [];
  host.setDelegate({ onFact: (fact) => facts.push(fact) });
  const peer = new RtpPeer({ network, clock, address: "127.0.0.1", port: 21_600 });
  return { clock, network, anchors, model, host, peer, facts };
}

describe("real sockets", () => {
  test.each([
    ["passthrough", undefined],
    ["pcm16 at 24 kHz", PCM_FORMATS],
  ])("carry tones both ways, and barge-in silences the wire (%s)", async (_name, formats) => {
    const { clock, model, host, peer, facts } = arrange(formats);
    await peer.open();
    const address = await host.execute({ kind: "openLeg", ...IDS });
    await host.execute({ kind: "updateRemote", ...IDS, stream: peer.stream() });
    const plan = {
      callId: CALL,
      instructions: "",
      voice: undefined,
      greeting: undefined,
      tools: [],
      dialogue: undefined,
    };
    const attach = { kind: "attachModel", ...IDS, model: "fake", mode: "talk", plan } as const;
    await host.execute(attach);
    peer.connect(address.address, address.port);
    peer.sendTone(3, 1000);
    await sleep(clock, 100);
    model.session.speakTone(7, 5000, "item-1");
    await sleep(clock, 1000);
    const atUs = clock.nowUs();
    model.session.sink.onSpeechStarted();
    await sleep(clock, 700);
    await host.execute({ kind: "closeLeg", ...IDS });
    await peer.close();
    await host.close();

    expect(model.session.tonesHeard()).toEqual([3]);
    expect(peer.tonesHeard()).toEqual([7]);
    expect(peer.sequenceGaps()).toBe(0);
    expect(peer.ssrcsHeard()).toHaveLength(1);
    const loud = peer.heard.filter((packet) => packet.payload.some((code) => (code & 0x7f) < 0x40));
    expect((loud[loud.length - 1]?.atUs ?? 0) - atUs).toBeLessThanOrEqual(60_000);
    const barge = facts.find((fact) => fact.kind === "bargedIn");
    const playedMs = barge?.kind === "bargedIn" ? barge.playedMs : 0;
    expect(Math.abs(playedMs - loud.length * 20)).toBeLessThanOrEqual(20);
    expect(host.toJSON()).toMatchObject({ legs: 0 });
    expect(clock.pending).toBe(0);
  });

  test("skip ports that another socket holds", async () => {
    const { network, anchors } = arrange();
    const others = [];
    for (let port = 21_000; port < 21_500; port += 4) {
      const address = "127.0.0.1";
      const onDatagram = (): void => undefined;
      others.push(await network.bind({ address, port, receiveBufferBytes: 8192, onDatagram }));
    }
    const anchor = await anchors.allocate(LEG);
    expect(anchor.localPort % 4).toBe(2);
    await anchors.close();
    await Promise.all(others.map((socket) => socket.close()));
  });

  test("refuse an address that is not this machine's with MEDIA_BIND_FAILED", async () => {
    const options = { port: 21_700, receiveBufferBytes: 8192, onDatagram: () => undefined };
    const bind = new UdpNetwork().bind({ ...options, address: "192.0.2.77" });
    await expect(bind).rejects.toMatchObject({ code: "MEDIA_BIND_FAILED" });
  });

  test("never throw when sending, whatever the address, and count it", async () => {
    const network = new UdpNetwork();
    const socket = await network.bind({
      address: "127.0.0.1",
      port: 21_702,
      receiveBufferBytes: 8192,
      onDatagram: () => undefined,
    });
    socket.send(new Uint8Array(20), 20, 99_999, "127.0.0.1");
    socket.send(new Uint8Array(20), 20, 4000, "2001:db8::1");
    socket.send(new Uint8Array(70_000), 70_000, 4000, "127.0.0.1");
    await sleep(new SystemClock(), 50);
    expect(socket.sendErrors).toBe(3);
    await socket.close();
    socket.send(new Uint8Array(20), 20, 4000, "127.0.0.1");
  });
});
