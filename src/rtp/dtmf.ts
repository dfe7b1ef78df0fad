/** Digits as telephone-events: RFC 4733 §2.3 Payload Format, received exactly once each, sent one packet per tick. */
import { readUint32, timestampDelta, writeUint32 } from "./packet.ts";

/** Bytes of one telephone-event payload. */
export const EVENT_BYTES = 4;
/** Event codes 0 … 15 in order; RFC 4733 §3.2 DTMF Events. */
const DIGITS = "0123456789*#ABCD";
/** The end is said three times, for it may get lost; RFC 4733 §2.5.1.4 Retransmission of Final Packet. */
const END_PACKETS = 3;
/** A timestamp this far back (10 s at 8 kHz) is a restarted clock and no straggler. */
const RESTART_SAMPLES = 80_000;
/** -10 dBm0, the loudness at which most senders play digits. */
const DEFAULT_VOLUME = 10;

/** Hears telephone-events; each digit is reported once, at its end, or when its end got lost. */
export class DtmfReceiver {
  readonly #timeoutUs: number;
  #open = false;
  #openUntilUs = 0;
  #pendingDigit: string | undefined;
  #doneKnown = false;
  /** Of the event that is open, or was last. */
  #digit = "";
  #timestamp = 0;
  #duration = 0;

  /** @param timeoutMs an event without an end is over when nothing was heard of it for so long. */
  constructor(timeoutMs = 150) {
    this.#timeoutUs = timeoutMs * 1000;
  }

  /** When `poll` has a digit at the latest; Infinity while no event is going on. */
  get nextDueUs(): number {
    if (this.#pendingDigit !== undefined) {
      return 0;
    }
    return this.#open ? this.#openUntilUs : Number.POSITIVE_INFINITY;
  }

  /**
   * Takes one payload and returns a digit that is complete. The marker bit is not needed, for senders omit it; where it is
   * set, an event begins.
   */
  push(
    payload: Uint8Array,
    offset: number,
    length: number,
    rtpTimestamp: number,
    nowUs: number,
    marker = false,
  ): string | undefined {
    if (length < EVENT_BYTES || (payload[offset] as number) >= DIGITS.length) {
      return this.poll(nowUs);
    }
    const digit = DIGITS.charAt(payload[offset] as number);
    const same = this.#isSameEvent(digit, rtpTimestamp, marker);
    if (this.#isStraggler(rtpTimestamp) || (same && !this.#open)) {
      return this.#takePending();
    }
    if (this.#open && !same) {
      this.#finish();
    }
    this.#open = true;
    this.#digit = digit;
    this.#timestamp = rtpTimestamp;
    this.#duration = eventDuration(payload, offset);
    this.#openUntilUs = nowUs + this.#timeoutUs;
    return ((payload[offset + 1] as number) & 0x80) === 0 ? this.#takePending() : this.#end();
  }

  /** A digit whose end got lost, once its time is over. */
  poll(nowUs: number): string | undefined {
    if (this.#pendingDigit === undefined && this.#open && nowUs >= this.#openUntilUs) {
      this.#finish();
    }
    return this.#takePending();
  }

  /** Forgets everything: the stream has another source now. */
  reset(): void {
    this.#open = false;
    this.#doneKnown = false;
    this.#pendingDigit = undefined;
  }

  /** The digit that ended now, or the one before it that was overtaken; the other is left to `poll`. */
  #end(): string | undefined {
    const overtaken = this.#takePending();
    this.#finish();
    if (overtaken !== undefined) {
      return overtaken;
    }
    return this.#takePending();
  }

  #finish(): void {
    this.#open = false;
    this.#doneKnown = true;
    this.#pendingDigit = this.#digit;
  }

  #takePending(): string | undefined {
    const digit = this.#pendingDigit;
    this.#pendingDigit = undefined;
    return digit;
  }

  /** Of an event before the last one. */
  #isStraggler(rtpTimestamp: number): boolean {
    return (this.#open || this.#doneKnown) && isBefore(rtpTimestamp, this.#timestamp);
  }

  /**
   * Whether a packet belongs to the event that is open or was last: it has its timestamp or, from senders that put the
   * time of each packet there and in the segments of a long event, one within the time that the event has lasted so far
   * (RFC 4733 §2.5.1.3 Long-Duration Events).
   */
  #isSameEvent(digit: string, rtpTimestamp: number, marker: boolean): boolean {
    if (!(this.#open || this.#doneKnown) || digit !== this.#digit) {
      return false;
    }
    const since = timestampDelta(rtpTimestamp, this.#timestamp);
    if (marker) {
      return since === 0 && this.#open;
    }
    return since === 0 || (since > 0 && since <= this.#duration - (this.#open ? 0 : 1));
  }
}

function isBefore(rtpTimestamp: number, other: number): boolean {
  const delta = timestampDelta(rtpTimestamp, other);
  return delta < 0 && delta > -RESTART_SAMPLES;
}

/** How digits are played. */
export interface DtmfSenderOptions {
  /** RTP clock. */
  readonly rateHz?: number;
  /** Time between two calls of `pull`. */
  readonly ptimeMs?: number;
  readonly digitMs?: number;
  /** Silence between two digits. */
  readonly gapMs?: number;
}

/** A queue of digits, drained one packet per tick; while {@link active}, the leg sends no audio. */
export class DtmfSender {
  readonly #packetSamples: number;
  readonly #digitSamples: number;
  readonly #gapTicks: number;
  #queue = "";
  #event = -1;
  #duration = 0;
  #endsSent = 0;
  #gapLeft = 0;
  #rtpTimestamp = 0;
  #marker: 0 | 1 = 0;

  constructor(options: DtmfSenderOptions = {}) {
    const perMs = (options.rateHz ?? 8000) / 1000;
    const ptimeMs = options.ptimeMs ?? 20;
    this.#packetSamples = perMs * ptimeMs;
    this.#digitSamples = perMs * Math.max(ptimeMs, Math.min(options.digitMs ?? 160, 8000));
    this.#gapTicks = Math.ceil((options.gapMs ?? 60) / ptimeMs);
  }

  /** Whether a digit, or the pause after it, is under way or waiting. */
  get active(): boolean {
    return this.#event >= 0 || this.#gapLeft > 0 || this.#queue !== "";
  }

  /** RTP timestamp of the packet pulled last: the event's start, for all of its packets. */
  get rtpTimestamp(): number {
    return this.#rtpTimestamp;
  }

  /** Marker bit of the packet pulled last: 1 on the first one of an event. */
  get marker(): 0 | 1 {
    return this.#marker;
  }

  /** Queues `0-9 * # A-D` (either case); `false`, and nothing queued, when any other character is among them. */
  send(digits: string): boolean {
    const upper = digits.toUpperCase();
    for (let i = 0; i < upper.length; i += 1) {
      if (!DIGITS.includes(upper.charAt(i))) {
        return false;
      }
    }
    this.#queue += upper;
    return true;
  }

  /** Drops what is queued; the digit under way ends properly. */
  clear(): void {
    this.#queue = "";
  }

  /**
   * Writes this tick's payload to `target` and returns its length: {@link EVENT_BYTES}, or 0 for a tick of silence.
   * `rtpTimestamp` is the time of the tick on the leg's audio timeline.
   */
  pull(rtpTimestamp: number, target: Uint8Array, offset: number): number {
    if (this.#event < 0 && !this.#begin(rtpTimestamp)) {
      return 0;
    }
    this.#marker = this.#duration === 0 ? 1 : 0;
    if (this.#duration < this.#digitSamples) {
      const next = this.#duration + this.#packetSamples;
      this.#duration = next < this.#digitSamples ? next : this.#digitSamples;
    }
    const ended = this.#duration >= this.#digitSamples;
    const flags = (ended ? 0x80 : 0) | DEFAULT_VOLUME;
    writeUint32(target, offset, (this.#event << 24) | (flags << 16) | this.#duration);
    if (ended) {
      this.#countEnd();
    }
    return EVENT_BYTES;
  }

  #begin(rtpTimestamp: number): boolean {
    if (this.#gapLeft > 0) {
      this.#gapLeft -= 1;
      return false;
    }
    if (this.#queue === "") {
      return false;
    }
    this.#event = DIGITS.indexOf(this.#queue.charAt(0));
    this.#queue = this.#queue.substring(1);
    this.#rtpTimestamp = rtpTimestamp;
    this.#duration = 0;
    this.#endsSent = 0;
    return true;
  }

  #countEnd(): void {
    this.#endsSent += 1;
    if (this.#endsSent === END_PACKETS) {
      this.#event = -1;
      this.#gapLeft = this.#gapTicks;
    }
  }
}

/** The duration field of a telephone-event payload, in RTP clock units. */
export function eventDuration(payload: Uint8Array, offset: number): number {
  return readUint32(payload, offset) & 0xffff;
}
