/** From datagrams to what they hold: source check, statistics, jitter buffer. */

import { isUnspecifiedAddress } from "../core/ip-address.ts";
import type { HeardSource } from "../ports/media-anchor.ts";
import type { LegStream } from "../ports/media-host.ts";
import { JitterBuffer } from "../rtp/jitter-buffer.ts";
import { isRtcp, isRtp, payloadType, sequenceNumber, ssrc, timestamp } from "../rtp/packet.ts";
import { ReceptionStats } from "../rtp/reception-stats.ts";
import type { IngressSink } from "./ingress-decoder.ts";
import { IngressPayloads } from "./ingress-payloads.ts";
import { createIngressRefusals } from "./ingress-refusals.ts";
import { expectsAudio } from "./leg-stream.ts";
import { SourceLatch } from "./source-latch.ts";
import { Taps } from "./taps.ts";

/** What ingress reports. */
export interface IngressListener {
  onLatched(address: string, port: number): void;
  /** Also of the RTP port; RFC 5761 Multiplexing RTP Data and Control Packets on a Single Port. */
  onRtcp(bytes: Uint8Array): void;
  onDigit(digit: string): void;
}

/** The receiving half of a leg. */
export class Ingress {
  readonly taps = new Taps();
  readonly jitter = new JitterBuffer();
  readonly stats = new ReceptionStats();
  readonly refused = createIngressRefusals();
  readonly #listener: IngressListener;
  readonly #latch: SourceLatch;
  readonly #payloads: IngressPayloads;
  #sink: IngressSink | undefined;
  #audioType = -1;
  #receiving = false;
  /** Whether what comes is the caller, and not the music of a hold. */
  #hearing = false;
  /** Whether the peer was ever told that it may send. */
  #invited = false;
  #ssrc = -1;
  #packets = 0;
  #duringHold = 0;

  constructor(listener: IngressListener) {
    this.#listener = listener;
    this.#payloads = new IngressPayloads(this.#deliver, {
      onDigit: (digit) => listener.onDigit(digit),
      onUnknown: () => {
        this.refused.unknownPayload += 1;
      },
    });
    this.#latch = new SourceLatch((address, port) => {
      this.#startOver();
      listener.onLatched(address, port);
    });
  }

  /** Packets taken. */
  get packets(): number {
    return this.#packets;
  }

  /** The peer's SSRC; -1 before the first packet. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /** Whose RTP is taken; `undefined` before the first packet. */
  get source(): HeardSource | undefined {
    const { address, port } = this.#latch;
    return this.#latch.latched ? { address, port, ssrc: this.#ssrc } : undefined;
  }

  distrust(source: HeardSource): void {
    this.#latch.distrust(source);
  }

  setSink(sink: IngressSink | undefined): void {
    this.#sink = sink;
  }

  configure(stream: LegStream, nowUs: number): void {
    this.#payloads.configure(stream);
    this.#audioType = stream.payloadType;
    this.jitter.telephoneEventPayloadType = this.#payloads.eventType;
    if (!isUnspecifiedAddress(stream.remoteAddress)) {
      this.#latch.expect(stream, nowUs);
    }
    this.#receiving = stream.direction === "sendrecv" || stream.direction === "recvonly";
    if (this.#receiving && !this.#invited) {
      this.#invited = true;
      this.#latch.listen(nowUs);
    }
    this.#hear(expectsAudio(stream));
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
    if (this.#admits(bytes, address, port, nowUs)) {
      this.#packets += 1;
      this.#payloads.nowUs = nowUs;
      if (!this.#hearing) {
        this.#passOver(bytes, nowUs);
      } else if (this.jitter.pass(bytes, length, this.#payloads)) {
        this.#countFrom(ssrc(bytes));
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
    this.#payloads.nowUs = nowUs;
    if (nowUs >= this.jitter.nextDueUs) {
      this.jitter.release(nowUs, this.#payloads);
    }
    this.#payloads.onTick(nowUs);
  }

  describe(): string {
    return `Rtp(${this.#audioType}) -> ${this.jitter.describe()} -> ${this.#payloads.describe()}`;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      packets: this.#packets,
      duringHold: this.#duringHold,
      refused: { ...this.refused },
      source: this.#latch.toJSON(),
      reception: this.stats.toJSON(),
      jitter: this.jitter.toJSON(),
      ...this.#payloads.toJSON(),
      taps: this.taps.toJSON(),
    };
  }

  #admits(bytes: Uint8Array, address: string, port: number, nowUs: number): boolean {
    if (this.#audioType < 0) {
      this.refused.early += 1;
      return false;
    }
    if (!this.#receiving) {
      this.refused.notReceiving += 1;
      if (!this.#invited) {
        this.#latch.distrust({ address, port, ssrc: ssrc(bytes) });
      }
      return false;
    }
    if (!this.#payloads.isAgreed(payloadType(bytes)) && !this.#latch.latched) {
      this.refused.unknownPayload += 1;
      return false;
    }
    if (!this.#latch.admit(address, port, ssrc(bytes), nowUs)) {
      this.refused.stranger += 1;
      return false;
    }
    return true;
  }

  /** After a hold the peer's stream begins anew: what it counted on meanwhile is neither loss nor silence. */
  #hear(hearing: boolean): void {
    if (hearing && !this.#hearing) {
      this.#startOver();
    } else if (!hearing) {
      this.#payloads.rest();
    }
    this.#hearing = hearing;
  }

  /** The next packet begins a stream. */
  #startOver(): void {
    this.jitter.restart();
    this.#payloads.restart();
  }

  /** Music on hold: only RTCP tells about it. */
  #passOver(bytes: Uint8Array, nowUs: number): void {
    this.#duringHold += 1;
    if (ssrc(bytes) === this.#ssrc) {
      this.stats.onPacket(sequenceNumber(bytes), timestamp(bytes), nowUs);
    }
  }

  /** A new SSRC is believed when the jitter buffer believes it. */
  #insert(bytes: Uint8Array, length: number, nowUs: number): void {
    const resets = this.jitter.counters.reset;
    this.jitter.insert(bytes, length, nowUs);
    const source = ssrc(bytes);
    if (this.#ssrc < 0 || this.jitter.counters.reset !== resets) {
      this.#payloads.restart();
      this.#countFrom(source);
    }
    if (source === this.#ssrc) {
      this.stats.onPacket(sequenceNumber(bytes), timestamp(bytes), nowUs);
    }
    this.jitter.release(nowUs, this.#payloads);
  }

  #countFrom(source: number): void {
    if (source !== this.#ssrc) {
      this.#ssrc = source;
      this.stats.restart();
    }
  }

  readonly #deliver: IngressSink = {
    onAudio: (frame) => {
      this.#sink?.onAudio(frame);
      if (this.taps.size > 0) {
        this.taps.push(frame.samples, frame.sampleCount);
      }
    },
  };
}
