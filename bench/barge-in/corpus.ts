/** The bench's calls: seeded choices of who says what, how loud, when, on what line. */
import type { EchoPathOptions } from "../../test/support/barge-in/echo-path.ts";
import { atLevel, between, oneOf, synthesiseCough } from "../../test/support/barge-in/sounds.ts";
import type { Trial } from "../../test/support/barge-in/trial.ts";
import type { SeededRandom } from "../../test/support/seeded-random.ts";
import { renderSpeech, type Voice } from "./speech.ts";
import { ANSWERS, ESPEAK_VARIANTS, FLITE_VOICES, MODEL_VOICE, type Saying } from "./texts.ts";

const LOUDEST_DBFS = -10;
const QUIETEST_DBFS = -35;
const rendered = new Map<string, Int16Array>();

/** A call in which the caller says one of these. */
export function speechTrial(random: SeededRandom, sayings: readonly Saying[]): Trial {
  const saying = oneOf(random, sayings);
  return soundTrial(random, speak(saying.text, voiceFor(random, saying.language)));
}

/** The same, and the model understands it so long after its end. */
export function understoodTrial(
  random: SeededRandom,
  sayings: readonly Saying[],
  afterMs: number,
): Trial {
  const saying = oneOf(random, sayings);
  const sound = speak(saying.text, voiceFor(random, saying.language));
  return { ...soundTrial(random, sound), words: { text: saying.text, afterMs } };
}

/** A call in which the caller coughs. */
export function coughTrial(random: SeededRandom): Trial {
  return soundTrial(random, synthesiseCough(random));
}

/** A call in which the line returns what we say. */
export function echoTrial(random: SeededRandom, gainDb: number): Trial {
  const delayMs = between(random, 20, 450);
  const echo: EchoPathOptions = { delayMs, gainDb, reflection: between(random, 0, 0.4) };
  return { ...baseTrial(random), atMs: 0, sound: undefined, echo };
}

function soundTrial(random: SeededRandom, sound: Int16Array): Trial {
  const levelDbfs = between(random, QUIETEST_DBFS, LOUDEST_DBFS);
  return { ...baseTrial(random), sound: atLevel(sound, levelDbfs) };
}

function baseTrial(random: SeededRandom): Trial {
  return {
    seed: random.uint32(),
    answer: speak(oneOf(random, ANSWERS), MODEL_VOICE),
    atMs: 20 * Math.round(between(random, 500, 4000) / 20),
    sound: undefined,
    noiseDbfs: between(random, -75, -55),
    echo: undefined,
  };
}

/** One of the voices that speak a language, at some pace. */
export function voiceFor(random: SeededRandom, language: Saying["language"]): Voice {
  const stretch = between(random, 0.85, 1.15);
  if (language === "en" && random.fraction() < 0.6) {
    return { engine: "flite", name: oneOf(random, FLITE_VOICES), stretch };
  }
  return { engine: "espeak-ng", name: `${language}${oneOf(random, ESPEAK_VARIANTS)}`, stretch };
}

function speak(text: string, voice: Voice): Int16Array {
  const key = `${text}|${voice.engine}|${voice.name}|${voice.stretch}`;
  const known = rendered.get(key) ?? renderSpeech(text, voice);
  rendered.set(key, known);
  return known;
}
