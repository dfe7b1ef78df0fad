/** What is said and how it is recognised: a voice-like sound for the caller, a tone for the model. */
import { decodeG711, encodeG711 } from "../../src/audio/g711.ts";

/** A whole number of periods fits into every 100 ms. */
export const TONE_HZ = 440;
const TONE_AMPLITUDE = 8000;
const PITCH_HZ = 125;
const HARMONICS = [1, 0.7, 0.5, 0.6, 0.4, 0.25, 0.2, 0.15];
const SYLLABLES_PER_SECOND = 4;
/** A tone holds nearly all the energy of a frame; voice and silence do not. */
const TONE_SHARE = 0.8;

/** `durationMs` of the model's tone as PCM16. */
export function modelTone(rateHz: number, durationMs: number): Int16Array {
  const step = (2 * Math.PI * TONE_HZ) / rateHz;
  return Int16Array.from({ length: (rateHz / 1000) * durationMs }, (_, i) =>
    Math.round(TONE_AMPLITUDE * Math.sin(step * i)),
  );
}

/** Four seconds that can be looped: harmonics of a voice, swelling and fading with the syllables, as PCMU at 8 kHz. */
export function callerVoice(): Uint8Array {
  const samples = Int16Array.from({ length: 32_000 }, (_, i) => {
    const seconds = i / 8000;
    const envelope = 0.55 - 0.45 * Math.cos(2 * Math.PI * SYLLABLES_PER_SECOND * seconds);
    let value = 0;
    for (let k = 0; k < HARMONICS.length; k += 1) {
      value += (HARMONICS[k] ?? 0) * Math.sin(2 * Math.PI * PITCH_HZ * (k + 1) * seconds + k * k);
    }
    return Math.round(3000 * envelope * value);
  });
  return toPcmu(samples);
}

/** The codes of these samples. */
export function toPcmu(samples: Int16Array): Uint8Array {
  const codes = new Uint8Array(samples.length);
  encodeG711("pcmu", samples, 0, samples.length, codes, 0);
  return codes;
}

const frame = new Int16Array(480);

/** Whether 20 ms of PCMU from `offset` are the model's tone and nothing else. */
export function isTone(bytes: Uint8Array, offset: number): boolean {
  const count = bytes.length - offset;
  decodeG711("pcmu", bytes, offset, count, frame, 0);
  let energy = 0;
  let inPhase = 0;
  let quadrature = 0;
  const step = (2 * Math.PI * TONE_HZ) / 8000;
  for (let i = 0; i < count; i += 1) {
    const sample = frame[i] as number;
    energy += sample * sample;
    inPhase += sample * Math.cos(step * i);
    quadrature += sample * Math.sin(step * i);
  }
  const toneEnergy = (2 * (inPhase * inPhase + quadrature * quadrature)) / count;
  return energy > count * 1e6 && toneEnergy > TONE_SHARE * energy;
}

/** Whether audio of any coding has the variety of a voice: silence has one or two values of bytes. */
export function isVaried(bytes: Uint8Array): boolean {
  return new Set(bytes).size > 16;
}
