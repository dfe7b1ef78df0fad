/** Frames of one stream in the format it comes in, as they are pushed. */
import { decodeG711 } from "../audio/g711.ts";
import type { AudioFormat } from "../ports/realtime-model.ts";
import type { HeardSource } from "./listening-table-options.ts";
import type { AudioFrame } from "./transcriber.ts";

/** Below this, nobody speaks. */
const QUIET_AMPLITUDE = 400;
/** What waits to be pulled; more cannot come between two looks but by a fault. */
const MAX_WAITING = 500;

/** The last of what waits ends now: streams push as they hear. */
export class PlainFrames implements HeardSource {
  readonly #format: AudioFormat;
  readonly #bytesPerMs: number;
  readonly #originUs: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #lastUs = 0;
  /** Where the next frame begins; milliseconds. */
  #nextMs: number | undefined;
  #framedMs = 0;
  #droppedBytes = 0;

  constructor(format: AudioFormat, originUs: number) {
    this.#format = format;
    this.#bytesPerMs = (format.rateHz / 1000) * (format.encoding === "pcm16" ? 2 : 1);
    this.#originUs = originUs;
  }

  write(_channel: number, bytes: Uint8Array, nowUs: number): void {
    if (bytes.length === 0 || this.#waiting.length >= MAX_WAITING) {
      this.#droppedBytes += bytes.length;
      return;
    }
    this.#waiting.push(Buffer.from(bytes));
    this.#waitingBytes += bytes.length;
    this.#lastUs = nowUs;
  }

  close(): void {}

  pull(): AudioFrame | undefined {
    const bytes = this.#waiting.shift();
    if (bytes === undefined) {
      return undefined;
    }
    const waitingMs = this.#waitingBytes / this.#bytesPerMs;
    this.#waitingBytes -= bytes.length;
    const startMs = this.#nextMs ?? (this.#lastUs - this.#originUs) / 1000 - waitingMs;
    const durationMs = bytes.length / this.#bytesPerMs;
    this.#nextMs = startMs + durationMs;
    this.#framedMs += durationMs;
    return { startMs, durationMs, bytes, quiet: this.#isQuiet(bytes) };
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { framedMs: this.#framedMs, sourceDroppedMs: this.#droppedBytes / this.#bytesPerMs };
  }

  #isQuiet(bytes: Buffer): boolean {
    const { encoding } = this.#format;
    if (encoding === "pcm16") {
      for (let at = 0; at + 1 < bytes.length; at += 2) {
        if (Math.abs(bytes.readInt16LE(at)) >= QUIET_AMPLITUDE) {
          return false;
        }
      }
      return true;
    }
    const samples = new Int16Array(bytes.length);
    decodeG711(encoding, bytes, 0, bytes.length, samples, 0);
    return samples.every((sample) => Math.abs(sample) < QUIET_AMPLITUDE);
  }
}
