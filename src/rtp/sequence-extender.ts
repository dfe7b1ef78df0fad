/** Sequence numbers that never wrap, for one source; RFC 3550 A.1 RTP Data Header Validity Checks. */

/** A jump ahead of this many packets or more is not loss but another stream. */
const MAX_DROPOUT = 3000;
/** A packet older than this many is not reordered but of another stream. */
const MAX_MISORDER = 100;
const SEQUENCE_MODULUS = 65_536;
/** No sequence number equals it. */
const NO_SEQUENCE = SEQUENCE_MODULUS + 1;

/** Extends 16-bit sequence numbers by the count of their wraps, and refuses packets that cannot belong to the source. */
export class SequenceExtender {
  readonly #minSequential: number;
  #probation: number;
  #started = false;
  #maxSequence = 0;
  #cycles = 0;
  #baseSequence = 0;
  #badSequence = NO_SEQUENCE;
  #restarts = 0;

  /** @param minSequential packets in sequence before a source is believed; 1 believes the first one. */
  constructor(minSequential = 2) {
    this.#minSequential = minSequential;
    this.#probation = minSequential;
  }

  /** Extended number of the first packet that was believed. */
  get base(): number {
    return this.#baseSequence;
  }

  /** Highest extended number so far. */
  get highest(): number {
    return this.#cycles + this.#maxSequence;
  }

  /** Whether the source is believed. */
  get valid(): boolean {
    return this.#started && this.#probation === 0;
  }

  /** How often the other side restarted its sequence. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The extended sequence number, or -1 for a packet that is on probation or makes no sense. */
  push(sequence: number): number {
    if (!this.#started) {
      this.#started = true;
      this.#maxSequence = (sequence - 1) & 0xffff;
    }
    return this.#probation > 0 ? this.#probe(sequence) : this.#follow(sequence);
  }

  #probe(sequence: number): number {
    if (sequence !== ((this.#maxSequence + 1) & 0xffff)) {
      this.#probation = this.#minSequential;
    }
    this.#probation -= 1;
    this.#maxSequence = sequence;
    if (this.#probation > 0) {
      return -1;
    }
    this.#begin(sequence);
    return sequence;
  }

  #begin(sequence: number): void {
    this.#baseSequence = sequence;
    this.#maxSequence = sequence;
    this.#badSequence = NO_SEQUENCE;
    this.#cycles = 0;
  }

  #follow(sequence: number): number {
    const ahead = (sequence - this.#maxSequence) & 0xffff;
    if (ahead < MAX_DROPOUT) {
      if (sequence < this.#maxSequence) {
        this.#cycles += SEQUENCE_MODULUS;
      }
      this.#maxSequence = sequence;
      return this.#cycles + sequence;
    }
    if (ahead > SEQUENCE_MODULUS - MAX_MISORDER) {
      return this.#older(SEQUENCE_MODULUS - ahead);
    }
    if (sequence === this.#badSequence) {
      this.#begin(sequence);
      this.#restarts += 1;
      return sequence;
    }
    this.#badSequence = (sequence + 1) & 0xffff;
    return -1;
  }

  /** A reordered packet from before the first one has no extended number. */
  #older(behind: number): number {
    const extended = this.highest - behind;
    return extended < 0 ? -1 : extended;
  }
}
