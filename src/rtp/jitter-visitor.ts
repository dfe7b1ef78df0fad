/** What a jitter buffer is told, and what it tells: packets and gaps to its visitor, sums to its counters. */

/** What the buffer may do. */
export interface JitterBufferOptions {
  /** How long packets after a gap wait for the missing one. */
  readonly holdMs?: number;
  /** The most silence reported for one pause, in RTP clock units. */
  readonly maxSilenceSamples?: number;
  /** Packets of this type do not move the audio timeline; RFC 4733 §2.2.1 RTP Header Usage (Timestamp). */
  readonly telephoneEventPayloadType?: number;
}

/** Hears what leaves the buffer, in order. Everything is borrowed during the call. */
export interface JitterVisitor {
  /** `payload` is the buffer's storage or the datagram: read `length` bytes from `offset`, write none. */
  onPacket(
    payload: Uint8Array,
    offset: number,
    length: number,
    payloadType: number,
    rtpTimestamp: number,
    marker: boolean,
  ): void;
  /** One packet of audio will not come; `samples` is its length. */
  onLost(samples: number): void;
  /** The sender was silent on purpose (DTX); bounded by `maxSilenceSamples`. */
  onSilence(samples: number): void;
}

/** received = released + late + duplicate + discarded + refused + still held. */
export interface JitterCounters {
  received: number;
  released: number;
  lost: number;
  late: number;
  duplicate: number;
  /** Held when the stream restarted, hence never released. */
  discarded: number;
  reset: number;
  /** Not RTP, too long, or a stray of another stream. */
  refused: number;
}

/** All zero. */
export function createJitterCounters(): JitterCounters {
  return {
    received: 0,
    released: 0,
    lost: 0,
    late: 0,
    duplicate: 0,
    discarded: 0,
    reset: 0,
    refused: 0,
  };
}
