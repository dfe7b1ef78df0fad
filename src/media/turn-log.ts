/** When each answer of the model was asked for, came, was heard and ended. */
import type { Clock } from "../core/clock.ts";
import type { TurnTiming } from "../ports/media-facts.ts";
import type { PlayoutItem } from "./playout-item.ts";

/** A model that never finishes its answers must not fill the memory. */
const MAX_OPEN_TURNS = 64;

interface OpenTurn {
  readonly lastCallerVoiceAtMs: number | undefined;
  readonly firstModelAudioAtMs: number;
  firstPacketAtMs: number | undefined;
}

/** Stamps answers. Wall times, as they go into the record. */
export class TurnLog {
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenTurn>();
  #voiceAtMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A packet with the caller's voice arrived. */
  onCallerVoice(): void {
    this.#voiceAtMs = this.#clock.wallMs();
  }

  /** Audio of an answer came. The caller's voice before it is answered by the first one only. */
  onModelAudio(itemId: string): void {
    if (this.#open.has(itemId)) {
      return;
    }
    if (this.#open.size >= MAX_OPEN_TURNS) {
      this.#open.delete(this.#open.keys().next().value ?? itemId);
    }
    this.#open.set(itemId, {
      lastCallerVoiceAtMs: this.#voiceAtMs,
      firstModelAudioAtMs: this.#clock.wallMs(),
      firstPacketAtMs: undefined,
    });
    this.#voiceAtMs = undefined;
  }

  /** The first packet of an answer was sent. */
  onStarted(itemId: string): void {
    const turn = this.#open.get(itemId);
    if (turn !== undefined) {
      turn.firstPacketAtMs = this.#clock.wallMs();
    }
  }

  /** The answer is over; `undefined` when nothing of it was heard. */
  end(item: PlayoutItem, interrupted: boolean): TurnTiming | undefined {
    const turn = this.#open.get(item.itemId);
    this.#open.delete(item.itemId);
    if (turn?.firstPacketAtMs === undefined) {
      return undefined;
    }
    return {
      itemId: item.itemId,
      lastCallerVoiceAtMs: turn.lastCallerVoiceAtMs,
      firstModelAudioAtMs: turn.firstModelAudioAtMs,
      firstPacketAtMs: turn.firstPacketAtMs,
      endedAtMs: this.#clock.wallMs(),
      playedMs: item.playedMs,
      unheardMs: item.unheardMs,
      interrupted,
    };
  }
}
