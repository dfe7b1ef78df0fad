/** Who has the floor: takes it from the model when the caller speaks over an answer, and says so. */
import type { Clock } from "../core/clock.ts";
import type { LegFact } from "../ports/media-facts.ts";
import { CallerVoice } from "./caller-voice.ts";
import type { IngressFrame } from "./ingress-frame.ts";
import type { PlayoutItem } from "./playout-item.ts";

/** What the floor takes from the model: the answers that are heard or wait to be. */
export interface FloorPlayout {
  /** Whether an answer is queued, playing, or announced to go on. */
  readonly busy: boolean;
  /** Silence from the next packet on; tells the model of each answer how much of it was heard. The one being heard is first. */
  cut(): readonly PlayoutItem[];
  /** Puts what was heard of a cut answer into the record. */
  reportCut(item: PlayoutItem): void;
}

/** What the floor knows of its leg. */
export interface FloorOptions {
  readonly clock: Clock;
  readonly playout: FloorPlayout;
  readonly report: (fact: LegFact) => void;
}

/**
 * In come the caller's frames and keys, and what the model thinks of the caller's turns; out go cuts of playout and the
 * facts that come of them.
 */
export class Floor {
  readonly #options: FloorOptions;
  readonly #callerVoice: CallerVoice;
  #bargeIns = 0;

  constructor(options: FloorOptions) {
    this.#options = options;
    this.#callerVoice = new CallerVoice(options.clock);
  }

  /** Takes one frame of the caller; `true` when they are speaking in it. */
  onCallerFrame(frame: IngressFrame): boolean {
    return this.#callerVoice.push(frame);
  }

  /** The model heard the caller begin. Silence first, then the model, then the record: nothing is queued behind audio. */
  onSpeechStarted(): void {
    const cut = this.#take();
    this.#options.report({ kind: "speechStarted" });
    this.#reportBargeIn(cut, this.#callerVoice.sinceOnsetMs());
  }

  /** The model heard the caller end. */
  onSpeechStopped(): void {
    this.#options.report({ kind: "speechStopped" });
  }

  /** The model stopped its answers by itself. */
  onInterrupted(): void {
    this.#reportBargeIn(this.#take(), this.#callerVoice.sinceOnsetMs());
  }

  /** A caller who presses a key has heard enough of what is being said. */
  onDigit(): void {
    this.#reportBargeIn(this.#take(), undefined);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { bargeIns: this.#bargeIns, callerVoice: this.#callerVoice.toJSON() };
  }

  #take(): readonly PlayoutItem[] {
    const { playout } = this.#options;
    return playout.busy ? playout.cut() : [];
  }

  #reportBargeIn(cut: readonly PlayoutItem[], sinceVoiceMs: number | undefined): void {
    const heard = cut[0];
    if (heard === undefined) {
      return;
    }
    this.#bargeIns += 1;
    this.#options.report({
      kind: "bargedIn",
      itemId: heard.itemId,
      playedMs: heard.playedMs,
      unheardMs: cut.reduce((sum, item) => sum + item.unheardMs, 0),
      sinceVoiceMs,
    });
    for (const item of cut) {
      this.#options.playout.reportCut(item);
    }
  }
}
