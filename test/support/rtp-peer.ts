/** A telephone on the fake network: talks 20 ms G.711 RTP on virtual time and remembers what it hears. */
import { decodeG711, encodeG711, type G711Law, SILENCE_BYTE } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import type { Clock, Timer } from "../../src/core/clock.ts";
import type { DatagramNetwork, DatagramSocket } from "../../src/ports/datagram-network.ts";
import type { LegStream } from "../../src/ports/media-host.ts";
import { DtmfReceiver, DtmfSender } from "../../src/rtp/dtmf.ts";
import {
  hasMarker,
  isRtcp,
  payloadEnd,
  payloadOffset,
  payloadType,
  sequenceDelta,
  sequenceNumber,
  ssrc,
  timestamp,
  writeRtpHeader,
} from "../../src/rtp/packet.ts";
import { parseRtcp, type RtcpPacket } from "../../src/rtp/rtcp.ts";
import { type HeardSpan, spansOf, toneHz, tonesIn } from "./tones.ts";

/** One packet that arrived. */
export interface HeardPacket {
  readonly atUs: number;
  readonly sequence: number;
  readonly rtpTimestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  readonly payloadType: number;
  readonly payload: Uint8Array;
}

/** How a peer is set up. */
export interface RtpPeerOptions {
  readonly network: DatagramNetwork;
  readonly clock: Clock;
  readonly address?: string;
  readonly port?: number;
  readonly law?: G711Law;
  readonly telephoneEventPayloadType?: number;
  readonly firstSequence?: number;
  readonly ssrc?: number;
  /** Sent while nothing else is: silence packets, or nothing at all. */
  readonly idle?: "silence" | "nothing";
}

const FRAME = 160;
const AMPLITUDE = 8000;

/** The peer. `open` it, `connect` it, then queue what it says; it speaks as the clock goes. */
export class RtpPeer {
  readonly address: string;
  readonly port: number;
  readonly law: G711Law;
  readonly telephoneEventPayloadType: number;
  readonly heard: HeardPacket[] = [];
  readonly rtcpHeard: RtcpPacket[] = [];
  readonly rtcpOnRtpPort: RtcpPacket[] = [];
  readonly digitsHeard: string[] = [];
  ssrc: number;
  idle: "silence" | "nothing";
  readonly #options: RtpPeerOptions;
  readonly #queue: (Uint8Array | "pause" | "dtx")[] = [];
  readonly #dtmf = new DtmfSender();
  readonly #dtmfIn = new DtmfReceiver();
  #rtp: DatagramSocket | undefined;
  #rtcp: DatagramSocket | undefined;
  #timer: Timer | undefined;
  #nextUs = 0;
  #sequence: number;
  #timestamp = 160_000;
  #remoteAddress = "";
  #remotePort = 0;
  #phase = 0;

  constructor(options: RtpPeerOptions) {
    this.#options = options;
    this.address = options.address ?? "192.0.2.10";
    this.port = options.port ?? 4000;
    this.law = options.law ?? "pcmu";
    this.telephoneEventPayloadType = options.telephoneEventPayloadType ?? 101;
    this.idle = options.idle ?? "silence";
    this.ssrc = options.ssrc ?? 0x1234_5678;
    this.#sequence = options.firstSequence ?? 65_500;
  }

  /** What a gateway would learn about this peer from SDP. */
  stream(changes: Partial<LegStream> = {}): LegStream {
    return {
      remoteAddress: this.address,
      remotePort: this.port,
      remoteRtcpPort: this.port + 1,
      law: this.law,
      payloadType: this.law === "pcmu" ? 0 : 8,
      telephoneEventPayloadType: this.telephoneEventPayloadType,
      ptimeMs: 20,
      direction: "sendrecv",
      ...changes,
    };
  }

  async open(): Promise<void> {
    const shared = { address: this.address, receiveBufferBytes: 65_536 };
    this.#rtp = await this.#options.network.bind({
      ...shared,
      port: this.port,
      onDatagram: (bytes) => this.#onRtp(bytes),
    });
    this.#rtcp = await this.#options.network.bind({
      ...shared,
      port: this.port + 1,
      onDatagram: (bytes) => {
        const packets = parseRtcp(bytes, bytes.length);
        if (typeof packets !== "string") {
          this.rtcpHeard.push(...packets);
        }
      },
    });
  }

  /** Starts to send to this address, one packet every 20 ms. */
  connect(address: string, port: number): void {
    this.#remoteAddress = address;
    this.#remotePort = port;
    if (this.#timer === undefined) {
      this.#nextUs = this.#options.clock.nowUs();
      this.#arm();
    }
  }

  sendTone(tone: number, durationMs: number, amplitude = AMPLITUDE): void {
    const pcm = new Int16Array(durationMs * 8);
    fillSine(pcm, 8000, toneHz(tone), amplitude, 0);
    this.sendPcm(pcm);
  }

  sendPcm(pcm: Int16Array): void {
    for (let start = 0; start + FRAME <= pcm.length; start += FRAME) {
      const codes = new Uint8Array(FRAME);
      encodeG711(this.law, pcm, start, FRAME, codes, 0);
      this.#queue.push(codes);
    }
  }

  sendSilence(durationMs: number): void {
    this.#repeat(durationMs, new Uint8Array(FRAME).fill(SILENCE_BYTE[this.law]));
  }

  /** Sends no packets, though time goes on (DTX): timestamps jump, sequence numbers do not. */
  pause(durationMs: number): void {
    this.#repeat(durationMs, "dtx");
  }

  /** As if so many packets were lost on the way: both jump. */
  lose(durationMs: number): void {
    this.#repeat(durationMs, "pause");
  }

  sendDigits(digits: string): void {
    this.#dtmf.send(digits);
  }

  /** Sends anything at once. */
  sendRaw(bytes: Uint8Array): void {
    this.#rtp?.send(bytes, bytes.length, this.#remotePort, this.#remoteAddress);
  }

  sendRtcp(bytes: Uint8Array): void {
    this.#rtcp?.send(bytes, bytes.length, this.#remotePort + 1, this.#remoteAddress);
  }

  /** Stops talking; still hears. */
  hush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#queue.length = 0;
  }

  async close(): Promise<void> {
    this.hush();
    await this.#rtp?.close();
    await this.#rtcp?.close();
  }

  /** Audio in order of sequence, as one piece: packets that are missing are left out. */
  heardPcm(): Int16Array {
    const audio = this.heard.filter(
      (packet) => packet.payloadType === (this.law === "pcmu" ? 0 : 8),
    );
    const samples = new Int16Array(audio.reduce((sum, packet) => sum + packet.payload.length, 0));
    let offset = 0;
    for (const { payload } of audio) {
      decodeG711(this.law, payload, 0, payload.length, samples, offset);
      offset += payload.length;
    }
    return samples;
  }

  tonesHeard(): readonly number[] {
    return tonesIn(this.heardPcm(), 8000);
  }

  spansHeard(): readonly HeardSpan[] {
    return spansOf(this.heardPcm(), 8000);
  }

  /** How long a tone was heard in total. */
  toneMs(tone: number): number {
    return this.spansHeard().reduce((sum, span) => sum + (span.sound === tone ? span.ms : 0), 0);
  }

  ssrcsHeard(): readonly number[] {
    return [...new Set(this.heard.map((packet) => packet.ssrc))];
  }

  /** Steps in the sequence other than one. */
  sequenceGaps(): number {
    let gaps = 0;
    for (let i = 1; i < this.heard.length; i += 1) {
      const before = this.heard[i - 1]?.sequence ?? 0;
      gaps += sequenceDelta(this.heard[i]?.sequence ?? 0, before) === 1 ? 0 : 1;
    }
    return gaps;
  }

  /** The longest time between two packets. */
  longestGapMs(): number {
    let longest = 0;
    for (let i = 1; i < this.heard.length; i += 1) {
      longest = Math.max(longest, (this.heard[i]?.atUs ?? 0) - (this.heard[i - 1]?.atUs ?? 0));
    }
    return longest / 1000;
  }

  #repeat(durationMs: number, entry: Uint8Array | "pause" | "dtx"): void {
    for (let sentMs = 0; sentMs < durationMs; sentMs += 20) {
      this.#queue.push(entry);
    }
  }

  #arm(): void {
    this.#timer = this.#options.clock.at(this.#nextUs, () => {
      this.#tick();
      this.#nextUs += 20_000;
      this.#arm();
    });
  }

  #tick(): void {
    const packet = new Uint8Array(12 + FRAME);
    const eventBytes = this.#dtmf.active ? this.#dtmf.pull(this.#timestamp, packet, 12) : 0;
    if (eventBytes > 0) {
      const { marker, rtpTimestamp } = this.#dtmf;
      this.#send(packet, this.telephoneEventPayloadType, marker, rtpTimestamp, eventBytes);
    } else {
      this.#tickAudio(packet);
    }
    this.#timestamp = (this.#timestamp + FRAME) >>> 0;
  }

  #tickAudio(packet: Uint8Array): void {
    const silence = new Uint8Array(FRAME).fill(SILENCE_BYTE[this.law]);
    const next = this.#queue.shift() ?? (this.idle === "silence" ? silence : "dtx");
    if (next === "dtx") {
      return;
    }
    if (next === "pause") {
      this.#sequence = (this.#sequence + 1) & 0xffff;
      return;
    }
    packet.set(next, 12);
    this.#send(
      packet,
      this.law === "pcmu" ? 0 : 8,
      this.#phase === 0 ? 1 : 0,
      this.#timestamp,
      FRAME,
    );
    this.#phase += 1;
  }

  #send(packet: Uint8Array, type: number, marker: 0 | 1, time: number, payloadBytes: number): void {
    writeRtpHeader(packet, type, marker, this.#sequence, time, this.ssrc);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#rtp?.send(packet, 12 + payloadBytes, this.#remotePort, this.#remoteAddress);
  }

  #onRtp(bytes: Uint8Array): void {
    if (isRtcp(bytes, bytes.length)) {
      const packets = parseRtcp(bytes, bytes.length);
      this.rtcpOnRtpPort.push(...(typeof packets === "string" ? [] : packets));
      return;
    }
    const payload = bytes.slice(
      payloadOffset(bytes, bytes.length),
      payloadEnd(bytes, bytes.length),
    );
    const atUs = this.#options.clock.nowUs();
    this.heard.push({
      atUs,
      sequence: sequenceNumber(bytes),
      rtpTimestamp: timestamp(bytes),
      ssrc: ssrc(bytes),
      marker: hasMarker(bytes),
      payloadType: payloadType(bytes),
      payload,
    });
    if (payloadType(bytes) === this.telephoneEventPayloadType) {
      const digit = this.#dtmfIn.push(payload, 0, payload.length, timestamp(bytes), atUs);
      if (digit !== undefined) {
        this.digitsHeard.push(digit);
      }
    }
  }
}
