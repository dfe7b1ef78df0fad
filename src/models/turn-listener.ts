/** Finds the caller's turns in their audio by level, and keeps the last one, with what came just before it. */
import { EnergyVad } from "../audio/signal.ts";
import { decodeSpeech, type Encoding, sampleBytes } from "./speech-coding.ts";

const FRAME_MS = 20;
const ONSET_MS = 60;
const HANGOVER_MS = 500;
const PRE_ROLL_MS = 200;
/** Silence that stays behind a turn. */
const TAIL_MS = 100;
const MAX_TURN_MS = 15_000;
const FIRST_ROOM_MS = 1_000;
const SAMPLES_PER_MS = 8;
const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;

/** One turn of the caller. */
export interface CallerTurn {
  /** In the session's format: pre-roll, speech, a little silence; at most 15 s. */
  readonly bytes: Uint8Array;
  /** From the first to the last voiced frame. */
  readonly speechMs: number;
}

/** Hears of turns, within `push`. */
export interface TurnListenerOptions {
  readonly encoding: Encoding;
  readonly onStarted: () => void;
  readonly onStopped: (turn: CallerTurn) => void;
}

/** One caller's ear: takes 8 kHz bytes of any length. */
export class TurnListener {
  readonly #options: TurnListenerOptions;
  readonly #vad = new EnergyVad({
    frameMs: FRAME_MS,
    onsetMs: ONSET_MS,
    hangoverMs: HANGOVER_MS,
  });
  readonly #frame: Uint8Array;
  readonly #samples = new Int16Array(FRAME_SAMPLES);
  /** The last frames before now, in a ring: the pre-roll and the onset. */
  readonly #ring: Uint8Array;
  readonly #maxTurnBytes: number;
  #frameFill = 0;
  #ringFrames = 0;
  #turn: Uint8Array;
  #turnFill = 0;
  #turnMs = 0;

  constructor(options: TurnListenerOptions) {
    this.#options = options;
    const bytesPerMs = SAMPLES_PER_MS * sampleBytes(options.encoding);
    this.#frame = new Uint8Array(FRAME_MS * bytesPerMs);
    this.#ring = new Uint8Array((PRE_ROLL_MS + ONSET_MS) * bytesPerMs);
    this.#maxTurnBytes = MAX_TURN_MS * bytesPerMs;
    this.#turn = new Uint8Array(FIRST_ROOM_MS * bytesPerMs);
  }

  get talking(): boolean {
    return this.#vad.talking;
  }

  push(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; ) {
      const count = Math.min(this.#frame.length - this.#frameFill, bytes.length - offset);
      for (let i = 0; i < count; i += 1) {
        this.#frame[this.#frameFill + i] = bytes[offset + i] as number;
      }
      offset += count;
      this.#frameFill += count;
      if (this.#frameFill === this.#frame.length) {
        this.#frameFill = 0;
        this.#pushFrame();
      }
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return this.#vad.toJSON();
  }

  #pushFrame(): void {
    decodeSpeech(this.#options.encoding, this.#frame, this.#samples);
    const change = this.#vad.push(this.#samples, FRAME_SAMPLES);
    this.#intoRing();
    if (change === "started") {
      this.#begin();
      this.#options.onStarted();
    } else if (this.#vad.talking || change === "stopped") {
      this.#append(this.#frame);
      this.#turnMs += FRAME_MS;
    }
    if (change === "stopped") {
      this.#options.onStopped(this.#finish());
    }
  }

  #intoRing(): void {
    const capacity = this.#ring.length / this.#frame.length;
    this.#ring.set(this.#frame, (this.#ringFrames % capacity) * this.#frame.length);
    this.#ringFrames += 1;
  }

  #begin(): void {
    this.#turnFill = 0;
    this.#turnMs = ONSET_MS;
    const size = this.#frame.length;
    const capacity = this.#ring.length / size;
    const oldest = Math.max(0, this.#ringFrames - capacity);
    for (let index = oldest; index < this.#ringFrames; index += 1) {
      const start = (index % capacity) * size;
      this.#append(this.#ring.subarray(start, start + size));
    }
  }

  #append(bytes: Uint8Array): void {
    const wanted = this.#turnFill + bytes.length;
    if (wanted > this.#maxTurnBytes) {
      return;
    }
    if (wanted > this.#turn.length) {
      const larger = new Uint8Array(Math.min(this.#turn.length * 2, this.#maxTurnBytes));
      larger.set(this.#turn);
      this.#turn = larger;
    }
    this.#turn.set(bytes, this.#turnFill);
    this.#turnFill = wanted;
  }

  /** A turn that was cut off at its longest has no silence at its end to remove. */
  #finish(): CallerTurn {
    const full = this.#turnFill + this.#frame.length > this.#maxTurnBytes;
    const bytesPerMs = this.#frame.length / FRAME_MS;
    const trimmed = full ? 0 : (HANGOVER_MS - TAIL_MS) * bytesPerMs;
    return {
      bytes: this.#turn.slice(0, this.#turnFill - trimmed),
      speechMs: this.#turnMs - HANGOVER_MS,
    };
  }
}
