/** Finds audio for a text: a shipped prompt, else a synthesiser, else an apology. */
import type { LocalVoice } from "../ports/local-voice.ts";
import type { AudioFormat } from "../ports/realtime-model.ts";
import { CANNOT_SAY_TEXT, type PromptLibrary } from "./prompt-library.ts";
import { type Encoding, encodeSpeech } from "./speech-coding.ts";
import type { SpeechSynthesiser } from "./speech-synthesiser.ts";

const MAX_REMEMBERED = 64;
const TONE_HZ = 425;
const TONE_MS = 300;
const TONE_AMPLITUDE = 3000;

/** Where texts come from. */
export interface VoiceOptions {
  readonly prompts: PromptLibrary;
  readonly synthesiser: SpeechSynthesiser | undefined;
}

/** The machine's own voice: that of the local model, shared by its sessions, and of whoever else has something to say. */
export class Voice implements LocalVoice {
  readonly #prompts: PromptLibrary;
  readonly #synthesiser: SpeechSynthesiser | undefined;
  readonly #encoded = new WeakMap<Int16Array, Map<Encoding, Uint8Array>>();
  /** Spoken by the synthesiser lately; the oldest goes first. */
  readonly #remembered = new Map<string, Int16Array>();
  readonly #apology: Int16Array;
  #unspoken = 0;

  constructor(options: VoiceOptions) {
    this.#prompts = options.prompts;
    this.#synthesiser = options.synthesiser;
    this.#apology = options.prompts.find(CANNOT_SAY_TEXT) ?? tone();
  }

  /** Texts that were replaced by the apology. */
  get unspoken(): number {
    return this.#unspoken;
  }

  /** Any text at all can be spoken. */
  get speaksText(): boolean {
    return this.#synthesiser !== undefined;
  }

  canSay(text: string): boolean {
    return this.#synthesiser !== undefined || this.#prompts.find(text) !== undefined;
  }

  /** Audio in `format`, not to be changed: at once for a prompt, later for the synthesiser. Never rejects. */
  say(text: string, format: AudioFormat, signal: AbortSignal): Uint8Array | Promise<Uint8Array> {
    const samples = this.render(text, signal);
    if (samples instanceof Promise) {
      return samples.then((spoken) => this.#encodeOrApologise(spoken, format));
    }
    return this.#encodeOrApologise(samples, format);
  }

  render(
    text: string,
    signal: AbortSignal,
  ): Int16Array | Promise<Int16Array | undefined> | undefined {
    const known = this.#prompts.find(text) ?? this.#remembered.get(text);
    if (known !== undefined) {
      return known;
    }
    return this.#synthesiser?.speak(text, signal).then((samples) => this.#remember(text, samples));
  }

  #remember(text: string, samples: Int16Array | undefined): Int16Array | undefined {
    if (samples === undefined) {
      return undefined;
    }
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= MAX_REMEMBERED && oldest !== undefined) {
      this.#remembered.delete(oldest);
    }
    this.#remembered.set(text, samples);
    return samples;
  }

  #encodeOrApologise(samples: Int16Array | undefined, format: AudioFormat): Uint8Array {
    if (samples === undefined) {
      this.#unspoken += 1;
    }
    return this.#encode(samples ?? this.#apology, format);
  }

  #encode(samples: Int16Array, format: AudioFormat): Uint8Array {
    const byEncoding = this.#encoded.get(samples) ?? new Map<Encoding, Uint8Array>();
    this.#encoded.set(samples, byEncoding);
    const bytes = byEncoding.get(format.encoding) ?? encodeSpeech(format.encoding, samples);
    byEncoding.set(format.encoding, bytes);
    return bytes;
  }
}

function tone(): Int16Array {
  const step = (2 * Math.PI * TONE_HZ) / 8000;
  return Int16Array.from({ length: TONE_MS * 8 }, (_, i) =>
    Math.round(TONE_AMPLITUDE * Math.sin(step * i)),
  );
}
