/** From playout to datagrams: one packet per tick, always, with one SSRC for the life of the leg. */
import { decodeG711, type G711Law, SILENCE_BYTE } from "../audio/g711.ts";
import type { Random } from "../core/random.ts";
import type { LegStream } from "../ports/media-host.ts";
import { DtmfSender } from "../rtp/dtmf.ts";
import { addTimestamp, nextSequence, RTP_HEADER_BYTES, writeRtpHeader } from "../rtp/packet.ts";
import type { Mouth } from "./mouth.ts";
import { Taps } from "./taps.ts";

/** A send may still read its packet while the next ones are written. */
const RING_PACKETS = 8;
const MAX_PACKET_SAMPLES = 480;
/** From one packet of the ring to the next. */
const PACKET_STRIDE = 512;
/** What taps are shown; borrowed, and therefore one for all legs of a thread. */
const tapFrame = new Int16Array(MAX_PACKET_SAMPLES);

/** What egress needs. */
export interface EgressOptions {
  readonly random: Random;
  readonly mouth: Mouth;
  /** Sends the first `byteLength` bytes. */
  readonly send: (bytes: Uint8Array, byteLength: number) => void;
}

/** The sending half of a leg. */
export class Egress {
  readonly taps = new Taps();
  readonly #random: Random;
  readonly #mouth: Mouth;
  readonly #send: (bytes: Uint8Array, byteLength: number) => void;
  readonly #memory = new Uint8Array(RING_PACKETS * PACKET_STRIDE);
  /** Pieces of the memory, each as long as a packet of audio. */
  #ring: readonly Uint8Array[];
  #dtmf = new DtmfSender();
  #ssrc: number;
  #turn = 0;
  #sequence: number;
  #timestamp: number;
  #law: G711Law = "pcmu";
  #audioType = 0;
  #eventType = -1;
  #ptimeMs = 20;
  #frameSamples = 160;
  #sending = false;
  /** Whether the packet before this one carried speech. */
  #talking = false;
  /** The next packet is the first after a pause in sending. */
  #resuming = true;
  #packets = 0;
  #octets = 0;
  /** What was sent under another SSRC. */
  #packetsBefore = 0;
  #octetsBefore = 0;
  #talkPackets = 0;
  #digitsRefused = 0;

  constructor(options: EgressOptions) {
    this.#send = options.send;
    this.#mouth = options.mouth;
    this.#random = options.random;
    this.#ssrc = options.random.uint32();
    this.#sequence = firstSequence(options.random);
    this.#timestamp = options.random.uint32();
    this.#ring = divide(this.#memory, this.#frameSamples);
  }

  get packets(): number {
    return this.#packets;
  }

  /** RFC 3550 SSRC, the same through every re-offer but one with a new key. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /** Packets of this SSRC. */
  get sourcePackets(): number {
    return this.#packets - this.#packetsBefore;
  }

  /** Their payload bytes. */
  get sourceOctets(): number {
    return this.#octets - this.#octetsBefore;
  }

  /** RTP timestamp of the next packet. */
  get rtpTimestamp(): number {
    return this.#timestamp;
  }

  get sending(): boolean {
    return this.#sending;
  }

  /** @param ptimeMs of our packets, at most 60. */
  configure(stream: LegStream, ptimeMs: number): void {
    this.#law = stream.law;
    this.#audioType = stream.payloadType;
    this.#eventType = stream.telephoneEventPayloadType ?? -1;
    this.#frameSamples = ptimeMs * 8;
    if (ptimeMs !== this.#ptimeMs) {
      this.#ptimeMs = ptimeMs;
      this.#dtmf = new DtmfSender({ ptimeMs });
      this.#ring = divide(this.#memory, this.#frameSamples);
    }
    const sending = stream.direction === "sendrecv" || stream.direction === "sendonly";
    this.#resuming ||= sending && !this.#sending;
    this.#sending = sending;
  }

  /** Goes on under another SSRC and other sequence numbers. */
  renewSource(): void {
    this.#ssrc = this.#random.uint32();
    this.#sequence = firstSequence(this.#random);
    this.#packetsBefore = this.#packets;
    this.#octetsBefore = this.#octets;
    this.#resuming = true;
  }

  /** Queues digits; `false` when the peer takes no telephone-event or a character is none. */
  sendDigits(digits: string): boolean {
    const accepted = this.#eventType >= 0 && this.#dtmf.send(digits);
    if (!accepted) {
      this.#digitsRefused += 1;
    }
    return accepted;
  }

  /** Sends this tick's packet. On hold only time goes on. */
  onTick(): void {
    if (this.#sending) {
      this.#turn = (this.#turn + 1) % RING_PACKETS;
      const packet = this.#ring[this.#turn] as Uint8Array;
      const eventBytes = this.#dtmf.active
        ? this.#dtmf.pull(this.#timestamp, packet, RTP_HEADER_BYTES)
        : 0;
      if (eventBytes > 0) {
        this.#sendEvent(packet, eventBytes);
      } else {
        this.#sendAudio(packet);
      }
    }
    this.#timestamp = addTimestamp(this.#timestamp, this.#frameSamples);
  }

  /** The process was busy: the peer gets a pause instead of old audio. */
  onTicksSkipped(ticks: number): void {
    this.#timestamp = addTimestamp(this.#timestamp, ticks * this.#frameSamples);
    this.#resuming = true;
  }

  describe(): string {
    return `${this.#mouth.describe()}${this.#law.toUpperCase()}(encode) -> Rtp(${this.#audioType})`;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      packets: this.#packets,
      octets: this.#octets,
      talkPackets: this.#talkPackets,
      digitsRefused: this.#digitsRefused,
      sending: this.#sending,
      ssrc: this.#ssrc,
      taps: this.taps.toJSON(),
    };
  }

  /** RFC 4733 §2.2.1 RTP Header Usage: all packets of an event carry the time of its start. */
  #sendEvent(packet: Uint8Array, eventBytes: number): void {
    const { marker, rtpTimestamp } = this.#dtmf;
    this.#talking = false;
    this.#sendPacket(packet, this.#eventType, marker, rtpTimestamp, eventBytes);
    if (this.taps.size > 0) {
      tapFrame.fill(0, 0, this.#frameSamples);
      this.taps.push(tapFrame, this.#frameSamples);
    }
  }

  #sendAudio(packet: Uint8Array): void {
    const codes = this.#frameSamples;
    // While digits are under way, speech waits: it is not lost, and counts as heard when it was.
    const start = this.#turn * PACKET_STRIDE + RTP_HEADER_BYTES;
    const filled = this.#dtmf.active ? 0 : this.#mouth.fill(this.#law, this.#memory, start, codes);
    if (filled < codes) {
      packet.fill(SILENCE_BYTE[this.#law], RTP_HEADER_BYTES + filled, RTP_HEADER_BYTES + codes);
    }
    const marker = this.#resuming || (filled > 0 && !this.#talking) ? 1 : 0;
    this.#talking = filled > 0;
    this.#talkPackets += filled > 0 ? 1 : 0;
    this.#sendPacket(packet, this.#audioType, marker, this.#timestamp, codes);
    this.#mouth.settle();
    if (this.taps.size > 0) {
      decodeG711(this.#law, packet, RTP_HEADER_BYTES, codes, tapFrame, 0);
      this.taps.push(tapFrame, codes);
    }
  }

  #sendPacket(
    packet: Uint8Array,
    type: number,
    marker: 0 | 1,
    rtpTimestamp: number,
    payloadBytes: number,
  ): void {
    writeRtpHeader(packet, type, marker, this.#sequence, rtpTimestamp, this.#ssrc);
    this.#sequence = nextSequence(this.#sequence);
    this.#resuming = false;
    this.#packets += 1;
    this.#octets += payloadBytes;
    this.#send(packet, RTP_HEADER_BYTES + payloadBytes);
  }
}

/** In the lower half, so that no early loss hides from an SRTP receiver that the number has wrapped; RFC 4568 recommends it. */
function firstSequence(random: Random): number {
  return random.uint32() & 0x7fff;
}

/** One packet of `frameSamples` codes per stride. */
function divide(memory: Uint8Array, frameSamples: number): readonly Uint8Array[] {
  return Array.from({ length: RING_PACKETS }, (_, i) =>
    memory.subarray(i * PACKET_STRIDE, i * PACKET_STRIDE + RTP_HEADER_BYTES + frameSamples),
  );
}
