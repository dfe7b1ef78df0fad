/** What was received of one source: RFC 3550 A.3 Determining Number of Packets Expected and Lost, A.8 Interarrival Jitter. */
import { timestampDelta } from "./packet.ts";
import type { ReportBlock } from "./rtcp-types.ts";
import { SequenceExtender } from "./sequence-extender.ts";

const MAX_CUMULATIVE_LOST = 0x7f_ffff;
const MIN_CUMULATIVE_LOST = -0x80_0000;

/** Loss and jitter of one source. `restart` it when the source changes. */
export class ReceptionStats {
  readonly #rateHz: number;
  #extender = new SequenceExtender(1);
  #restartsSeen = 0;
  #received = 0;
  #expectedPrior = 0;
  #receivedPrior = 0;
  #jitter = 0;
  #transitKnown = false;
  #lastTimestamp = 0;
  #lastArrivalUs = 0;

  /** @param rateHz of the RTP clock. */
  constructor(rateHz = 8000) {
    this.#rateHz = rateHz;
  }

  /** Packets taken, duplicates included. */
  get received(): number {
    return this.#received;
  }

  /** Packets sent, as far as sequence numbers tell. */
  get expected(): number {
    return this.#extender.valid ? this.#extender.highest - this.#extender.base + 1 : 0;
  }

  /** Cumulative, clipped to 24 bits with sign; negative when duplicates outnumber losses. */
  get lost(): number {
    const lost = this.expected - this.#received;
    return Math.max(MIN_CUMULATIVE_LOST, Math.min(MAX_CUMULATIVE_LOST, lost));
  }

  /** Interarrival jitter in RTP clock units. */
  get jitter(): number {
    return this.#jitter;
  }

  get jitterMs(): number {
    return (this.#jitter * 1000) / this.#rateHz;
  }

  /** Extended highest sequence number received. */
  get highestSequence(): number {
    return this.#extender.valid ? this.#extender.highest : 0;
  }

  /**
   * Counts one packet. A single one whose sequence number makes no sense is left out; of packets with one timestamp
   * (telephone-events) only the first tells about jitter.
   */
  onPacket(sequence: number, rtpTimestamp: number, arrivalUs: number): void {
    const extended = this.#extender.push(sequence);
    if (this.#extender.restarts !== this.#restartsSeen) {
      this.#restartsSeen = this.#extender.restarts;
      this.#startOver();
    }
    if (extended < 0) {
      return;
    }
    this.#received += 1;
    if (this.#transitKnown && rtpTimestamp === this.#lastTimestamp) {
      return;
    }
    if (this.#transitKnown) {
      const arrivedSamples = ((arrivalUs - this.#lastArrivalUs) * this.#rateHz) / 1e6;
      const difference = arrivedSamples - timestampDelta(rtpTimestamp, this.#lastTimestamp);
      this.#jitter += (Math.abs(difference) - this.#jitter) / 16;
    }
    this.#transitKnown = true;
    this.#lastTimestamp = rtpTimestamp;
    this.#lastArrivalUs = arrivalUs;
  }

  /** Begins anew, as for a new SSRC. */
  restart(): void {
    this.#extender = new SequenceExtender(1);
    this.#restartsSeen = 0;
    this.#startOver();
  }

  /**
   * The block for an RTCP report on `source`, with the fraction lost since the last call.
   * Fill in `lastSenderReport` and `delaySinceLastSenderReport` if a sender report came.
   */
  takeReport(source: number): ReportBlock {
    return {
      ssrc: source,
      fractionLost: this.#takeFractionLost(),
      cumulativeLost: this.lost,
      highestSequence: this.highestSequence >>> 0,
      jitter: Math.floor(this.#jitter) >>> 0,
      lastSenderReport: 0,
      delaySinceLastSenderReport: 0,
    };
  }

  toJSON(): Record<string, number> {
    return {
      received: this.#received,
      expected: this.expected,
      lost: this.lost,
      jitterMs: this.jitterMs,
    };
  }

  /** In 1/256, since the last report; duplicates make it 0, never negative. */
  #takeFractionLost(): number {
    const expected = this.expected - this.#expectedPrior;
    const lost = expected - (this.#received - this.#receivedPrior);
    this.#expectedPrior = this.expected;
    this.#receivedPrior = this.#received;
    return expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected));
  }

  #startOver(): void {
    this.#received = 0;
    this.#expectedPrior = 0;
    this.#receivedPrior = 0;
    this.#jitter = 0;
    this.#transitKnown = false;
  }
}
