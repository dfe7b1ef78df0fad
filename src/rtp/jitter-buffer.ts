/** Puts packets back in order: at once while nothing is missing, after a bounded hold when something is. */
import { JitterSlots } from "./jitter-slots.ts";
import { StrayCandidate } from "./jitter-stray.ts";
import {
  createJitterCounters,
  type JitterBufferOptions,
  type JitterCounters,
  type JitterVisitor,
} from "./jitter-visitor.ts";
import {
  addTimestamp,
  hasMarker,
  isRtp,
  payloadLength,
  payloadOffset,
  payloadType,
  sequenceDelta,
  sequenceNumber,
  ssrc,
  timestamp,
  timestampDelta,
} from "./packet.ts";

/** Packets that may be waiting; a sequence number further away belongs to another stream. */
export const JITTER_SLOTS = 64;
/** Payloads above it are refused: 60 ms of G.711 fit. */
export const MAX_PAYLOAD_BYTES = 480;
/** A payload shorter than 5 ms of G.711 is no audio frame (comfort noise, telephone-event). */
const MIN_FRAME_BYTES = 40;
/** A timestamp this far from the expected one is a new timeline, not silence. */
const MAX_TIMESTAMP_JUMP = 480_000;

export type { JitterBufferOptions, JitterCounters, JitterVisitor } from "./jitter-visitor.ts";

/** A jitter buffer for payloads of one byte per RTP clock tick (G.711). Not driven by a clock: time is passed in. */
export class JitterBuffer {
  readonly counters: JitterCounters = createJitterCounters();
  /** May change with a new answer. */
  telephoneEventPayloadType: number;
  readonly #holdUs: number;
  readonly #maxSilenceSamples: number;
  readonly #slots = new JitterSlots(JITTER_SLOTS, MAX_PAYLOAD_BYTES);
  #started = false;
  #ssrc = 0;
  /** The next sequence number to release, extended so that it never wraps. */
  #next = 0;
  #timelineKnown = false;
  #expectedTimestamp = 0;
  #frameSamples = 160;
  readonly #candidate = new StrayCandidate();

  constructor(options: JitterBufferOptions = {}) {
    this.#holdUs = (options.holdMs ?? 60) * 1000;
    this.#maxSilenceSamples = options.maxSilenceSamples ?? 8000;
    this.telephoneEventPayloadType = options.telephoneEventPayloadType ?? -1;
  }

  /** Packets waiting, behind a gap or for another one of their stream. */
  get held(): number {
    return this.#slots.held + (this.#candidate.held ? 1 : 0);
  }

  /** When `release` has something to do at the latest, if no packet arrives; Infinity while nothing waits. */
  get nextDueUs(): number {
    return this.#slots.held === 0
      ? Number.POSITIVE_INFINITY
      : this.#slots.arrivalUs(this.#slots.firstHeldFrom(this.#next)) + this.#holdUs;
  }

  /** Takes one datagram; the bytes are copied. Never throws; what is not taken is counted. */
  insert(bytes: Uint8Array, length: number, nowUs: number): void {
    this.counters.received += 1;
    if (isRtp(bytes, length) !== undefined || payloadLength(bytes, length) > MAX_PAYLOAD_BYTES) {
      this.counters.refused += 1;
      return;
    }
    const sequence = sequenceNumber(bytes);
    if (!this.#started) {
      this.#begin(ssrc(bytes), sequence);
    }
    const ahead = sequenceDelta(sequence, this.#next & 0xffff);
    if (ssrc(bytes) !== this.#ssrc || ahead >= JITTER_SLOTS || ahead < -JITTER_SLOTS) {
      this.#insertStray(bytes, length, sequence, nowUs);
      return;
    }
    this.counters.refused += this.#candidate.drop() ? 1 : 0;
    this.#insertOwn(bytes, length, this.#next + ahead, nowUs);
  }

  /**
   * Hands a datagram straight on, without a copy, when it is the very next of its stream and nothing waits; `false`: it
   * was not looked at, `insert` it. The datagram was checked with `isRtp`.
   */
  pass(bytes: Uint8Array, length: number, visitor: JitterVisitor): boolean {
    const offset = payloadOffset(bytes, length);
    const payloadBytes = payloadLength(bytes, length);
    const sequence = sequenceNumber(bytes);
    if (!this.#started) {
      this.#begin(ssrc(bytes), sequence);
    }
    if (
      this.held > 0 ||
      sequence !== (this.#next & 0xffff) ||
      ssrc(bytes) !== this.#ssrc ||
      payloadBytes > MAX_PAYLOAD_BYTES
    ) {
      return false;
    }
    const type = payloadType(bytes);
    const rtpTimestamp = timestamp(bytes);
    if (type !== this.telephoneEventPayloadType) {
      this.#follow(rtpTimestamp, payloadBytes, visitor);
    }
    this.#slots.markPassed(this.#next);
    this.#next += 1;
    this.counters.received += 1;
    this.counters.released += 1;
    visitor.onPacket(bytes, offset, payloadBytes, type, rtpTimestamp, hasMarker(bytes));
    return true;
  }

  /** Hands on all that is ready. Call it after each `insert`, and when `nextDueUs` has come. */
  release(nowUs: number, visitor: JitterVisitor): void {
    while (this.#slots.held > 0) {
      const first = this.#slots.firstHeldFrom(this.#next);
      if (first !== this.#next) {
        if (nowUs < this.#slots.arrivalUs(first) + this.#holdUs) {
          return;
        }
        this.#skipTo(first, visitor);
      }
      this.#releaseNext(visitor);
    }
  }

  /** The next packet begins a stream, wherever its numbers are. */
  restart(): void {
    this.#started = false;
  }

  describe(): string {
    return `Jitter(${JITTER_SLOTS})`;
  }

  toJSON(): Record<string, number> {
    return { ...this.counters, held: this.held };
  }

  #begin(source: number, sequence: number): void {
    this.counters.discarded += this.#slots.held;
    this.#started = true;
    this.#ssrc = source;
    this.#next = 65_536 + sequence;
    this.#timelineKnown = false;
    this.#slots.clear();
  }

  #insertOwn(bytes: Uint8Array, length: number, sequence: number, nowUs: number): void {
    if (this.#slots.knows(sequence)) {
      this.counters.duplicate += 1;
    } else if (sequence < this.#next) {
      this.counters.late += 1;
    } else {
      this.#slots.put(sequence, bytes, length, nowUs);
    }
  }

  /** Two packets in sequence of another stream restart the buffer on it; a single one changes nothing. */
  #insertStray(bytes: Uint8Array, length: number, sequence: number, nowUs: number): void {
    const source = ssrc(bytes);
    if (!this.#candidate.isFollowedBy(source, sequence)) {
      this.counters.refused += this.#candidate.drop() ? 1 : 0;
      this.#candidate.hold(source, sequence);
      this.#slots.putSpare(bytes, length, nowUs);
      return;
    }
    this.#candidate.drop();
    this.counters.reset += 1;
    this.#begin(source, this.#candidate.sequence);
    this.#slots.takeSpare(this.#next);
    this.#slots.put(this.#next + 1, bytes, length, nowUs);
  }

  /** Gives up the packets before `first`: lost audio first, then what was silence. */
  #skipTo(first: number, visitor: JitterVisitor): void {
    let missing = this.#samplesBefore(first);
    for (let sequence = this.#next; sequence < first; sequence += 1) {
      const samples = missing < this.#frameSamples ? missing : this.#frameSamples;
      missing -= samples;
      this.counters.lost += 1;
      if (samples > 0) {
        this.#expectedTimestamp = addTimestamp(this.#expectedTimestamp, samples);
        visitor.onLost(samples);
      }
    }
    this.#next = first;
  }

  /** Samples between the timeline's end and this packet; what its loss counts say where its timestamp cannot. */
  #samplesBefore(sequence: number): number {
    const byCount = (sequence - this.#next) * this.#frameSamples;
    if (!this.#timelineKnown || this.#isEvent(sequence)) {
      return byCount;
    }
    const byTimestamp = timestampDelta(this.#slots.rtpTimestamp(sequence), this.#expectedTimestamp);
    return byTimestamp < 0 || byTimestamp > MAX_TIMESTAMP_JUMP ? byCount : byTimestamp;
  }

  #isEvent(sequence: number): boolean {
    return (this.#slots.header(sequence) & 0x7f) === this.telephoneEventPayloadType;
  }

  #releaseNext(visitor: JitterVisitor): void {
    const sequence = this.#next;
    const slots = this.#slots;
    const length = slots.payloadBytes(sequence);
    const rtpTimestamp = slots.rtpTimestamp(sequence);
    const header = slots.header(sequence);
    if (!this.#isEvent(sequence)) {
      this.#follow(rtpTimestamp, length, visitor);
    }
    this.#next += 1;
    slots.markReleased(sequence);
    this.counters.released += 1;
    visitor.onPacket(
      slots.storage,
      slots.offset(sequence),
      length,
      header & 0x7f,
      rtpTimestamp,
      (header & 0x80) !== 0,
    );
  }

  /** Keeps the timeline; a jump ahead between neighbours is silence, any other jump a new timeline. */
  #follow(rtpTimestamp: number, samples: number, visitor: JitterVisitor): void {
    const jump = this.#timelineKnown ? timestampDelta(rtpTimestamp, this.#expectedTimestamp) : 0;
    if (jump > MAX_TIMESTAMP_JUMP || jump < -MAX_TIMESTAMP_JUMP) {
      this.counters.reset += 1;
    } else if (jump > 0) {
      visitor.onSilence(jump < this.#maxSilenceSamples ? jump : this.#maxSilenceSamples);
    }
    const isFrame = samples >= MIN_FRAME_BYTES;
    this.#frameSamples = isFrame ? samples : this.#frameSamples;
    this.#timelineKnown = true;
    this.#expectedTimestamp = addTimestamp(rtpTimestamp, isFrame ? samples : 0);
  }
}
