/** RTP datagrams made by hand, for what no telephone of the tests does by itself. */
import { encodeG711, type G711Law } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { writeRtpHeader } from "../../src/rtp/packet.ts";
import { toneHz } from "./tones.ts";

/** What packets carry, in order. */
export interface RtpStreamOptions {
  readonly ssrc?: number;
  readonly sequence?: number;
  readonly rtpTimestamp?: number;
  readonly law?: G711Law;
}

/** Writes packet after packet of one stream. */
export class RtpStream {
  sequence: number;
  rtpTimestamp: number;
  law: G711Law;
  readonly ssrc: number;
  #samplesSaid = 0;

  constructor(options: RtpStreamOptions = {}) {
    this.ssrc = options.ssrc ?? 0x1234_5678;
    this.sequence = options.sequence ?? 1000;
    this.rtpTimestamp = options.rtpTimestamp ?? 160_000;
    this.law = options.law ?? "pcmu";
  }

  /** The next packet of a tone that goes on from packet to packet. */
  tone(tone: number, ptimeMs = 20): Uint8Array {
    const samples = ptimeMs * 8;
    const pcm = new Int16Array(samples);
    fillSine(pcm, 8000, toneHz(tone), 8000, this.#samplesSaid);
    this.#samplesSaid += samples;
    const payload = new Uint8Array(samples);
    encodeG711(this.law, pcm, 0, samples, payload, 0);
    const packet = this.packet(this.law === "pcmu" ? 0 : 8, payload);
    this.rtpTimestamp = (this.rtpTimestamp + samples) >>> 0;
    return packet;
  }

  /** A packet at the stream's time, which stays; only the sequence number goes on. */
  packet(payloadType: number, payload: Uint8Array, marker: 0 | 1 = 0): Uint8Array {
    const packet = new Uint8Array(12 + payload.length);
    writeRtpHeader(packet, payloadType, marker, this.sequence, this.rtpTimestamp, this.ssrc);
    packet.set(payload, 12);
    this.sequence = (this.sequence + 1) & 0xffff;
    return packet;
  }

  /** The peer says nothing for so long. */
  rest(ms: number): void {
    this.rtpTimestamp = (this.rtpTimestamp + ms * 8) >>> 0;
  }
}
