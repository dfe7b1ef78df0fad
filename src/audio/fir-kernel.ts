/**
 * The inner loop of the resampler in WebAssembly, four samples per instruction. Scratch memory and coefficients are of the
 * process: a call of it leaves nothing behind that the next one needs.
 */
import {
  advance,
  assemble,
  constant,
  I32,
  localGet,
  localSet,
  repeatWhileBelow,
  V128,
  vectorOp,
  type WasmFunction,
} from "./wasm-encoder.ts";

/** The most samples that fit into {@link FirKernel.source}. */
export const MAX_SOURCE_SAMPLES = 2048;
/** The most samples that a run may leave in {@link FirKernel.target}. */
export const MAX_TARGET_SAMPLES = 4096;

/** Samples come in as 16-bit integers, are filtered as floats, and leave as 16-bit integers. */
const SOURCE_AT = 0;
const LINE_AT = 4096;
/** The last group of outputs may read this far past the line, and write past the target. */
const SLACK_BYTES = 256;
const TARGET_AT = LINE_AT + MAX_SOURCE_SAMPLES * 4 + SLACK_BYTES;
const TAPS_AT = TARGET_AT + MAX_TARGET_SAMPLES * 2 + SLACK_BYTES;
const PAGE_BYTES = 65_536;

const LOAD = vectorOp(0);
const LOAD_16_TO_32 = vectorOp(3);
const STORE = vectorOp(11);
const ZERO = [...vectorOp(12), ...new Array<number>(16).fill(0)];
const SHUFFLE = vectorOp(13);
const STORE_LANE_16 = vectorOp(89);
const NEAREST = vectorOp(106);
const NARROW_32_TO_16 = vectorOp(133);
const ADD = vectorOp(228);
const MULTIPLY = vectorOp(230);
const TRUNCATE = vectorOp(248);
const TO_FLOAT = vectorOp(250);

/** An access without alignment, `offset` bytes (0 … 127) from the address. */
function at(offset: number): readonly number[] {
  return [0, offset];
}

/** 32-bit lanes of two registers in a new order: 0 … 3 of the first, 4 … 7 of the second. */
function shuffle(...lanes: readonly number[]): readonly number[] {
  return [...SHUFFLE, ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte))];
}

/** `widen(source, sourceEnd, line)`: integers to floats, four at a time. */
function widen(): WasmFunction {
  const [source, sourceEnd, line] = [0, 1, 2];
  const body = repeatWhileBelow(source, localGet(sourceEnd), [
    ...localGet(line),
    ...localGet(source),
    ...LOAD_16_TO_32,
    ...at(0),
    ...TO_FLOAT,
    ...STORE,
    ...at(0),
    ...advance(source, constant(8)),
    ...advance(line, constant(16)),
  ]);
  return { name: "widen", paramCount: 3, locals: [], body };
}

/**
 * `filter(line, step, taps, tapsEnd, target, stride, targetEnd)`: one output per `step` bytes of the line, to every
 * `stride` bytes of the target, four outputs at a time. The taps are a multiple of eight.
 */
function filter(): WasmFunction {
  const [line, step, taps, tapsEnd, target, stride, targetEnd, tap] = [0, 1, 2, 3, 4, 5, 6, 7];
  const inputs = [8, 9, 10, 11];
  const sums = [12, 13, 14, 15];
  const multiply = (input: number, sum: number, offset: number): readonly number[] => [
    ...localGet(sum),
    ...localGet(input),
    ...LOAD,
    ...at(offset),
    ...localGet(tap),
    ...LOAD,
    ...at(offset),
    ...MULTIPLY,
    ...ADD,
    ...localSet(sum),
  ];
  const takeInput = (input: number): readonly number[] => [
    ...localGet(line),
    ...localSet(input),
    ...advance(line, localGet(step)),
  ];
  const storeLane = (lane: number): readonly number[] => [
    ...localGet(target),
    ...localGet(sums[0] as number),
    ...STORE_LANE_16,
    ...at(0),
    lane,
    ...advance(target, localGet(stride)),
  ];
  const body = repeatWhileBelow(target, localGet(targetEnd), [
    ...inputs.flatMap(takeInput),
    ...sums.flatMap((sum) => [...ZERO, ...localSet(sum)]),
    ...localGet(taps),
    ...localSet(tap),
    ...repeatWhileBelow(tap, localGet(tapsEnd), [
      ...inputs.flatMap((input, i) => multiply(input, sums[i] as number, 0)),
      ...inputs.flatMap((input, i) => multiply(input, sums[i] as number, 16)),
      ...inputs.flatMap((input) => advance(input, constant(32))),
      ...advance(tap, constant(32)),
    ]),
    ...sumLanes(sums),
    ...NEAREST,
    ...TRUNCATE,
    ...localSet(sums[0] as number),
    ...localGet(sums[0] as number),
    ...localGet(sums[0] as number),
    ...NARROW_32_TO_16,
    ...localSet(sums[0] as number),
    ...[0, 1, 2, 3].flatMap(storeLane),
  ]);
  const locals = [I32, I32, I32, I32, I32, V128, V128, V128, V128];
  return { name: "filter", paramCount: 7, locals, body };
}

/** Leaves the sum of each register's lanes in the lanes of one. */
function sumLanes([a, b, c, d]: readonly number[]): readonly number[] {
  const pairwise = (first = 0, second = 0): readonly number[] => [
    ...localGet(first),
    ...localGet(second),
    ...shuffle(0, 4, 1, 5),
    ...localGet(first),
    ...localGet(second),
    ...shuffle(2, 6, 3, 7),
    ...ADD,
    ...localSet(first),
  ];
  const joined = (lanes: readonly number[]): readonly number[] => [
    ...localGet(a as number),
    ...localGet(c as number),
    ...shuffle(...lanes),
  ];
  return [
    ...pairwise(a, b),
    ...pairwise(c, d),
    ...joined([0, 1, 4, 5]),
    ...joined([2, 3, 6, 7]),
    ...ADD,
  ];
}

type Widen = (source: number, sourceEnd: number, line: number) => void;
type Filter = (
  line: number,
  step: number,
  taps: number,
  tapsEnd: number,
  target: number,
  stride: number,
  targetEnd: number,
) => void;

/** Coefficients in the kernel's memory. */
export type TapsAddress = number & { readonly brand: "TapsAddress" };

/** The kernel; one per thread is enough. */
export class FirKernel {
  /** Where the samples to filter are put. */
  readonly source: Int16Array;
  /** Where the outputs are found. */
  readonly target: Int16Array;
  readonly #buffer: ArrayBuffer;
  readonly #widen: Widen;
  readonly #filter: Filter;
  #nextTaps = TAPS_AT;

  constructor() {
    const { buffer, functions } = assemble([widen(), filter()]);
    this.#buffer = buffer;
    this.source = new Int16Array(buffer, SOURCE_AT, MAX_SOURCE_SAMPLES);
    this.target = new Int16Array(buffer, TARGET_AT, MAX_TARGET_SAMPLES);
    this.#widen = functions["widen"] as Widen;
    this.#filter = functions["filter"] as Filter;
  }

  /** Keeps coefficients, oldest sample first, for the life of the process. Their number is a multiple of eight. */
  addTaps(taps: Float64Array): TapsAddress {
    const address = this.#nextTaps;
    this.#nextTaps += taps.length * 4;
    if (taps.length % 8 !== 0 || this.#nextTaps > PAGE_BYTES) {
      throw new RangeError("coefficients do not fit");
    }
    new Float32Array(this.#buffer, address, taps.length).set(taps);
    return address as TapsAddress;
  }

  /** Makes the first `count` samples of the source ready to be filtered. */
  load(count: number): void {
    this.#widen(SOURCE_AT, SOURCE_AT + count * 2, LINE_AT);
  }

  /**
   * Filters what was loaded: output n is the sum over `tapCount` samples from `first + n * step`, and goes to
   * `target[index + n * stride]`. Up to three more outputs may be written behind the `count` wanted, which is 1 or more.
   */
  run(
    taps: TapsAddress,
    tapCount: number,
    first: number,
    step: number,
    index: number,
    stride: number,
    count: number,
  ): void {
    const target = TARGET_AT + index * 2;
    const end = target + count * stride * 2;
    this.#filter(LINE_AT + first * 4, step * 4, taps, taps + tapCount * 4, target, stride * 2, end);
  }
}
