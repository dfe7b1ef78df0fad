/** Makes of a WAV file, or of bare samples, what a leg plays: mono at 8 kHz, a piece at a time. */
import { decodeG711 } from "../audio/g711.ts";
import { Resampler, type SourceRateHz } from "../audio/resampler.ts";
import { findWavData, type WavData } from "../audio/wav.ts";
import { type Clock, sleep } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { AudioReader, PcmLayout } from "../ports/audio-reader.ts";
import { CLIPS_MAX_MS } from "./clip-player.ts";

const RATES_HZ: readonly SourceRateHz[] = [8000, 16_000, 24_000, 48_000];
const CHANNELS_MAX = 2;
const TARGET_HZ = 8000;
/** Audio that is converted before the event loop gets a turn: the media clock runs on it. */
const PIECE_MS = 1000;
/** Silence behind the end, so that the filter gives the last of the sound away. */
const TAIL_MS = 5;

/** {@link AudioReader} on this thread. */
export class ClipReader implements AudioReader {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async readWav(bytes: Uint8Array): Promise<Int16Array> {
    return await this.#convert(findWavData(bytes));
  }

  async readPcm(bytes: Uint8Array, { rateHz, channels }: PcmLayout): Promise<Int16Array> {
    return await this.#convert({ encoding: "pcm16", rateHz, channels, data: bytes });
  }

  async #convert(source: WavData): Promise<Int16Array> {
    const rateHz = checkedRate(source);
    const frameBytes = source.channels * (source.encoding === "pcm16" ? 2 : 1);
    const frames = Math.floor(source.data.length / frameBytes);
    const tailFrames = rateHz === TARGET_HZ ? 0 : (TAIL_MS * rateHz) / 1000;
    const resampler = new Resampler(rateHz, TARGET_HZ);
    const target = new Int16Array(Math.ceil(((frames + tailFrames) * TARGET_HZ) / rateHz));
    const pieceFrames = (PIECE_MS * rateHz) / 1000;
    let written = 0;
    for (let first = 0; first < frames; first += pieceFrames) {
      if (first > 0) {
        await sleep(this.#clock, 0);
      }
      const count = Math.min(pieceFrames, frames - first);
      const isLast = first + count === frames;
      const mono = new Int16Array(count + (isLast ? tailFrames : 0));
      mixInto(mono, source, first, count);
      written += resampler.process(mono, mono.length, target.subarray(written));
    }
    return target.subarray(0, written);
  }
}

/** Throws AUDIO_FILE_INVALID, MEDIA_CLIP_TOO_LONG. */
function checkedRate({ rateHz, channels, encoding, data }: WavData): SourceRateHz {
  const known = RATES_HZ.find((rate) => rate === rateHz);
  if (known === undefined || channels < 1 || channels > CHANNELS_MAX) {
    throw new GatewayError("AUDIO_FILE_INVALID", {
      expected: `mono or stereo at ${RATES_HZ.join(", ")} Hz`,
      found: `${channels} channels at ${rateHz} Hz`,
    });
  }
  const bytesPerMs = (rateHz / 1000) * channels * (encoding === "pcm16" ? 2 : 1);
  if (data.length > CLIPS_MAX_MS * bytesPerMs) {
    throw new GatewayError("MEDIA_CLIP_TOO_LONG", {
      reason: `${Math.ceil(data.length / bytesPerMs / 1000)} s, at most ${CLIPS_MAX_MS / 1000} s`,
    });
  }
  return known;
}

/** Writes the mean of the channels of `count` frames from `first` to the start of `mono`. */
function mixInto(mono: Int16Array, source: WavData, first: number, count: number): void {
  const { encoding, channels, data } = source;
  const samples = new Int16Array(count * channels);
  if (encoding === "pcm16") {
    const start = first * channels * 2;
    new Uint8Array(samples.buffer).set(data.subarray(start, start + samples.length * 2));
  } else {
    decodeG711(encoding, data, first * channels, samples.length, samples, 0);
  }
  if (channels === 1) {
    mono.set(samples);
    return;
  }
  for (let i = 0; i < count; i += 1) {
    mono[i] = ((samples[2 * i] as number) + (samples[2 * i + 1] as number)) >> 1;
  }
}
