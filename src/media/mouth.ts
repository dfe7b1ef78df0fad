/** What a leg says: clips before models, and what one model left before the model that follows it. */
import { decodeG711, encodeG711, type G711Law, SILENCE_BYTE } from "../audio/g711.ts";
import type { BlockPool } from "./byte-fifo.ts";
import { ClipPlayer } from "./clip-player.ts";
import { PlayoutVoice, type PlayoutVoiceOptions } from "./playout-voice.ts";

/** Speech that goes on after a pause rises from silence over one packet, so that it does not click. */
const MAX_PACKET_SAMPLES = 480;
const scratch = new Int16Array(MAX_PACKET_SAMPLES);

/** Is shown what the leg says, packet by packet; borrowed. */
export interface SentSink {
  /** The first `filled` of `sampleCount` codes are speech, and silence follows. */
  onSent(
    law: G711Law,
    codes: Uint8Array,
    offset: number,
    filled: number,
    sampleCount: number,
  ): void;
}

/** Gives the egress one packet of codes per tick. */
export class Mouth {
  sent: SentSink | undefined;
  readonly clips = new ClipPlayer();
  readonly #pool: BlockPool;
  /** The first one speaks; those behind it wait until it has nothing left. */
  readonly #voices: PlayoutVoice[] = [];
  #paused = false;
  #rising = false;
  #muted = false;
  #mutedSamples = 0;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  /** The voice that was opened last: the one that is given new audio. */
  get voice(): PlayoutVoice | undefined {
    return this.#voices[this.#voices.length - 1];
  }

  /** Something is queued, playing, or announced to go on; a pause changes nothing about that. */
  get busy(): boolean {
    return this.clips.busy || this.#voices.some(({ queue }) => queue.busy);
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** The models are not heard; what they say passes in silence and counts as played. */
  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#rising ||= this.#muted && !muted;
    this.#muted = muted;
  }

  /** Begins a model's voice; what voices before it held is dropped. */
  open(options: Omit<PlayoutVoiceOptions, "pool">): PlayoutVoice {
    this.close();
    return this.follow(options);
  }

  /** Begins a model's voice that is heard when the one before it has nothing left: call `finishAll` on that one's queue. */
  follow(options: Omit<PlayoutVoiceOptions, "pool">): PlayoutVoice {
    const voice = new PlayoutVoice({ ...options, pool: this.#pool });
    this.#voices.push(voice);
    return voice;
  }

  /** Ends all voices of models; clips are played to their end. */
  close(): void {
    for (const voice of this.#voices.splice(0)) {
      voice.queue.clear();
    }
    this.#paused = false;
    this.#rising = false;
  }

  /** Models fall silent with the next packet, and keep what they have to say. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on with the very next sample; what is said after all was dropped begins as it is. */
  resume(): void {
    this.#rising ||= this.#paused && this.#voices.some(({ queue }) => queue.busy);
    this.#paused = false;
  }

  /** Writes up to `sampleCount` codes to `target` and returns how many: 0 when there is nothing to say. */
  fill(law: G711Law, target: Uint8Array, offset: number, sampleCount: number): number {
    const filled = this.#speak(law, target, offset, sampleCount);
    this.sent?.onSent(law, target, offset, filled, sampleCount);
    return filled;
  }

  #speak(law: G711Law, target: Uint8Array, offset: number, sampleCount: number): number {
    if (this.clips.busy) {
      return this.clips.fill(law, target, offset, sampleCount);
    }
    if (this.#paused) {
      return 0;
    }
    const filled = this.#fillFromVoices(law, target, offset, sampleCount);
    if (filled > 0 && (this.#muted || this.#rising)) {
      this.#shape(law, target, offset, filled);
    }
    return filled;
  }

  /** Reports what began or ended with the last `fill`. Call it when the packet was sent. */
  settle(): void {
    this.clips.settle();
    this.#voices[0]?.queue.settle();
  }

  describe(): string {
    return this.#voices.length === 0
      ? "Silence -> "
      : this.#voices.map((voice) => voice.describe()).join("then ");
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      paused: this.#paused,
      muted: this.#muted,
      mutedMs: this.#mutedSamples / 8,
      ...this.clips.toJSON(),
      voices: this.#voices.map((voice) => voice.toJSON()),
    };
  }

  #fillFromVoices(law: G711Law, target: Uint8Array, offset: number, sampleCount: number): number {
    for (;;) {
      const filled = this.#voices[0]?.fill(law, target, offset, sampleCount) ?? 0;
      if (filled > 0 || this.#voices.length < 2 || this.#voices[0]?.queue.busy === true) {
        return filled;
      }
      this.#voices.shift();
    }
  }

  #shape(law: G711Law, target: Uint8Array, offset: number, count: number): void {
    if (this.#muted) {
      this.#mutedSamples += count;
      target.fill(SILENCE_BYTE[law], offset, offset + count);
      return;
    }
    this.#rising = false;
    decodeG711(law, target, offset, count, scratch, 0);
    for (let i = 0; i < count; i += 1) {
      scratch[i] = Math.round(((scratch[i] as number) * i) / count);
    }
    encodeG711(law, scratch, 0, count, target, offset);
  }
}
