/** The model that needs no keys and no network: follows a script with shipped prompts, and with what is installed. */
import type { Clock } from "../core/clock.ts";
import type { LocalVoice } from "../ports/local-voice.ts";
import type {
  AudioFormat,
  ModelCapabilities,
  ModelFailure,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
  RealtimeModel,
} from "../ports/realtime-model.ts";
import { LocalSession } from "./local-session.ts";
import { detectSpeech, type LocalSpeech, type SpeechSetting } from "./local-speech.ts";
import type { ProgramRunner } from "./program-runner.ts";
import { loadPromptLibrary, type PromptLibrary } from "./prompt-library.ts";
import { Voice } from "./voice.ts";

/** Everything at 8 kHz: G.711 passes through as it is, and is decoded only to tell speech from silence. */
const FORMATS: readonly AudioFormat[] = [
  { encoding: "pcmu", rateHz: 8000 },
  { encoding: "pcma", rateHz: 8000 },
  { encoding: "pcm16", rateHz: 8000 },
];

const UNKNOWN_FORMAT: ModelFailure = {
  code: "MODEL_REJECTED",
  reason: "the local model takes audio at 8 kHz only",
};

/** What the model is made of. */
export interface LocalModelOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly prompts: PromptLibrary;
  readonly speech: LocalSpeech;
}

/** The embedded default model. */
export class LocalModel implements RealtimeModel {
  readonly name: string;
  readonly capabilities: ModelCapabilities;
  /** What its sessions speak with. */
  readonly voice: LocalVoice;
  readonly #clock: Clock;
  readonly #speech: LocalSpeech;
  readonly #promptCount: number;
  readonly #voice: Voice;

  constructor(options: LocalModelOptions) {
    const { prompts, speech } = options;
    this.name = options.name;
    this.#clock = options.clock;
    this.#speech = speech;
    this.#promptCount = prompts.size;
    this.#voice = new Voice({ prompts, synthesiser: speech.synthesiser });
    this.voice = this.#voice;
    this.capabilities = {
      formats: FORMATS,
      serverTurns: true,
      nativeDuplex: false,
      arbitrated: true,
      truncation: false,
      transcripts: true,
      tools: true,
      speaksText: this.#voice.speaksText,
      history: true,
      usage: false,
      continuousAudio: false,
      maxSessionMs: undefined,
    };
  }

  open(options: ModelSessionOptions, sink: ModelSink): ModelSession {
    const { recogniser } = this.#speech;
    const context = { clock: this.#clock, voice: this.#voice, recogniser };
    const session = new LocalSession(context, options, sink);
    session.start(isKnown(options.format) ? undefined : UNKNOWN_FORMAT);
    return session;
  }

  describe(): string {
    const { recogniser, synthesiser, missing } = this.#speech;
    const why = missing.length === 0 ? "" : ` (${missing.join("; ")})`;
    const kind = recogniser === undefined && synthesiser === undefined ? "prompts only" : "speech";
    const hears =
      recogniser === undefined
        ? "hears turns but no words"
        : `reads the script's words with ${recogniser.program}`;
    const speaks = `speaks ${this.#promptCount} shipped prompts`;
    const more = synthesiser === undefined ? "" : ` and any text with ${synthesiser.program}`;
    return `local model: ${kind}${why}, ${hears}, ${speaks}${more}`;
  }

  /** What a dump shows: texts that could not be spoken. */
  toJSON(): Readonly<Record<string, unknown>> {
    return { prompts: this.#promptCount, unspokenTexts: this.#voice.unspoken };
  }
}

/** Where a local model finds its things. */
export interface CreateLocalModelOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Holds `index.yaml` and the WAV files it names. */
  readonly promptsDirectory: string;
  readonly speech: SpeechSetting;
  /** Closed by whoever made it. */
  readonly programs: ProgramRunner;
}

/** Reads the prompts and looks at the machine. Rejects with AUDIO_FILE_INVALID for a broken prompt directory. */
export async function createLocalModel(options: CreateLocalModelOptions): Promise<LocalModel> {
  const { name, clock } = options;
  const prompts = await loadPromptLibrary(options.promptsDirectory);
  const speech = await detectSpeech(options.programs, options.speech);
  return new LocalModel({ name, clock, prompts, speech });
}

function isKnown(format: AudioFormat): boolean {
  return FORMATS.some(
    ({ encoding, rateHz }) => encoding === format.encoding && rateHz === format.rateHz,
  );
}
