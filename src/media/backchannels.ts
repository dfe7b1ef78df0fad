/** What listeners say to be heard listening: words that ask for nothing, in several languages. */

/** Whole utterances, in lower case, with single spaces and without marks. */
const BACKCHANNELS: ReadonlySet<string> = new Set(
  [
    // Sounds, the same nearly everywhere.
    ["mhm", "mm", "mmm", "mm hmm", "mm hm", "hm", "hmm", "hmmm", "uh huh", "uhhuh", "aha", "ah"],
    ["oh", "uh", "um", "eh", "ha", "haha", "ok", "okay", "okey", "okej"],
    // English
    ["yeah", "yep", "yup", "yes", "right", "alright", "all right", "sure", "i see", "got it"],
    ["of course", "oh okay", "oh i see", "makes sense", "good", "great", "cool", "fine", "really"],
    // German
    [
      "ja",
      "jaja",
      "jo",
      "genau",
      "klar",
      "alles klar",
      "verstehe",
      "ach so",
      "achso",
      "gut",
      "stimmt",
    ],
    // French
    [
      "oui",
      "ouais",
      "d'accord",
      "daccord",
      "je vois",
      "bien sûr",
      "voilà",
      "bon",
      "ah bon",
      "ah oui",
    ],
    // Spanish
    ["sí", "si", "claro", "vale", "ya", "ajá", "ya veo", "entiendo", "de acuerdo", "bueno"],
    // Italian
    ["sì", "certo", "va bene", "capisco", "capito", "ah sì", "esatto", "giusto"],
    // Portuguese
    ["sim", "tá", "tá bom", "certo", "pois", "pois é", "entendi", "está bem"],
    // Dutch
    ["ja ja", "precies", "oké", "goed", "snap ik"],
    // Polish
    ["tak", "no tak", "jasne", "dobrze", "rozumiem", "aha tak"],
    // Mandarin, Japanese, Korean
    ["嗯", "对", "好", "好的", "はい", "うん", "ええ", "네", "응"],
  ].flat(),
);

/** What a caller's words say about an interruption. */
export type WordsVerdict = "words" | "backchannel" | "nothing";

/** Letters, digits and what joins them; `(speech, 1.0 s)` and the like stand for no words. */
export function judgeWords(text: string): WordsVerdict {
  const words = wordsOf(text);
  if (words.length === 0) {
    return "nothing";
  }
  return isBackchannel(words) ? "backchannel" : "words";
}

/** How many words `text` has. */
export function countWords(text: string): number {
  return wordsOf(text).length;
}

function wordsOf(text: string): readonly string[] {
  const spoken = text.toLowerCase().replace(/\([^)]*\)|\[[^\]]*\]/g, " ");
  return (
    spoken.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*/gu)?.map((word) => word.replace("’", "'")) ?? []
  );
}

/** One utterance of the list after another: "mhm, okay". */
function isBackchannel(words: readonly string[]): boolean {
  let start = 0;
  while (start < words.length) {
    const two = words.slice(start, start + 2).join(" ");
    const three = words.slice(start, start + 3).join(" ");
    if (start + 2 < words.length && BACKCHANNELS.has(three)) {
      start += 3;
    } else if (start + 1 < words.length && BACKCHANNELS.has(two)) {
      start += 2;
    } else if (BACKCHANNELS.has(words[start] ?? "")) {
      start += 1;
    } else {
      return false;
    }
  }
  return true;
}
