/** Assembles WebAssembly modules of a few plain functions over one imported memory; WebAssembly Core 2.0, Binary Format. */

/** Value types. */
export const I32 = 0x7f;
/** Four floats, or other lanes, in one register. */
export const V128 = 0x7b;

/** A function without results. Parameters are 32-bit integers; locals are numbered after them. */
export interface WasmFunction {
  readonly name: string;
  readonly paramCount: number;
  /** Types of the locals, in order. */
  readonly locals: readonly number[];
  /** Instructions, without the final `end`. */
  readonly body: readonly number[];
}

/** What is used of WebAssembly's interface for JavaScript; the types of Node 20 leave it out. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { host: { memory: object } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const FUNCTION_TYPE = 0x60;
const END = 0x0b;
const SECTION = { type: 1, import: 2, function: 3, export: 7, code: 10 };

/** Functions over memory of their own. */
export interface WasmProgram {
  readonly buffer: ArrayBuffer;
  /** By name. */
  readonly functions: Readonly<Record<string, unknown>>;
}

/** Compiles functions, with one page (64 KiB) of memory. */
export function assemble(functions: readonly WasmFunction[]): WasmProgram {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const module = new WebAssembly.Module(encodeModule(functions));
  const instance = new WebAssembly.Instance(module, { host: { memory } });
  return { buffer: memory.buffer, functions: instance.exports };
}

/** The module's bytes; it imports its memory as `host.memory` and exports every function by name. */
function encodeModule(functions: readonly WasmFunction[]): Uint8Array {
  const types = functions.map(({ paramCount }) => [
    FUNCTION_TYPE,
    ...vector(Array.from({ length: paramCount }, () => [I32])),
    0,
  ]);
  const oneMemory = [...name("host"), ...name("memory"), 0x02, 0x01, 1, 1];
  const exports = functions.map((fn, index) => [...name(fn.name), 0x00, ...unsigned(index)]);
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(SECTION.type, types),
    ...section(SECTION.import, [oneMemory]),
    ...section(
      SECTION.function,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(SECTION.export, exports),
    ...section(SECTION.code, functions.map(code)),
  ]);
}

/** An unsigned number as LEB128. */
export function unsigned(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}

/** A vector instruction by its number. */
export function vectorOp(opcode: number): readonly number[] {
  return [0xfd, ...unsigned(opcode)];
}

export function localGet(index: number): readonly number[] {
  return [0x20, index];
}

export function localSet(index: number): readonly number[] {
  return [0x21, index];
}

/** A 32-bit constant, 0 … 63. */
export function constant(value: number): readonly number[] {
  return [0x41, value];
}

export const I32_ADD: readonly number[] = [0x6a];

/** `local += step`, where `step` leaves a 32-bit integer. */
export function advance(index: number, step: readonly number[]): readonly number[] {
  return [...localGet(index), ...step, ...I32_ADD, ...localSet(index)];
}

/** Repeats `body` while `local` is less than `end`, unsigned; at least once. */
export function repeatWhileBelow(
  index: number,
  end: readonly number[],
  body: readonly number[],
): readonly number[] {
  return [0x03, 0x40, ...body, ...localGet(index), ...end, 0x49, 0x0d, 0, END];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function name(text: string): number[] {
  return vector([...Buffer.from(text, "utf8")].map((byte) => [byte]));
}

function code({ locals, body }: WasmFunction): number[] {
  const declared = vector(locals.map((type) => [1, type]));
  const content = [...declared, ...body, END];
  return [...unsigned(content.length), ...content];
}
