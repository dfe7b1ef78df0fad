/** Tells utterances in their order when connections follow one another: what the former one still finishes comes before anything of the next. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { HeardUtterance } from "./transcriber.ts";
import type { TranscriberLink } from "./transcriber-link.ts";

/** A former connection is waited for no longer. */
const PATIENCE_MS = 3000;
/** And no more than this is held back for it. */
const MAX_HELD = 200;

/** Knows the former connection, where there is one. */
export class UtteranceOrder {
  readonly #clock: Clock;
  readonly #tell: (utterance: HeardUtterance) => void;
  /** When each channel's last finished utterance began. */
  readonly #lastStartMs = new Map<number, number>();
  #former: TranscriberLink | undefined;
  #held: HeardUtterance[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, tell: (utterance: HeardUtterance) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** This connection was told to finish; the next one's utterances wait. */
  await(former: TranscriberLink): void {
    this.#release();
    this.#former = former;
    this.#timer = after(this.#clock, PATIENCE_MS, () => this.#release());
  }

  take(link: TranscriberLink, utterance: HeardUtterance): void {
    if (this.#former === undefined || link === this.#former) {
      this.#pass(utterance);
      return;
    }
    this.#held.push(utterance);
    if (this.#held.length > MAX_HELD) {
      this.#release();
    }
  }

  /** A connection is over: what it left unfinished is final now. */
  onOver(link: TranscriberLink): void {
    if (link === this.#former) {
      this.#release();
      return;
    }
    for (const utterance of link.takeUnfinished()) {
      this.take(link, utterance);
    }
  }

  close(): void {
    this.#timer?.cancel();
    this.#former?.abort();
    this.#former = undefined;
    this.#held = [];
  }

  #release(): void {
    const former = this.#former;
    this.#timer?.cancel();
    this.#former = undefined;
    for (const utterance of former?.takeUnfinished() ?? []) {
      this.#pass(utterance);
    }
    former?.abort();
    for (const utterance of this.#held.splice(0)) {
      this.#pass(utterance);
    }
  }

  /** An utterance never begins before the one that was finished last on its channel. */
  #pass(utterance: HeardUtterance): void {
    const { channel, final } = utterance;
    const startMs = Math.max(utterance.startMs, this.#lastStartMs.get(channel) ?? 0);
    if (final) {
      this.#lastStartMs.set(channel, startMs);
    }
    this.#tell({ ...utterance, startMs, endMs: Math.max(startMs, utterance.endMs) });
  }
}
