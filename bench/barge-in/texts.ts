/** What the bench's callers say, and with whose voices; the engine's constants were chosen with mostly other texts. */

/** A text, and the espeak-ng language it is in. */
export interface Saying {
  readonly text: string;
  readonly language: "en" | "de" | "fr" | "es";
}

const english = (text: string): Saying => ({ text, language: "en" });

/** Callers who want the floor: two words and more. */
export const INTERRUPTIONS: readonly Saying[] = [
  ...[
    "sorry, can I ask you something",
    "no no, that is not right",
    "I do not need that",
    "wait, what was the price",
    "could you go back please",
    "I think you misunderstood me",
    "let me speak to somebody else",
    "that does not help me",
    "one moment please",
    "can you say that again",
    "please stop talking",
    "I want to cancel my order",
    "what time do you open",
    "never mind that",
    "I already did that yesterday",
    "just give me the number",
    "how much does it cost",
    "my name is Peter Miller",
    "listen, this is urgent",
  ].map(english),
  { text: "Moment bitte, das stimmt nicht", language: "de" },
  { text: "Ich möchte etwas anderes fragen", language: "de" },
  { text: "attendez un instant s'il vous plaît", language: "fr" },
  { text: "ce n'est pas ce que je veux", language: "fr" },
  { text: "espere un momento por favor", language: "es" },
  { text: "quiero hablar con una persona", language: "es" },
];

/** Callers who only show that they listen. */
export const BACKCHANNELS: readonly Saying[] = [
  ...[
    "uh huh",
    "yeah",
    "okay",
    "right",
    "I see",
    "sure",
    "yes",
    "aha",
    "oh",
    "yep",
    "good",
    "great",
    "fine",
    "alright",
  ].map(english),
  { text: "ja", language: "de" },
  { text: "genau", language: "de" },
  { text: "gut", language: "de" },
  { text: "oui", language: "fr" },
  { text: "bon", language: "fr" },
  { text: "d'accord", language: "fr" },
  { text: "sí", language: "es" },
  { text: "vale", language: "es" },
  { text: "claro", language: "es" },
];

/** Callers who want the floor with one word: only a text of it tells them from the ones above. */
export const ONE_WORD: readonly Saying[] = ["stop", "wait", "no", "sorry", "what"].map(english);

/** What the model says while they do. */
export const ANSWERS: readonly string[] = [
  "Our office is open from Monday to Friday between nine in the morning and six in the evening, and on Saturdays until noon. You will find us next to the main station, on the second floor.",
  "Your order was sent yesterday by express and will be with you on Thursday. You can follow it with the number that we have sent you by mail, or call us again at any time.",
  "To change your address I need the number of your contract, which you find at the top of every invoice, and the date on which you move. The change is free of charge.",
];

/** The model's; no caller has it, for the same voice says the same word with the same samples. */
export const MODEL_VOICE = { engine: "flite", name: "slt", stretch: 1 } as const;

/** English callers of flite, which speaks nothing else. */
export const FLITE_VOICES = ["kal16", "awb", "rms", "kal"] as const;

/** Kinds of an espeak-ng voice. */
export const ESPEAK_VARIANTS = ["", "+m3", "+m7", "+f2", "+f4"] as const;
