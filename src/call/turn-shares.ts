/** What of the silence before an answer is whose: formulas over the stamps of a turn. */
import type { TurnTiming } from "../ports/media-facts.ts";

/** Milliseconds; `undefined` where a stamp is missing. */
export interface TurnShares {
  /** What the caller waited: from their last voiced packet to the first packet of this answer. */
  readonly responseMs: number | undefined;
  /** The model's part: from when it decided that the caller's turn was over to the first byte of its answer, tools left out. */
  readonly modelMs: number | undefined;
  /** Ours: from the first byte to the first packet, without the time in which the caller heard something else. */
  readonly gatewayMs: number;
}

/** Never negative: a model may begin before it calls the turn over, an echo before the caller is silent. */
export function sharesOf(turn: TurnTiming): TurnShares {
  const { lastCallerVoiceAtMs, turnEndedAtMs, firstModelAudioAtMs, firstPacketAtMs } = turn;
  return {
    responseMs: sinceOf(lastCallerVoiceAtMs, firstPacketAtMs),
    modelMs: sinceOf(turnEndedAtMs, firstModelAudioAtMs - (turn.toolMs ?? 0)),
    gatewayMs: Math.max(0, firstPacketAtMs - firstModelAudioAtMs - (turn.waitedMs ?? 0)),
  };
}

function sinceOf(fromMs: number | undefined, toMs: number): number | undefined {
  return fromMs === undefined ? undefined : Math.max(0, toMs - fromMs);
}
