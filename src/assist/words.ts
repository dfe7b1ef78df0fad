/** Text as words that compare: lower case, without accents and common endings, the same for what is said and what is looked for. */

/** English words that say nothing about a subject. */
const STOP_WORDS = new Set(
  (
    "a about after afternoon all also am an and any are as at be been but by can could did do does evening for from get good had has have he " +
    "her here hi hello him his how i if in into is it its just like ll long many me morning much my no not now of on one or our out please " +
    "re s she so some t than thank thanks that the their them then there these they this to too until up us ve very want " +
    "was we were what when where which who why will with would yes you your"
  ).split(" "),
);

/** Words that the rules for endings would make into other words. */
const KEPT = new Set(["goods", "news", "thing", "during", "need", "billing", "shipping"]);

/** Of one text; the rest of a longer one is not looked at. */
const MAX_WORDS = 2000;

/** Every word of a text, reduced to what compares, in order. */
export function wordsOf(text: string): readonly string[] {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words: string[] = [];
  for (const [word] of plain.matchAll(/[\p{L}\p{N}]+/gu)) {
    words.push(stem(word));
    if (words.length === MAX_WORDS) {
      break;
    }
  }
  return words;
}

/** The words that say something about the subject. */
export function subjectWordsOf(text: string): readonly string[] {
  return wordsOf(text).filter((word) => word.length > 1 && !STEMMED_STOP_WORDS.has(word));
}

/** Whether a phrase, words in a row, is among the words of a text; both as {@link phraseText} gives them. */
export function holdsPhrase(spaced: string, phrase: string): boolean {
  return phrase.trim() !== "" && spaced.includes(phrase);
}

/** The words of a text with a space around each, so that phrases are found by whole words. */
export function phraseText(text: string): string {
  return ` ${wordsOf(text).join(" ")} `;
}

/** Cuts a text at a word, with a sign that something is missing. */
export function excerptOf(text: string, maxCharacters: number): string {
  const flat = text.replace(/\s+/g, " ").trim();
  if (flat.length <= maxCharacters) {
    return flat;
  }
  const cut = flat.slice(0, maxCharacters - 1);
  const space = cut.lastIndexOf(" ");
  return `${cut.slice(0, space > maxCharacters / 2 ? space : cut.length)}…`;
}

/** Sentences and list items, without the signs of Markdown. */
export function sentencesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[.!?])\s+|\n\s*(?:[-*+]\s+|\d{1,3}[.)]\s+|\n)/)
    .map((sentence) =>
      sentence
        .replace(/^\s*[-*+]\s+/, "")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((sentence) => sentence !== "");
}

function stem(word: string): string {
  const { length } = word;
  if (KEPT.has(word)) {
    return word;
  }
  if (length > 4 && word.endsWith("ies")) {
    return `${word.slice(0, -3)}y`;
  }
  if (length > 5 && word.endsWith("ing")) {
    return undoubled(word.slice(0, -3));
  }
  if (length > 4 && word.endsWith("ed")) {
    return undoubled(word.slice(0, -2));
  }
  if (length > 4 && /(?:ss|x|ch|sh)es$/.test(word)) {
    return word.slice(0, -2);
  }
  return length > 3 && word.endsWith("s") && !/(?:ss|us|is)$/.test(word) ? word.slice(0, -1) : word;
}

/** `cancelled` and `cancel` are one word. */
function undoubled(word: string): string {
  return /([bdglmnprt])\1$/.test(word) ? word.slice(0, -1) : word;
}

const STEMMED_STOP_WORDS = new Set([...STOP_WORDS].map(stem));
