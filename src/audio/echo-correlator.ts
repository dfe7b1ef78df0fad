/** How much of a sound is a late and quiet copy of another one, at whichever delay fits best. */

/** A louder copy is no echo: lines and rooms attenuate by 6 dB at least. */
const MAX_GAIN = 0.55;

const LAGS_AT_ONCE = 4;

/** What fits best. */
export interface EchoMatch {
  /** Of the sound's energy, the part that the copy explains, 0 … 1. */
  part: number;
  /** Samples by which the sound is later. */
  lag: number;
}

/**
 * Follows one sound piece by piece. For every lag it keeps the sum of products and the energy of what was there, both
 * fading, so that a sound that stops to be a copy is soon seen to be none.
 */
export class EchoCorrelator {
  readonly maxLag: number;
  readonly #fade: number;
  readonly #products: Float64Array;
  readonly #energies: Float64Array;
  #soundEnergy = 0;

  /** @param maxLag A multiple of 4. @param fade What remains of the past with each piece, 0 … 1. */
  constructor(maxLag: number, fade: number) {
    this.maxLag = maxLag;
    this.#fade = fade;
    this.#products = new Float64Array(maxLag);
    this.#energies = new Float64Array(maxLag);
  }

  /** Begins another sound. */
  reset(): void {
    this.#products.fill(0);
    this.#energies.fill(0);
    this.#soundEnergy = 0;
  }

  /**
   * Takes the next `count` samples of the sound, and of the original `maxLag + count`, the last of which belongs to the
   * last of the sound at lag 0.
   */
  push(sound: Float64Array, original: Float64Array, count: number): void {
    this.#soundEnergy = this.#soundEnergy * this.#fade + energyOf(sound, 0, count);
    this.#addProducts(sound, original, count);
    this.#addEnergies(original, count);
  }

  /** Four lags at a time, whose sums do not wait for each other. */
  #addProducts(sound: Float64Array, original: Float64Array, count: number): void {
    const { maxLag } = this;
    const products = this.#products;
    const fade = this.#fade;
    for (let lag = 0; lag < maxLag; lag += LAGS_AT_ONCE) {
      const start = maxLag - lag;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let i = 0; i < count; i += 1) {
        const sample = sound[i] as number;
        const at = start + i;
        sum0 += sample * (original[at] as number);
        sum1 += sample * (original[at - 1] as number);
        sum2 += sample * (original[at - 2] as number);
        sum3 += sample * (original[at - 3] as number);
      }
      products[lag] = (products[lag] as number) * fade + sum0;
      products[lag + 1] = (products[lag + 1] as number) * fade + sum1;
      products[lag + 2] = (products[lag + 2] as number) * fade + sum2;
      products[lag + 3] = (products[lag + 3] as number) * fade + sum3;
    }
  }

  #addEnergies(original: Float64Array, count: number): void {
    const { maxLag } = this;
    const energies = this.#energies;
    const fade = this.#fade;
    let energy = energyOf(original, maxLag, count);
    for (let lag = 0; lag < maxLag; lag += 1) {
      energies[lag] = (energies[lag] as number) * fade + energy;
      const entering = original[maxLag - lag - 1] as number;
      const leaving = original[maxLag - lag + count - 1] as number;
      energy += entering * entering - leaving * leaving;
    }
  }

  /** The best match among the lags from `from` to below `to`, written to `match`. */
  best(from: number, to: number, match: EchoMatch): void {
    const products = this.#products;
    const energies = this.#energies;
    const last = Math.min(to, this.maxLag);
    let best = 0;
    let bestLag = 0;
    for (let lag = Math.max(0, from); lag < last; lag += 1) {
      const product = products[lag] as number;
      const energy = energies[lag] as number;
      const explained = (product * product) / (energy + 1);
      if (explained > best && Math.abs(product) <= MAX_GAIN * energy) {
        best = explained;
        bestLag = lag;
      }
    }
    match.part = best / (this.#soundEnergy + 1);
    match.lag = bestLag;
  }
}

function energyOf(samples: Float64Array, offset: number, count: number): number {
  let energy = 0;
  for (let i = offset; i < offset + count; i += 1) {
    energy += (samples[i] as number) * (samples[i] as number);
  }
  return energy;
}
