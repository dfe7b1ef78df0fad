/** The ears and the voice of the OpenAI stand-in: decodes what comes, finds turns, makes tones or reads a WAV file. */
import { readFileSync } from "node:fs";
import { EnergyVad, type VadChange } from "../../../src/audio/energy-vad.ts";
import { decodeG711, encodeG711 } from "../../../src/audio/g711.ts";
import { fillSine } from "../../../src/audio/signal.ts";
import type { AudioFormat } from "../../../src/ports/realtime-model.ts";

const FRAME_MS = 20;
const NOTE_MS = 120;
const AMPLITUDE = 8000;

/** The two notes an answer alternates between: those of different answers are at least 60 Hz apart. */
export function answerNotesHz(answerIndex: number): readonly [number, number] {
  const slot = answerIndex % 16;
  return [420 + slot * 120, 480 + slot * 120];
}

/** Finds the caller's turns in audio of any chunking. */
export class StandInEar {
  readonly #format: AudioFormat;
  readonly #vad: EnergyVad;
  readonly #frame: Int16Array;
  #filled = 0;
  #heardMs = 0;

  constructor(format: AudioFormat, vad: { onsetMs?: number; silenceMs?: number }) {
    this.#format = format;
    this.#vad = new EnergyVad({
      frameMs: FRAME_MS,
      onsetMs: vad.onsetMs ?? 60,
      hangoverMs: vad.silenceMs ?? 500,
    });
    this.#frame = new Int16Array((format.rateHz * FRAME_MS) / 1000);
  }

  /** Audio heard so far. */
  get heardMs(): number {
    return this.#heardMs;
  }

  push(bytes: Uint8Array, onChange: (change: Exclude<VadChange, "none">) => void): void {
    for (const sample of decode(bytes, this.#format)) {
      this.#frame[this.#filled] = sample;
      this.#filled += 1;
      if (this.#filled === this.#frame.length) {
        this.#filled = 0;
        this.#heardMs += FRAME_MS;
        const change = this.#vad.push(this.#frame, this.#frame.length);
        if (change !== "none") {
          onChange(change);
        }
      }
    }
  }
}

function decode(bytes: Uint8Array, format: AudioFormat): Int16Array {
  if (format.encoding === "pcm16") {
    return new Int16Array(Uint8Array.from(bytes).buffer, 0, bytes.length >> 1);
  }
  const samples = new Int16Array(bytes.length);
  decodeG711(format.encoding, bytes, 0, bytes.length, samples, 0);
  return samples;
}

function encode(samples: Int16Array, format: AudioFormat): Uint8Array {
  if (format.encoding === "pcm16") {
    return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  }
  const codes = new Uint8Array(samples.length);
  encodeG711(format.encoding, samples, 0, samples.length, codes, 0);
  return codes;
}

/** `durationMs` of the notes of an answer, in the session's format. */
export function speakNotes(
  format: AudioFormat,
  answerIndex: number,
  durationMs: number,
): Uint8Array {
  const samples = new Int16Array((format.rateHz / 1000) * Math.round(durationMs));
  const noteSamples = (format.rateHz / 1000) * NOTE_MS;
  const notes = answerNotesHz(answerIndex);
  for (let start = 0, note = 0; start < samples.length; start += noteSamples, note += 1) {
    const part = samples.subarray(start, start + noteSamples);
    fillSine(part, format.rateHz, notes[note % 2] ?? 440, AMPLITUDE, 0);
  }
  return encode(samples, format);
}

/** The audio of a WAV file, which must be PCM16 mono at the session's rate. */
export function speakWav(format: AudioFormat, path: string): Uint8Array {
  const file = readFileSync(path);
  const rateHz = file.readUInt32LE(24);
  const data = file.indexOf("data", 12);
  if (file.toString("latin1", 0, 4) !== "RIFF" || data < 0 || rateHz !== format.rateHz) {
    throw new Error(`${path} is not PCM16 mono at ${format.rateHz} Hz`);
  }
  const bytes = Uint8Array.from(file.subarray(data + 8, data + 8 + file.readUInt32LE(data + 4)));
  return encode(new Int16Array(bytes.buffer, 0, bytes.length >> 1), format);
}
