/** Who speaks how much, over whom, and how long nobody does. */

/** One utterance; milliseconds since the conversation began. */
export interface TalkSpan {
  readonly participantId: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Utterances that a new one may overlap. */
const RECENT = 16;
/** More participants than these are counted as one. */
const MAX_PARTICIPANTS = 16;
/** A pause is dead air from here on. */
const DEAD_AIR_MS = 4000;

/** Of one conversation; utterances come about in the order of their ends. */
export class TalkMeter {
  readonly #talkMs = new Map<string, number>();
  readonly #recent: TalkSpan[] = [];
  #overtalkMs = 0;
  #deadAirMs = 0;
  #lastEndMs: number | undefined;

  get overtalkMs(): number {
    return this.#overtalkMs;
  }

  /** Pauses of four seconds and more, in all. */
  get deadAirMs(): number {
    return this.#deadAirMs;
  }

  get totalMs(): number {
    return [...this.#talkMs.values()].reduce((sum, ms) => sum + ms, 0);
  }

  add(span: TalkSpan): void {
    const { startMs, endMs } = span;
    if (!(endMs > startMs)) {
      return;
    }
    const isKnown = this.#talkMs.has(span.participantId);
    const participantId =
      isKnown || this.#talkMs.size < MAX_PARTICIPANTS ? span.participantId : "others";
    this.#talkMs.set(participantId, (this.#talkMs.get(participantId) ?? 0) + endMs - startMs);
    for (const other of this.#recent) {
      if (other.participantId !== participantId) {
        const overlapMs = Math.min(endMs, other.endMs) - Math.max(startMs, other.startMs);
        this.#overtalkMs += Math.max(0, overlapMs);
      }
    }
    const pauseMs = this.#lastEndMs === undefined ? 0 : startMs - this.#lastEndMs;
    this.#deadAirMs += pauseMs >= DEAD_AIR_MS ? pauseMs : 0;
    this.#lastEndMs = Math.max(this.#lastEndMs ?? 0, endMs);
    this.#recent.push({ participantId, startMs, endMs });
    if (this.#recent.length > RECENT) {
      this.#recent.shift();
    }
  }

  /** Shares of all speech, 0 … 1, rounded to a hundredth. */
  shares(): Readonly<Record<string, number>> {
    const total = Math.max(1, this.totalMs);
    return Object.fromEntries(
      [...this.#talkMs].map(([id, ms]) => [id, Math.round((ms / total) * 100) / 100]),
    );
  }
}
