/** The SRTP suites that the gateway takes, and what a key of each is made of. */

/** Names as SDP has them: RFC 4568 §6.2 Crypto-Suites, RFC 6188 The Use of AES-192 and AES-256 in Secure RTP. */
export type SrtpSuite =
  | "AES_CM_128_HMAC_SHA1_80"
  | "AES_CM_128_HMAC_SHA1_32"
  | "AES_192_CM_HMAC_SHA1_80"
  | "AES_192_CM_HMAC_SHA1_32"
  | "AES_256_CM_HMAC_SHA1_80"
  | "AES_256_CM_HMAC_SHA1_32";

/** Whether calls are encrypted: never, as the peer likes, or always. */
export type SrtpPolicy = "off" | "optional" | "required";

/** What distinguishes one suite from another. */
export interface SrtpSuiteRow {
  readonly keyBytes: 16 | 24 | 32;
  /** Of RTP; the tag of RTCP has 10 bytes in every suite. */
  readonly tagBytes: 4 | 10;
}

/** One row per suite. */
export const SRTP_SUITES: Readonly<Record<SrtpSuite, SrtpSuiteRow>> = {
  AES_CM_128_HMAC_SHA1_80: { keyBytes: 16, tagBytes: 10 },
  AES_CM_128_HMAC_SHA1_32: { keyBytes: 16, tagBytes: 4 },
  AES_192_CM_HMAC_SHA1_80: { keyBytes: 24, tagBytes: 10 },
  AES_192_CM_HMAC_SHA1_32: { keyBytes: 24, tagBytes: 4 },
  AES_256_CM_HMAC_SHA1_80: { keyBytes: 32, tagBytes: 10 },
  AES_256_CM_HMAC_SHA1_32: { keyBytes: 32, tagBytes: 4 },
};

/** Of the master salt and of the session salts, in every suite. */
export const SRTP_SALT_BYTES = 14;

/** The key of one direction. Secret: it never goes into logs, dumps or errors. */
export interface SrtpKey {
  readonly suite: SrtpSuite;
  /** Master key, then master salt; as long as the suite wants. */
  readonly masterKeySalt: Uint8Array;
}

/** The keys of both directions of a stream. */
export interface SrtpKeys {
  /** What we send with. */
  readonly local: SrtpKey;
  readonly remote: SrtpKey;
}

/** Whether a word is the name of a suite that we take. */
export function isSrtpSuite(name: string): name is SrtpSuite {
  return Object.hasOwn(SRTP_SUITES, name);
}

/** Bytes of a master key with its salt. */
export function masterKeySaltBytes(suite: SrtpSuite): number {
  return SRTP_SUITES[suite].keyBytes + SRTP_SALT_BYTES;
}

/** Whether two keys are one and the same. */
export function isSameSrtpKey(one: SrtpKey, other: SrtpKey): boolean {
  return (
    one.suite === other.suite &&
    one.masterKeySalt.length === other.masterKeySalt.length &&
    one.masterKeySalt.every((byte, i) => byte === other.masterKeySalt[i])
  );
}
