/** Our keys of one dialog: a fresh one whenever the peer's changes, the same one while it does not. */
import type { Random } from "../core/random.ts";
import {
  isSameSrtpKey,
  masterKeySaltBytes,
  type SrtpKey,
  type SrtpKeys,
  type SrtpSuite,
} from "../core/srtp-suites.ts";

/** What we offer, the first one preferred. */
const OFFERED_SUITES: readonly SrtpSuite[] = [
  "AES_CM_128_HMAC_SHA1_80",
  "AES_256_CM_HMAC_SHA1_80",
  "AES_CM_128_HMAC_SHA1_32",
];

/** A stream that was agreed on, with its keys if it is encrypted. */
interface SettledStream {
  readonly mediaIndex: number;
  readonly srtp?: SrtpKeys | undefined;
}

/**
 * Hands out keys for answers and offers. None comes back once it was replaced: under a key that was used before, packets
 * would be encrypted with a keystream that was used before.
 */
export class SrtpKeyring {
  readonly #random: Random;
  /** By the stream's place among the m-lines. */
  readonly #settled = new Map<number, SrtpKeys>();
  readonly #proposed = new Map<number, SrtpKeys>();
  readonly #offered = new Map<string, SrtpKey>();

  /** @param random must be cryptographically strong. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** What we answer the peer's key with, of its suite. */
  answerTo(mediaIndex: number, remote: SrtpKey): SrtpKey {
    for (const known of [this.#settled.get(mediaIndex), this.#proposed.get(mediaIndex)]) {
      if (known !== undefined && isSameSrtpKey(known.remote, remote)) {
        return known.local;
      }
    }
    const local = this.#newKey(remote.suite);
    this.#proposed.set(mediaIndex, { local, remote });
    return local;
  }

  /** What we offer first: a key for each suite. */
  offer(mediaIndex: number): readonly SrtpKey[] {
    return OFFERED_SUITES.map((suite) => this.#offerOf(mediaIndex, suite));
  }

  /** The key in use. */
  current(mediaIndex: number): SrtpKey | undefined {
    return this.#settled.get(mediaIndex)?.local;
  }

  /** These streams were agreed on; keys that were handed out for nothing are forgotten. */
  settle(streams: readonly SettledStream[]): void {
    this.#settled.clear();
    this.#proposed.clear();
    this.#offered.clear();
    for (const { mediaIndex, srtp } of streams) {
      if (srtp !== undefined) {
        this.#settled.set(mediaIndex, srtp);
      }
    }
  }

  #offerOf(mediaIndex: number, suite: SrtpSuite): SrtpKey {
    const name = `${mediaIndex} ${suite}`;
    const key = this.#offered.get(name) ?? this.#newKey(suite);
    this.#offered.set(name, key);
    return key;
  }

  #newKey(suite: SrtpSuite): SrtpKey {
    const hex = this.#random.hex(masterKeySaltBytes(suite));
    return { suite, masterKeySalt: Uint8Array.from(Buffer.from(hex, "hex")) };
  }
}
