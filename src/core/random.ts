/** Randomness as the gateway sees it: an injected source, and the system's, the only place `crypto.random*` appears. */
import { randomBytes, randomFillSync, randomUUID } from "node:crypto";

/** Drawn from the operating system at a time: a draw costs microseconds, however short. */
const POOL_BYTES = 4096;

/** The source of all randomness. Production uses {@link systemRandom}; tests use a seeded one. */
export interface Random {
  /** A uniform integer in 0 … 2^32-1. */
  uint32(): number;
  /** A version 4 UUID in lower case. */
  uuid(): string;
  /** `byteCount` random bytes as lower-case hexadecimal, `2 * byteCount` characters. */
  hex(byteCount: number): string;
}

const pool = Buffer.alloc(POOL_BYTES);
/** What was taken last lies between these two; what is before it is zero, what is behind it is fresh. */
let start = POOL_BYTES;
let end = POOL_BYTES;

/** Bytes that nobody saw and nobody will see again: borrowed until the next call, which wipes them out. */
function take(byteCount: number): Buffer {
  if (byteCount > POOL_BYTES) {
    return randomBytes(byteCount);
  }
  pool.fill(0, start, end);
  if (end + byteCount > POOL_BYTES) {
    randomFillSync(pool);
    end = 0;
  }
  start = end;
  end += byteCount;
  return pool.subarray(start, end);
}

/** Cryptographically strong randomness from the operating system. */
export const systemRandom: Random = {
  uint32: () => take(4).readUInt32BE(0),
  uuid: () => randomUUID(),
  hex: (byteCount) => take(byteCount).toString("hex"),
};
