/** What a provider counted, added up and priced. */
import { addEach } from "../core/add-each.ts";
import type { TurnTiming } from "../ports/media-facts.ts";
import type { ModelPrices, ModelUsage } from "../ports/realtime-model.ts";

/** Of a turn, in the names of its row. */
export type TurnUsage = Pick<TurnTiming, "usage" | "costUsd">;

const TOKENS_PER_PRICE = 1_000_000;

/** US dollars; `undefined` without prices. */
export function costOf(usage: ModelUsage, prices: ModelPrices | undefined): number | undefined {
  if (prices === undefined) {
    return undefined;
  }
  const total =
    usage.inputTextTokens * prices.inputText +
    usage.inputAudioTokens * prices.inputAudio +
    usage.cachedTokens * prices.cached +
    usage.outputTextTokens * prices.outputText +
    usage.outputAudioTokens * prices.outputAudio;
  return total / TOKENS_PER_PRICE;
}

/** With what was counted before; a cost that is not known for one part leaves that of the others. */
export function addUsage(
  { usage: before, costUsd: costBefore }: TurnUsage,
  usage: ModelUsage,
  costUsd: number | undefined,
): TurnUsage {
  const cost = costUsd === undefined ? costBefore : (costBefore ?? 0) + costUsd;
  return {
    usage: before === undefined ? usage : addEach(before, usage),
    ...(cost === undefined ? {} : { costUsd: cost }),
  };
}
