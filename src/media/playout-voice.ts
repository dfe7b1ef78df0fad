/** What a leg says: a playout queue in the model's format, brought to the codes of the leg. */
import { decodeG711, encodeG711, type G711Law } from "../audio/g711.ts";
import { Resampler } from "../audio/resampler.ts";
import type { AudioFormat } from "../ports/realtime-model.ts";
import type { BlockPool } from "./byte-fifo.ts";
import type { PlayoutItem, PlayoutListener } from "./playout-item.ts";
import { PlayoutQueue } from "./playout-queue.ts";
import { StartLead } from "./start-lead.ts";

/** The most that waits to be heard. */
export const PLAYOUT_MAX_MS = 30_000;
const MAX_PTIME_MS = 60;
const SAMPLES_PER_MS = 8;
const MAX_SAMPLES_PER_MS = 24;

/**
 * A frame in the model's format, and one for the leg; for all legs of a thread, so that they stay in the processor's cache:
 * what they hold is used up before the next frame. PCM16 is little-endian like every machine Node runs on.
 */
const scratch = new Int16Array(MAX_PTIME_MS * MAX_SAMPLES_PER_MS);
const scratchBytes = new Uint8Array(scratch.buffer);
const scratchFrame = new Int16Array(MAX_PTIME_MS * 8);

/** What is played, and to where. */
export interface PlayoutVoiceOptions {
  readonly format: AudioFormat;
  readonly maxMs?: number | undefined;
  /** Answers begin with a little audio in hand; see {@link StartLead}. */
  readonly leads?: boolean | undefined;
  readonly pool: BlockPool;
  readonly listener: PlayoutListener;
}

/** Gives the egress one packet of codes per tick. */
export class PlayoutVoice {
  readonly queue: PlayoutQueue;
  readonly #format: AudioFormat;
  readonly #resampler: Resampler | undefined;
  readonly #lead: StartLead | undefined;
  /** The filter still holds the end of what was pulled last. */
  #tail = false;

  constructor(options: PlayoutVoiceOptions) {
    const { format, pool, listener } = options;
    this.#format = format;
    this.queue = new PlayoutQueue({
      format,
      maxMs: options.maxMs ?? PLAYOUT_MAX_MS,
      pool,
      listener,
    });
    this.#lead = options.leads === true ? new StartLead() : undefined;
    this.#resampler = format.rateHz === 8000 ? undefined : new Resampler(format.rateHz, 8000);
  }

  /** Writes up to `sampleCount` codes to `target` and returns how many: 0 when there is nothing to say. */
  fill(law: G711Law, target: Uint8Array, offset: number, sampleCount: number): number {
    if (this.#lead?.holds(this.queue, sampleCount / SAMPLES_PER_MS) === true) {
      return 0;
    }
    if (this.#format.encoding === "pcm16") {
      return this.#fillFromPcm(law, target, offset, sampleCount);
    }
    const pulled = this.queue.pull(target, offset, sampleCount);
    if (pulled > 0 && this.#format.encoding !== law) {
      decodeG711(this.#format.encoding, target, offset, pulled, scratchFrame, 0);
      encodeG711(law, scratchFrame, 0, pulled, target, offset);
    }
    return pulled;
  }

  /** Drops all that is queued, and what the filter holds of it. */
  clear(): readonly PlayoutItem[] {
    this.#tail = false;
    this.#resampler?.reset();
    return this.queue.clear();
  }

  describe(): string {
    const resample = this.#resampler === undefined ? "" : `${this.#resampler.describe()} -> `;
    return `${this.queue.describe()} -> ${resample}`;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return this.queue.toJSON();
  }

  #fillFromPcm(law: G711Law, target: Uint8Array, offset: number, sampleCount: number): number {
    const sourceSamples = (sampleCount * this.#format.rateHz) / 8000;
    const pulled = this.queue.pull(scratchBytes, 0, sourceSamples * 2) / 2;
    if (pulled === 0 && !this.#tail) {
      return 0;
    }
    for (let i = pulled; i < sourceSamples; i += 1) {
      scratch[i] = 0;
    }
    this.#tail = pulled > 0 && this.#resampler !== undefined;
    const samples =
      this.#resampler === undefined ? scratch : this.#resample(this.#resampler, sourceSamples);
    encodeG711(law, samples, 0, sampleCount, target, offset);
    return sampleCount;
  }

  #resample(resampler: Resampler, sourceSamples: number): Int16Array {
    resampler.process(scratch, sourceSamples, scratchFrame);
    return scratchFrame;
  }
}
