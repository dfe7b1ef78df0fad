/** Which packets of one source have been seen: the newest and the 63 before it. RFC 3711 §3.3.2 Replay Protection. */

const WORD = 32;

/** Packets below this behind the newest can be told apart. */
export const REPLAY_WINDOW_PACKETS = 64;

/** A window over packet indexes. Ask first, accept after the packet is proved. */
export class ReplayWindow {
  /** -1 before the first packet. */
  #newest = -1;
  /** Bit n of both words together: whether the packet n before the newest was seen. */
  #recent = 0;
  #older = 0;

  /** Index of the newest packet; -1 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** Whether a packet is neither a repetition nor too old to tell. */
  isFresh(index: number): boolean {
    const behind = this.#newest - index;
    if (behind < 0) {
      return true;
    }
    if (behind >= REPLAY_WINDOW_PACKETS) {
      return false;
    }
    const word = behind < WORD ? this.#recent : this.#older;
    return ((word >>> (behind % WORD)) & 1) === 0;
  }

  /** Remembers a packet that is fresh. */
  accept(index: number): void {
    const ahead = index - this.#newest;
    if (ahead > 0) {
      this.#advance(this.#newest < 0 ? REPLAY_WINDOW_PACKETS : ahead);
      this.#newest = index;
      this.#recent |= 1;
    } else if (-ahead < WORD) {
      this.#recent |= 1 << -ahead;
    } else {
      this.#older |= 1 << (-ahead - WORD);
    }
  }

  #advance(packets: number): void {
    if (packets >= REPLAY_WINDOW_PACKETS) {
      this.#recent = 0;
      this.#older = 0;
    } else if (packets >= WORD) {
      this.#older = packets === WORD ? this.#recent : this.#recent << (packets - WORD);
      this.#recent = 0;
    } else {
      this.#older = (this.#older << packets) | (this.#recent >>> (WORD - packets));
      this.#recent <<= packets;
    }
  }
}
