/** The way from our playout back into the caller's line: delay, a room, a telephone's band, attenuation. */
import { decodeG711 } from "../../../src/audio/g711.ts";
import type { HeardPacket } from "../rtp-peer.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { between } from "./sounds.ts";

const SAMPLE_US = 125;
const REFLECTIONS = 5;
const MAX_REFLECTION_SAMPLES = 64;

/** How a line returns what it carries. */
export interface EchoPathOptions {
  /** Of playout, without the delay of the network. */
  readonly delayMs: number;
  readonly gainDb: number;
  /** Of each reflection, against the direct sound. */
  readonly reflection: number;
}

/** One line's echo of one call. */
export class EchoPath {
  readonly #options: EchoPathOptions;
  readonly #taps: readonly { readonly delay: number; readonly gain: number }[];
  readonly #played = new Map<number, Int16Array>();
  #startUs = -1;
  #low = 0;
  #rumble = 0;

  constructor(options: EchoPathOptions, random: SeededRandom) {
    this.#options = options;
    const taps = [{ delay: 0, gain: 1 }];
    for (let i = 0; i < REFLECTIONS; i += 1) {
      const delay = 1 + Math.floor(random.fraction() * MAX_REFLECTION_SAMPLES);
      taps.push({ delay, gain: between(random, -1, 1) * options.reflection });
    }
    const power = taps.reduce((sum, { gain }) => sum + gain * gain, 0);
    const gain = 10 ** (options.gainDb / 20) / Math.sqrt(power);
    this.#taps = taps.map((tap) => ({ delay: tap.delay, gain: tap.gain * gain }));
  }

  /** A packet of ours is played to the caller. */
  play(packet: HeardPacket): void {
    if (this.#startUs < 0) {
      this.#startUs = packet.atUs;
    }
    const samples = new Int16Array(packet.payload.length);
    decodeG711("pcmu", packet.payload, 0, packet.payload.length, samples, 0);
    this.#played.set(Math.round((packet.atUs - this.#startUs) / 20_000), samples);
  }

  /** Adds what returns in the 20 ms that end at `nowUs`. */
  addTo(line: Int16Array, nowUs: number): void {
    const delay = Math.round(this.#options.delayMs * 8);
    const end = Math.round((nowUs - this.#startUs) / SAMPLE_US);
    for (let i = 0; i < line.length; i += 1) {
      const at = end - line.length + i - delay;
      let sum = 0;
      for (const tap of this.#taps) {
        sum += tap.gain * this.#sample(at - tap.delay);
      }
      // One pole to each side: about 100 to 2500 Hz.
      this.#low += 0.86 * (sum - this.#low);
      this.#rumble += 0.08 * (this.#low - this.#rumble);
      line[i] = Math.round((line[i] ?? 0) + this.#low - this.#rumble);
    }
  }

  #sample(index: number): number {
    return index < 0 ? 0 : (this.#played.get(Math.floor(index / 160))?.[index % 160] ?? 0);
  }
}
