/** From datagrams to frames: source check, statistics, jitter buffer, decoding, concealment, digits. */
import type { LegStream } from "../ports/media-host.ts";
import { DtmfReceiver } from "../rtp/dtmf.ts";
import { JitterBuffer } from "../rtp/jitter-buffer.ts";
import type { JitterVisitor } from "../rtp/jitter-visitor.ts";
import { isRtcp, isRtp, payloadType, sequenceNumber, ssrc, timestamp } from "../rtp/packet.ts";
import { ReceptionStats } from "../rtp/reception-stats.ts";
import { IngressDecoder, type IngressSink } from "./ingress-decoder.ts";
import { SourceLatch } from "./source-latch.ts";
import { Taps } from "./taps.ts";

/** RFC 3389 Introduction: comfort noise has the static payload type 13. */
const COMFORT_NOISE = 13;

/** What ingress reports. */
export interface IngressListener {
  onLatched(address: string, port: number): void;
  /** Also of the RTP port; RFC 5761 Multiplexing RTP Data and Control Packets on a Single Port. */
  onRtcp(bytes: Uint8Array): void;
  onDigit(digit: string): void;
}

/** Why packets were not used. */
interface IngressRefusals {
  /** Before the peer was known. */
  early: number;
  malformed: number;
  /** From somebody else. */
  stranger: number;
  /** Of no agreed payload type. */
  unknownPayload: number;
  /** While the agreed direction does not have the peer send. */
  notReceiving: number;
}

/** The receiving half of a leg. */
export class Ingress {
  readonly taps = new Taps();
  readonly jitter = new JitterBuffer();
  readonly stats = new ReceptionStats();
  readonly refused: IngressRefusals = {
    early: 0,
    malformed: 0,
    stranger: 0,
    unknownPayload: 0,
    notReceiving: 0,
  };
  readonly #listener: IngressListener;
  readonly #latch: SourceLatch;
  readonly #dtmf = new DtmfReceiver();
  readonly #decoder: IngressDecoder;
  #sink: IngressSink | undefined;
  #audioType = -1;
  #eventType = -1;
  #receiving = false;
  #nowUs = 0;
  #lastPacketUs = -1;
  #ssrc = -1;
  #packets = 0;
  #comfortNoise = 0;

  constructor(listener: IngressListener) {
    this.#listener = listener;
    this.#decoder = new IngressDecoder(this.#deliver);
    this.#latch = new SourceLatch((address, port) => listener.onLatched(address, port));
  }

  /** Packets taken. */
  get packets(): number {
    return this.#packets;
  }

  /** When the last packet was taken; -1 before the first. */
  get lastPacketUs(): number {
    return this.#lastPacketUs;
  }

  /** The peer's SSRC; -1 before the first packet. */
  get ssrc(): number {
    return this.#ssrc;
  }

  get receiving(): boolean {
    return this.#receiving;
  }

  setSink(sink: IngressSink | undefined): void {
    this.#sink = sink;
  }

  configure(stream: LegStream): void {
    this.#decoder.law = stream.law;
    this.#audioType = stream.payloadType;
    this.#eventType = stream.telephoneEventPayloadType ?? -1;
    this.jitter.telephoneEventPayloadType = this.#eventType;
    this.#receiving = stream.direction === "sendrecv" || stream.direction === "recvonly";
    this.#latch.expect(stream.remoteAddress, stream.remotePort);
  }

  /** Takes one datagram. */
  push(bytes: Uint8Array, address: string, port: number, nowUs: number): void {
    const length = bytes.length;
    if (isRtp(bytes, length) !== undefined) {
      this.refused.malformed += 1;
      return;
    }
    if (isRtcp(bytes, length)) {
      this.pushRtcp(bytes, address);
      return;
    }
    if (this.#admits(bytes, address, port)) {
      this.#packets += 1;
      this.#lastPacketUs = nowUs;
      this.#nowUs = nowUs;
      if (this.jitter.pass(bytes, length, this.#visitor)) {
        this.#ssrc = ssrc(bytes);
        this.stats.onPacket(sequenceNumber(bytes), timestamp(bytes), nowUs);
      } else {
        this.#insert(bytes, length, nowUs);
      }
    }
  }

  /** Takes one datagram of control, from either port. */
  pushRtcp(bytes: Uint8Array, address: string): void {
    if (this.#latch.isPeerAddress(address)) {
      this.#listener.onRtcp(bytes);
    } else {
      this.refused.stranger += 1;
    }
  }

  /** Gives up waiting for what is overdue. */
  onTick(nowUs: number): void {
    this.#nowUs = nowUs;
    if (nowUs >= this.jitter.nextDueUs) {
      this.jitter.release(nowUs, this.#visitor);
    }
    if (nowUs >= this.#dtmf.nextDueUs) {
      this.#reportDigit(this.#dtmf.poll(nowUs));
    }
  }

  describe(): string {
    return `Rtp(${this.#audioType}) -> ${this.jitter.describe()} -> ${this.#decoder.describe()}`;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      packets: this.#packets,
      refused: { ...this.refused },
      source: this.#latch.toJSON(),
      reception: this.stats.toJSON(),
      jitter: this.jitter.toJSON(),
      comfortNoise: this.#comfortNoise,
      ...this.#decoder.toJSON(),
      taps: this.taps.toJSON(),
    };
  }

  #admits(bytes: Uint8Array, address: string, port: number): boolean {
    if (this.#audioType < 0) {
      this.refused.early += 1;
      return false;
    }
    if (!this.#receiving) {
      this.refused.notReceiving += 1;
      return false;
    }
    if (!this.#isAgreed(payloadType(bytes)) && !this.#latch.latched) {
      this.refused.unknownPayload += 1;
      return false;
    }
    if (!this.#latch.admit(address, port)) {
      this.refused.stranger += 1;
      return false;
    }
    return true;
  }

  #isAgreed(type: number): boolean {
    return type === this.#audioType || type === this.#eventType || type === COMFORT_NOISE;
  }

  /** A new SSRC is believed when the jitter buffer believes it. */
  #insert(bytes: Uint8Array, length: number, nowUs: number): void {
    const resets = this.jitter.counters.reset;
    this.jitter.insert(bytes, length, nowUs);
    const source = ssrc(bytes);
    if (this.#ssrc < 0 || (source !== this.#ssrc && this.jitter.counters.reset !== resets)) {
      this.#ssrc = source;
      this.stats.restart();
      this.#dtmf.reset();
    }
    if (source === this.#ssrc) {
      this.stats.onPacket(sequenceNumber(bytes), timestamp(bytes), nowUs);
    }
    this.jitter.release(nowUs, this.#visitor);
  }

  readonly #visitor: JitterVisitor = {
    onPacket: (payload, offset, length, type, rtpTimestamp) => {
      if (type === this.#audioType) {
        this.#decoder.onPayload(payload, offset, length);
      } else if (type === this.#eventType) {
        const digit = this.#dtmf.push(payload, offset, length, rtpTimestamp, this.#nowUs);
        this.#reportDigit(digit);
      } else if (type === COMFORT_NOISE) {
        this.#comfortNoise += 1;
      } else {
        this.refused.unknownPayload += 1;
      }
    },
    onLost: (samples) => this.#decoder.onLost(samples),
    onSilence: (samples) => this.#decoder.onSilence(samples),
  };

  readonly #deliver: IngressSink = {
    onAudio: (frame) => {
      this.#sink?.onAudio(frame);
      if (this.taps.size > 0) {
        this.taps.push(frame.samples, frame.sampleCount);
      }
    },
  };

  #reportDigit(digit: string | undefined): void {
    if (digit !== undefined) {
      this.#listener.onDigit(digit);
    }
  }
}
