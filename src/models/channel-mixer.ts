/** Brings the streams of a call together, sample by sample at the same time, into frames of interleaved PCM16. */
import { HeardChannel } from "./heard-channel.ts";
import type { HeardSource } from "./listening-table-options.ts";
import type { AudioFrame } from "./transcriber.ts";

/** Audio per frame. */
const FRAME_MS = 60;
const FRAME_SAMPLES = FRAME_MS * 8;
/** A stream that is later than this is not waited for: silence takes its place. */
const LATE_SAMPLES = 400 * 8;
/** Below this, nobody speaks. */
const QUIET_AMPLITUDE = 400;

/** Channels that are closed, and those nobody writes to, are silent. */
export class ChannelMixer implements HeardSource {
  readonly #channels: readonly HeardChannel[];
  readonly #open: boolean[];
  readonly #originUs: number;
  readonly #samples: Int16Array;
  /** Where the next frame begins. */
  #cursor: number | undefined;
  #begunAt: number | undefined;
  #frames = 0;

  /** @param open whether somebody writes to each channel. @param originUs where the timeline begins. */
  constructor(open: readonly boolean[], originUs: number) {
    this.#channels = open.map(() => new HeardChannel());
    this.#open = [...open];
    this.#originUs = originUs;
    this.#samples = new Int16Array(FRAME_SAMPLES * open.length);
  }

  /** @param bytes PCM16 at 8 kHz; borrowed. */
  write(channel: number, bytes: Uint8Array, nowUs: number): void {
    this.#channels[channel]?.write(bytes, this.#positionOf(nowUs));
  }

  /** Nobody writes to it any more. */
  close(channel: number): void {
    this.#open[channel] = false;
  }

  pull(nowUs: number): AudioFrame | undefined {
    const now = this.#positionOf(nowUs);
    this.#cursor ??= this.#begin(now);
    const cursor = this.#cursor;
    if (cursor === undefined || !this.#isDue(cursor + FRAME_SAMPLES, now)) {
      return undefined;
    }
    const stride = this.#channels.length;
    for (const [index, channel] of this.#channels.entries()) {
      channel.read(cursor, this.#samples, index, stride);
    }
    this.#cursor = cursor + FRAME_SAMPLES;
    this.#frames += 1;
    return {
      startMs: cursor / 8,
      durationMs: FRAME_MS,
      bytes: littleEndian(this.#samples),
      quiet: this.#samples.every((sample) => Math.abs(sample) < QUIET_AMPLITUDE),
    };
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { mixedMs: this.#frames * FRAME_MS, channels: this.#channels };
  }

  #positionOf(nowUs: number): number {
    return Math.round((nowUs - this.#originUs) / 125);
  }

  /** All that is heard is settled, or waited for long enough. */
  #begin(now: number): number | undefined {
    this.#begunAt ??= now;
    const heard = this.#channels.filter((_channel, index) => this.#open[index]);
    if (now - this.#begunAt >= LATE_SAMPLES) {
      for (const channel of heard) {
        channel.anchor();
      }
    } else if (heard.some((channel) => !channel.anchored)) {
      return undefined;
    }
    const starts = heard.flatMap((channel) => (channel.anchored ? channel.position : []));
    return Math.min(now, ...starts);
  }

  /** What all streams have is not kept back, wherever the clock is: one that was late when it began runs ahead of it. */
  #isDue(end: number, now: number): boolean {
    const heard = this.#channels.filter((_channel, index) => this.#open[index] === true);
    if (heard.length === 0) {
      return now >= end;
    }
    const isWhole = heard.every((channel) => channel.anchored && channel.endPosition >= end);
    return isWhole || now - end >= LATE_SAMPLES;
  }
}

function littleEndian(samples: Int16Array): Buffer {
  const bytes = Buffer.allocUnsafe(samples.length * 2);
  for (let i = 0; i < samples.length; i += 1) {
    bytes.writeInt16LE(samples[i] as number, i * 2);
  }
  return bytes;
}

/** A copy of a frame of this mixer without what is on one of its channels. */
export function withoutChannel(bytes: Buffer, channel: number, channels: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = channel * 2; at + 1 < copy.length; at += channels * 2) {
    copy.writeInt16LE(0, at);
  }
  return copy;
}
