/** Speech for the bench: rendered by the machine's synthesisers, at 8 kHz, cut to the voiced part. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readWav } from "../../src/audio/wav.ts";

/** Who speaks, and how fast. */
export interface Voice {
  readonly engine: "flite" | "espeak-ng";
  readonly name: string;
  /** 1: as the voice was made; 1.2: slower by a fifth. */
  readonly stretch: number;
}

const RATE_HZ = 8000;
const FRAME_SAMPLES = 160;
const ZERO_CROSSINGS = 12;
const ESPEAK_WORDS_PER_MINUTE = 175;

/** `text` at 8 kHz, without the silence around it. Throws when the synthesiser is not installed. */
export function renderSpeech(text: string, voice: Voice): Int16Array {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-bench-"));
  try {
    const file = join(folder, "speech.wav");
    if (voice.engine === "flite") {
      const stretch = `duration_stretch=${voice.stretch}`;
      execFileSync("flite", ["-voice", voice.name, "--setf", stretch, "-t", text, "-o", file]);
    } else {
      const speed = String(Math.round(ESPEAK_WORDS_PER_MINUTE / voice.stretch));
      execFileSync("espeak-ng", ["-v", voice.name, "-s", speed, "-w", file, text]);
    }
    const { rateHz, samples } = readWav(readFileSync(file));
    return voicedPart(toTelephoneRate(samples[0] ?? new Int16Array(0), rateHz));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By a windowed sinc, sample for sample: slow, and right for any rate. */
function toTelephoneRate(source: Int16Array, rateHz: number): Int16Array {
  if (rateHz === RATE_HZ) {
    return source;
  }
  const step = rateHz / RATE_HZ;
  const half = Math.ceil(ZERO_CROSSINGS * step);
  return Int16Array.from({ length: Math.floor(source.length / step) }, (_, i) => {
    const centre = i * step;
    const nearest = Math.round(centre);
    let sum = 0;
    for (let k = nearest - half; k <= nearest + half; k += 1) {
      sum += (source[k] ?? 0) * windowedSinc((k - centre) / step);
    }
    return Math.round(sum / step);
  });
}

function windowedSinc(x: number): number {
  if (Math.abs(x) >= ZERO_CROSSINGS) {
    return 0;
  }
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  return sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / ZERO_CROSSINGS));
}

/** From the first to the last frame within 30 dB of the loudest. */
function voicedPart(samples: Int16Array): Int16Array {
  const energies = Array.from({ length: Math.floor(samples.length / FRAME_SAMPLES) }, (_, i) =>
    samples
      .subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES)
      .reduce((sum, sample) => sum + sample * sample, 0),
  );
  const voiced = energies.map((energy) => energy > Math.max(...energies) / 1000);
  const from = Math.max(0, voiced.indexOf(true));
  return samples.slice(from * FRAME_SAMPLES, (voiced.lastIndexOf(true) + 1) * FRAME_SAMPLES);
}
