/** SHA-1 block by block over one shared state, without garbage. FIPS 180-4 §6.1 SHA-1. No branch or index depends on the data. */

export const SHA1_BLOCK_BYTES = 64;
const STATE_WORDS = 5;
const INITIAL = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
/** The constants of the second and the last twenty rounds; those of the others stand in their loops. */
const SECOND = 0x6ed9eba1;
const LAST = 0xca62c1d6;

/** The one state: a thread computes one digest at a time. */
const state = new Int32Array(STATE_WORDS);
const work = new Int32Array(STATE_WORDS);
const schedule = new Int32Array(80);

/** Begins a digest, anew or from a state that was saved. */
export function startSha1(saved: Int32Array = INITIAL): void {
  // Faster than `set` for so few.
  for (let i = 0; i < STATE_WORDS; i += 1) {
    state[i] = saved[i] as number;
  }
}

/** A copy of the state, for {@link startSha1}. */
export function savedSha1(): Int32Array {
  return state.slice();
}

/** Writes the digest, 20 bytes, to the start of `target`. */
export function writeSha1(target: Uint8Array): void {
  for (let i = 0, at = 0; i < STATE_WORDS; i += 1, at += 4) {
    const word = state[i] as number;
    target[at] = word >> 24;
    target[at + 1] = word >> 16;
    target[at + 2] = word >> 8;
    target[at + 3] = word;
  }
}

/** Adds the 64 bytes at `offset`. */
export function addSha1Block(bytes: Uint8Array, offset: number): void {
  expand(bytes, offset);
  for (let i = 0; i < STATE_WORDS; i += 1) {
    work[i] = state[i] as number;
  }
  chooseRounds();
  parityRounds(20, SECOND);
  majorityRounds();
  parityRounds(60, LAST);
  for (let i = 0; i < STATE_WORDS; i += 1) {
    state[i] = (state[i] as number) + (work[i] as number);
  }
}

function expand(bytes: Uint8Array, offset: number): void {
  for (let t = 0, at = offset; t < 16; t += 1, at += 4) {
    schedule[t] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
  }
  for (let t = 16; t < 80; t += 1) {
    const mixed =
      (schedule[t - 3] as number) ^
      (schedule[t - 8] as number) ^
      (schedule[t - 14] as number) ^
      (schedule[t - 16] as number);
    schedule[t] = (mixed << 1) | (mixed >>> 31);
  }
}

function chooseRounds(): void {
  let a = work[0] as number;
  let b = work[1] as number;
  let c = work[2] as number;
  let d = work[3] as number;
  let e = work[4] as number;
  for (let t = 0; t < 20; t += 1) {
    const mixed = (d ^ (b & (c ^ d))) + e + 0x5a827999;
    const next = (((a << 5) | (a >>> 27)) + mixed + (schedule[t] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  keep(a, b, c, d, e);
}

function parityRounds(from: number, constant: number): void {
  let a = work[0] as number;
  let b = work[1] as number;
  let c = work[2] as number;
  let d = work[3] as number;
  let e = work[4] as number;
  for (let t = from; t < from + 20; t += 1) {
    const mixed = (b ^ c ^ d) + e + constant;
    const next = (((a << 5) | (a >>> 27)) + mixed + (schedule[t] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  keep(a, b, c, d, e);
}

function majorityRounds(): void {
  let a = work[0] as number;
  let b = work[1] as number;
  let c = work[2] as number;
  let d = work[3] as number;
  let e = work[4] as number;
  for (let t = 40; t < 60; t += 1) {
    const mixed = ((b & c) | (d & (b | c))) + e + 0x8f1bbcdc;
    const next = (((a << 5) | (a >>> 27)) + mixed + (schedule[t] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  keep(a, b, c, d, e);
}

function keep(a: number, b: number, c: number, d: number, e: number): void {
  work[0] = a;
  work[1] = b;
  work[2] = c;
  work[3] = d;
  work[4] = e;
}
