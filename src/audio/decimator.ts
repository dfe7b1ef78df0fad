/** Brings speech from 8 kHz to 2 kHz and lifts its higher part: what is left is enough to recognise it by. */

/** Samples in for one out. */
export const DECIMATION = 4;

/** Of the low-pass: 6 ms, so that little above 1 kHz folds down. */
const TAPS = 49;
const CUTOFF = 0.9;
/** Voices are loudest where they are most alike; without this, every vowel resembles every other. */
const PRE_EMPHASIS = 0.9;

const COEFFICIENTS = design();

function design(): Float64Array {
  const centre = (TAPS - 1) / 2;
  return Float64Array.from({ length: TAPS }, (_, i) => {
    const x = (Math.PI * CUTOFF * (i - centre)) / DECIMATION;
    const sinc = x === 0 ? 1 : Math.sin(x) / x;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * (i - centre)) / (centre + 1));
    return (sinc * window * CUTOFF) / DECIMATION;
  });
}

/** Takes a stream of samples, one at a time; every fourth gives one. */
export class Decimator {
  /** Twice the same, one behind the other, so that the last samples always lie in one piece. */
  readonly #line = new Float64Array(TAPS * 2);
  #at = 0;
  #phase = 0;
  #before = 0;

  /** Takes a sample; `true` when {@link take} has a new one. */
  push(sample: number): boolean {
    this.#line[this.#at] = sample;
    this.#line[this.#at + TAPS] = sample;
    this.#at = this.#at + 1 === TAPS ? 0 : this.#at + 1;
    this.#phase = (this.#phase + 1) % DECIMATION;
    return this.#phase === 0;
  }

  /** The sample at 2 kHz that ends here; to be asked for once. */
  take(): number {
    const line = this.#line;
    const start = this.#at;
    let sum = (COEFFICIENTS[TAPS - 1] as number) * (line[start + TAPS - 1] as number);
    let odd = 0;
    for (let i = 0; i < TAPS - 1; i += 2) {
      sum += (COEFFICIENTS[i] as number) * (line[start + i] as number);
      odd += (COEFFICIENTS[i + 1] as number) * (line[start + i + 1] as number);
    }
    sum += odd;
    const lifted = sum - PRE_EMPHASIS * this.#before;
    this.#before = sum;
    return lifted;
  }

  /** As new. */
  reset(): void {
    this.#line.fill(0);
    this.#at = 0;
    this.#phase = 0;
    this.#before = 0;
  }
}
