/** Numbers of EBML, RFC 8794 "Variable-Size Integer": their length is written in their first bits. */

/** Bytes of a number, by the zeros before its marker; 9: none that is taken. */
export function lengthOf(first: number): number {
  return first === 0 ? 9 : Math.clz32(first) - 23;
}

/** `undefined`: all bits are set, which says that it is not known. */
export function sizeOf(header: Uint8Array, from: number, length: number): number | undefined {
  const mask = 0xff >> length;
  let value = (header[from] as number) & mask;
  let isUnknown = value === mask;
  for (let i = 1; i < length; i += 1) {
    const byte = header[from + i] as number;
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return isUnknown ? undefined : value;
}
