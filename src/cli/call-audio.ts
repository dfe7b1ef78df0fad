/** The WAV that the caller of `trunkline call` speaks, as the telephone takes it. */
import { readFile } from "node:fs/promises";
import { Resampler } from "../audio/resampler.ts";
import { readWav } from "../audio/wav.ts";
import { GatewayError } from "../core/errors.ts";

const RATES_HZ = [8000, 16_000, 24_000] as const;

/** 8 kHz mono: the first channel. Rejects with AUDIO_FILE_INVALID, naming the file and what was expected. */
export async function readSpeech(path: string): Promise<Int16Array> {
  const [first] = await readChannels(path);
  return first as Int16Array;
}

/** All channels at 8 kHz, one at least. Rejects as {@link readSpeech} does. */
export async function readChannels(path: string): Promise<readonly Int16Array[]> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new GatewayError(
      "AUDIO_FILE_INVALID",
      { file: path, found: "no readable file" },
      { cause: error },
    );
  }
  const { rateHz, samples } = readWav(bytes);
  const known = RATES_HZ.find((rate) => rate === rateHz);
  if (samples.length === 0 || known === undefined) {
    throw new GatewayError("AUDIO_FILE_INVALID", {
      file: path,
      found: `${rateHz} Hz`,
      expected: `one of ${RATES_HZ.join(", ")} Hz`,
    });
  }
  return known === 8000 ? samples : samples.map((channel) => resampled(channel, known));
}

function resampled(channel: Int16Array, rateHz: (typeof RATES_HZ)[number]): Int16Array {
  const target = new Int16Array(Math.ceil((channel.length * 8000) / rateHz) + 16);
  const count = new Resampler(rateHz, 8000).process(channel, channel.length, target);
  return target.subarray(0, count);
}
