/** What the caller said and no model has answered yet, kept so that another model can be given it. */
import type { G711Law } from "../audio/g711.ts";
import { type BlockPool, ByteFifo } from "./byte-fifo.ts";
import { IngressFrame } from "./ingress-frame.ts";

/** The most that is kept: the newest. */
export const SPEECH_MAX_MS = 10_000;
/** Kept from before a voice was noticed, which takes some frames: the beginning of its first word. */
export const LEAD_MS = 300;
/** A pause up to this long belongs to what is said; of longer ones, only so much is kept. */
const PAUSE_MS = 800;
const BYTES_PER_MS = 8;
const FRAME_BYTES = 160;

/** For all legs of a thread: used up before the next piece. */
const piece = new Uint8Array(FRAME_BYTES);
const frame = new IngressFrame();

/** A bounded recording of one caller, in the codes of the leg; long silences are left out. */
export class CallerSpeech {
  readonly #speech: ByteFifo;
  /** The newest audio that is in `#speech` not. */
  readonly #lead: ByteFifo;
  #law: G711Law = "pcmu";
  /** Voice or a short pause after it: audio goes into `#speech`. */
  #recording = false;
  #pauseMs = 0;
  /** All bytes ever recorded, so that a position stays valid while old bytes are dropped. */
  #recordedBytes = 0;

  constructor(pool: BlockPool) {
    this.#speech = new ByteFifo(pool);
    this.#lead = new ByteFifo(pool);
  }

  /** How much speech is kept. */
  get keptMs(): number {
    return this.#speech.byteLength / BYTES_PER_MS;
  }

  /** Behind the newest byte; see `dropBefore`. */
  get position(): number {
    return this.#recordedBytes;
  }

  /** Takes one frame; `voiced`: the caller speaks in it. A leg that changes its codec forgets what was said before. */
  push(heard: IngressFrame, voiced: boolean): void {
    if (heard.law !== this.#law) {
      this.clear();
      this.#lead.clear();
      this.#law = heard.law;
    }
    if (voiced) {
      this.#record();
    } else if (this.#recording) {
      this.#pauseMs += heard.sampleCount / BYTES_PER_MS;
      this.#recording = this.#pauseMs <= PAUSE_MS;
    }
    this.#keep(heard);
  }

  /** Forgets what was said before `position`, without the lead of what follows. */
  dropBefore(position: number): void {
    const first = this.#recordedBytes - this.#speech.byteLength;
    if (position > first) {
      this.#speech.drop(position - first);
    }
  }

  /** All that was said was answered. */
  clear(): void {
    this.#speech.clear();
    this.#recording = false;
  }

  /** Gives what is kept, and the newest audio behind it, oldest first; it stays kept. Frames are borrowed. */
  replay(to: (frame: IngressFrame) => void): void {
    for (const fifo of [this.#speech, this.#lead]) {
      for (let at = 0; at < fifo.byteLength; at += FRAME_BYTES) {
        const count = fifo.peek(at, piece, FRAME_BYTES);
        to(frame.show(this.#law, piece, 0, count));
      }
    }
  }

  close(): void {
    this.clear();
    this.#lead.clear();
  }

  /** What was heard just before belongs to the speech. */
  #record(): void {
    this.#pauseMs = 0;
    if (this.#recording) {
      return;
    }
    this.#recording = true;
    while (this.#lead.byteLength > 0) {
      const count = this.#lead.pull(piece, 0, FRAME_BYTES);
      this.#append(piece, 0, count);
    }
  }

  #keep({ codes, codesOffset, sampleCount }: IngressFrame): void {
    if (this.#recording) {
      this.#append(codes, codesOffset, sampleCount);
      return;
    }
    this.#lead.push(codes, codesOffset, sampleCount);
    const excess = this.#lead.byteLength - LEAD_MS * BYTES_PER_MS;
    if (excess > 0) {
      this.#lead.drop(excess);
    }
  }

  #append(codes: Uint8Array, offset: number, count: number): void {
    this.#speech.push(codes, offset, count);
    this.#recordedBytes += count;
    const excess = this.#speech.byteLength - SPEECH_MAX_MS * BYTES_PER_MS;
    if (excess > 0) {
      this.#speech.drop(excess);
    }
  }
}
