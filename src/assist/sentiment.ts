/** A guess at how somebody feels, by a small English list of words; it knows neither irony nor context. */
import type { Sentiment } from "../ports/assist-events.ts";
import { wordsOf } from "./words.ts";

const POSITIVE = lexicon(
  "thanks thank great good perfect excellent wonderful happy glad love lovely brilliant awesome amazing helpful pleased " +
    "appreciate appreciated fantastic nice resolved satisfied super",
);
const NEGATIVE = lexicon(
  "angry annoyed annoying awful bad broken cancel complain complaint damaged disappointed disappointing disgusting fed " +
    "frustrated frustrating furious hate horrible lawyer lost mess nightmare outrageous pathetic poor problem ridiculous rude sick " +
    "scam stupid terrible unacceptable unhappy upset useless waste worse worst wrong",
);
const NEGATIONS = lexicon("not no never isn wasn don doesn didn can won without hardly");
/** How many words a negation reaches. */
const REACH = 3;

function lexicon(words: string): ReadonlySet<string> {
  return new Set(wordsOf(words));
}

/** Words of one kind only make it so; both make it mixed. */
export function sentimentOf(text: string): Sentiment {
  let [good, bad, negatedUntil] = [0, 0, -1];
  wordsOf(text).forEach((word, index) => {
    const isGood = POSITIVE.has(word);
    const isBad = NEGATIVE.has(word);
    if (NEGATIONS.has(word)) {
      negatedUntil = index + REACH;
    } else if (isGood || isBad) {
      const isNegated = index <= negatedUntil;
      good += isGood !== isNegated ? 1 : 0;
      bad += isGood === isNegated ? 1 : 0;
    }
  });
  if (good > 0 && bad > 0) {
    return "mixed";
  }
  return good > 0 ? "positive" : bad > 0 ? "negative" : "neutral";
}
