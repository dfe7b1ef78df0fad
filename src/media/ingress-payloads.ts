/** What packets in order hold: audio, comfort noise, digits. */
import type { LegStream } from "../ports/media-host.ts";
import { DtmfReceiver } from "../rtp/dtmf.ts";
import type { JitterVisitor } from "../rtp/jitter-visitor.ts";
import { COMFORT_NOISE_PAYLOAD_TYPE, ComfortNoise } from "./comfort-noise.ts";
import { IngressDecoder, type IngressSink } from "./ingress-decoder.ts";

/** Hears digits, and what is none of the agreed payload types. */
export interface PayloadListener {
  onDigit(digit: string): void;
  onUnknown(): void;
}

/** Hands each payload to what understands it. */
export class IngressPayloads implements JitterVisitor {
  /** Of the packet or tick that is being worked on. */
  nowUs = 0;
  readonly #listener: PayloadListener;
  readonly #decoder: IngressDecoder;
  readonly #dtmf = new DtmfReceiver();
  readonly #noise: ComfortNoise;
  #audioType = -1;
  #eventType = -1;
  /** RFC 3264 §8.3.2 Changing the Set of Media Formats: what was agreed before may still be under way. */
  #former: Pick<LegStream, "payloadType" | "law"> | undefined;
  #current: Pick<LegStream, "payloadType" | "law"> | undefined;

  constructor(sink: IngressSink, listener: PayloadListener) {
    this.#listener = listener;
    this.#decoder = new IngressDecoder(sink);
    this.#noise = new ComfortNoise((codes, sampleCount) =>
      this.#decoder.onNoise(codes, sampleCount),
    );
  }

  /** Payload type of telephone-events; -1: none was agreed on. */
  get eventType(): number {
    return this.#eventType;
  }

  configure(stream: LegStream): void {
    if (this.#current !== undefined && this.#current.payloadType !== stream.payloadType) {
      this.#former = this.#current;
    }
    this.#current = stream;
    this.#decoder.law = stream.law;
    this.#audioType = stream.payloadType;
    this.#eventType = stream.telephoneEventPayloadType ?? -1;
  }

  isAgreed(type: number): boolean {
    return (
      type === this.#audioType || type === this.#eventType || type === COMFORT_NOISE_PAYLOAD_TYPE
    );
  }

  /** The stream has another source now, or goes on after a hold. */
  restart(): void {
    this.#dtmf.reset();
    this.#noise.end();
  }

  /** Nothing of the peer is heard from now on. */
  rest(): void {
    this.#noise.end();
  }

  onTick(nowUs: number): void {
    this.nowUs = nowUs;
    if (this.#noise.active) {
      this.#noise.onTick(this.#decoder.law, nowUs);
    }
    if (nowUs >= this.#dtmf.nextDueUs) {
      this.#reportDigit(this.#dtmf.poll(nowUs));
    }
  }

  onPacket(
    payload: Uint8Array,
    offset: number,
    length: number,
    type: number,
    rtpTimestamp: number,
    marker: boolean,
  ): void {
    if (type === this.#audioType) {
      if (this.#noise.active) {
        this.#noise.end();
      }
      this.#decoder.onPayload(payload, offset, length);
    } else if (type === this.#eventType) {
      const { nowUs } = this;
      this.#reportDigit(this.#dtmf.push(payload, offset, length, rtpTimestamp, nowUs, marker));
    } else if (type === COMFORT_NOISE_PAYLOAD_TYPE) {
      this.#noise.onPacket(payload, offset, length, this.nowUs);
    } else if (type === this.#former?.payloadType) {
      this.#onFormer(this.#former, payload, offset, length);
    } else {
      this.#listener.onUnknown();
    }
  }

  onLost(samples: number): void {
    if (this.#noise.active) {
      this.#noise.fill(this.#decoder.law, samples);
    } else {
      this.#decoder.onLost(samples);
    }
  }

  onSilence(samples: number): void {
    if (this.#noise.active) {
      this.#noise.fill(this.#decoder.law, samples);
    } else {
      this.#decoder.onSilence(samples);
    }
  }

  describe(): string {
    return this.#decoder.describe();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { ...this.#noise.toJSON(), ...this.#decoder.toJSON() };
  }

  /** Rare: changing the law costs the decoder its history. */
  #onFormer(
    former: Pick<LegStream, "law">,
    payload: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const { law } = this.#decoder;
    this.#decoder.law = former.law;
    this.#decoder.onPayload(payload, offset, length);
    this.#decoder.law = law;
  }

  #reportDigit(digit: string | undefined): void {
    if (digit !== undefined) {
      this.#listener.onDigit(digit);
    }
  }
}
