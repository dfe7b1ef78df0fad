/** Turns what a step has to say, text and echo, into one item of audio and its transcript. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { AudioFormat } from "../ports/realtime-model.ts";
import type { SessionOutput } from "./session-output.ts";
import { sampleBytes } from "./speech-coding.ts";
import { SpeechOutlet } from "./speech-outlet.ts";
import type { CallerTurn } from "./turn-listener.ts";
import type { Voice } from "./voice.ts";

const SAMPLES_PER_MS = 8;

/** Where speech comes from and goes to. */
export interface StepSpeakerOptions {
  readonly clock: Clock;
  readonly voice: Voice;
  readonly format: AudioFormat;
  readonly output: SessionOutput;
  /** An item had nothing to be heard; on a later turn of the event loop. */
  readonly onEmpty: (itemId: string) => void;
}

/** What one item says. */
export interface SpokenItem {
  readonly itemId: string;
  readonly text: string | undefined;
  /** The caller's words to give back after `text`. */
  readonly echo: CallerTurn | undefined;
}

/** The mouth of one session. */
export class StepSpeaker {
  readonly #options: StepSpeakerOptions;
  readonly #outlet: SpeechOutlet;
  readonly #abort = new AbortController();
  /** Items whose text is still being synthesised. */
  readonly #preparing = new Set<string>();
  #emptyTimer: Timer | undefined;

  constructor(options: StepSpeakerOptions) {
    this.#options = options;
    const { clock, format, output } = options;
    this.#outlet = new SpeechOutlet({
      clock,
      bytesPerMs: SAMPLES_PER_MS * sampleBytes(format.encoding),
      onAudio: (bytes, itemId) => output.emit((sink) => sink.onAudio(bytes, itemId)),
      onDone: (itemId) => output.emit((sink) => sink.onAudioDone(itemId)),
    });
  }

  /** Shipped prompts leave within the call; synthesised text follows. */
  speak(item: SpokenItem): void {
    if (item.text === undefined) {
      this.#play(item, undefined);
      return;
    }
    const { voice, format } = this.#options;
    const audio = voice.say(item.text, format, this.#abort.signal);
    if (audio instanceof Uint8Array) {
      this.#play(item, audio);
      return;
    }
    this.#preparing.add(item.itemId);
    void audio.then((bytes) => {
      if (this.#preparing.delete(item.itemId)) {
        this.#play(item, bytes);
      }
    });
  }

  /** No more of this item comes. */
  stop(itemId: string): void {
    this.#preparing.delete(itemId);
    this.#outlet.stop(itemId);
  }

  close(): void {
    this.#preparing.clear();
    this.#abort.abort();
    this.#emptyTimer?.cancel();
    this.#outlet.close();
  }

  #play(item: SpokenItem, said: Uint8Array | undefined): void {
    const { clock, output, onEmpty } = this.#options;
    const { itemId, text, echo } = item;
    const echoText = echo === undefined ? undefined : `(echo, ${seconds(echo.speechMs)})`;
    const words = [text, echoText].filter((part) => part !== undefined).join(" ");
    if (words !== "") {
      output.tell("model", words, itemId);
    }
    const bytes = joined(said, echo?.bytes);
    if (bytes.length > 0) {
      this.#outlet.play(itemId, bytes);
    } else if (!output.isClosed) {
      this.#emptyTimer = after(clock, 0, () => onEmpty(itemId));
    }
  }
}

/** `1.4 s`, for transcripts. */
export function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

const NOTHING = new Uint8Array(0);

function joined(first: Uint8Array = NOTHING, second: Uint8Array = NOTHING): Uint8Array {
  if (second.length === 0) {
    return first;
  }
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
