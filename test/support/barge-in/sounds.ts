/** Sounds of a caller's line that are made, not recorded: coughs, line noise, levels. 8 kHz. */
import type { SeededRandom } from "../seeded-random.ts";

const SAMPLES_PER_MS = 8;
const FULL_SCALE = 32_768;
const FRAME_SAMPLES = 160;
/** Frames that are so much quieter than the loudest are pauses. */
const PAUSE_DB = 20;

/** A uniform number between the two. */
export function between(random: SeededRandom, from: number, to: number): number {
  return from + random.fraction() * (to - from);
}

/** One of the list. */
export function oneOf<T>(random: SeededRandom, list: readonly T[]): T {
  const chosen = list[Math.floor(random.fraction() * list.length)];
  if (chosen === undefined) {
    throw new Error("an empty list has nothing to choose from");
  }
  return chosen;
}

/**
 * A cough of 200 to 400 ms: the burst as the glottis opens, then noise coloured by the mouth, which fades; half of them
 * end with a voiced part, as many coughs do.
 */
export function synthesiseCough(random: SeededRandom): Int16Array {
  const burstMs = between(random, 30, 70);
  const totalMs = between(random, 200, 400);
  const voicedFromMs = random.fraction() < 0.5 ? totalMs : totalMs * between(random, 0.5, 0.7);
  const pitchHz = between(random, 110, 220);
  const colour = between(random, 0.25, 0.6);
  const dip = between(random, 0.25, 0.6);
  const length = Math.round(totalMs * SAMPLES_PER_MS);
  let low = 0;
  return Int16Array.from({ length }, (_, i) => {
    const atMs = i / SAMPLES_PER_MS;
    const noise = random.fraction() * 2 - 1;
    low += colour * (noise - low);
    const coloured = noise * 0.3 + low;
    const buzz = 2 * ((atMs * pitchHz) / 1000 - Math.floor((atMs * pitchHz) / 1000)) - 1;
    const source = atMs < voicedFromMs ? coloured : 0.4 * coloured + 0.6 * buzz;
    return Math.round(8000 * source * coughEnvelope(atMs, burstMs, totalMs, dip));
  });
}

/** Up within 5 ms, down over the burst, up again to `dip`, and away. */
function coughEnvelope(atMs: number, burstMs: number, totalMs: number, dip: number): number {
  if (atMs < burstMs) {
    return Math.min(1, atMs / 5) * (1 - (1 - dip) * (atMs / burstMs));
  }
  const part = (atMs - burstMs) / (totalMs - burstMs);
  return dip * (1 + 0.6 * Math.sin(Math.PI * Math.min(1, part * 1.5))) * (1 - part) ** 0.8;
}

/** The same at this level, measured where it is not silent. */
export function atLevel(samples: Int16Array, levelDbfs: number): Int16Array {
  const gain = 10 ** ((levelDbfs - activeLevelDbfs(samples)) / 20);
  return samples.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
}

/** White noise of a line at this level, `sampleCount` samples. */
export function lineNoise(
  random: SeededRandom,
  levelDbfs: number,
  sampleCount: number,
): Int16Array {
  const amplitude = FULL_SCALE * Math.sqrt(3) * 10 ** (levelDbfs / 20);
  return Int16Array.from({ length: sampleCount }, () =>
    Math.round(amplitude * (random.fraction() * 2 - 1)),
  );
}

/** Level of the frames that are no pauses. */
function activeLevelDbfs(samples: Int16Array): number {
  const energies: number[] = [];
  for (let at = 0; at < samples.length; at += FRAME_SAMPLES) {
    const frame = samples.subarray(at, at + FRAME_SAMPLES);
    energies.push(frame.reduce((sum, sample) => sum + sample * sample, 0) / frame.length);
  }
  const loudest = Math.max(...energies);
  const active = energies.filter((energy) => energy > loudest * 10 ** (-PAUSE_DB / 10));
  const mean = active.reduce((sum, energy) => sum + energy, 0) / active.length;
  return 10 * Math.log10(mean / FULL_SCALE ** 2);
}
