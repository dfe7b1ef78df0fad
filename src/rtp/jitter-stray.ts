/** A packet of what may be another stream, kept until the next one confirms it. */
import { sequenceDelta } from "./packet.ts";

/** Knows which packet is kept aside; its bytes are elsewhere. */
export class StrayCandidate {
  #held = false;
  #ssrc = 0;
  #sequence = 0;

  get held(): boolean {
    return this.#held;
  }

  /** Of the packet held last. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether this is the packet right after the one held, of the same source. */
  isFollowedBy(source: number, sequence: number): boolean {
    return this.#held && source === this.#ssrc && sequenceDelta(sequence, this.#sequence) === 1;
  }

  hold(source: number, sequence: number): void {
    this.#held = true;
    this.#ssrc = source;
    this.#sequence = sequence;
  }

  /** Whether one was held. */
  drop(): boolean {
    const held = this.#held;
    this.#held = false;
    return held;
  }
}
