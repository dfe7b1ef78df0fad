/** Randomness as the gateway sees it: an injected source, and the system's, the only place `crypto.random*` appears. */
import { randomBytes, randomUUID } from "node:crypto";

/** The source of all randomness. Production uses {@link systemRandom}; tests use a seeded one. */
export interface Random {
  /** A uniform integer in 0 … 2^32-1. */
  uint32(): number;
  /** A version 4 UUID in lower case. */
  uuid(): string;
  /** `byteCount` random bytes as lower-case hexadecimal, `2 * byteCount` characters. */
  hex(byteCount: number): string;
}

/** Cryptographically strong randomness from the operating system. */
export const systemRandom: Random = {
  uint32: () => randomBytes(4).readUInt32BE(0),
  uuid: () => randomUUID(),
  hex: (byteCount) => randomBytes(byteCount).toString("hex"),
};
