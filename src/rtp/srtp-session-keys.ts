/** Session keys out of a master key; RFC 3711 §4.3 Key Derivation, with a key derivation rate of 0. */
import { createCipheriv } from "node:crypto";
import { SRTP_SALT_BYTES, SRTP_SUITES, type SrtpKey } from "../core/srtp-suites.ts";

const AUTHENTICATION_KEY_BYTES = 20;

/** RFC 3711 §4.3.2 SRTCP Key Derivation: RTCP has labels of its own. */
const FIRST_LABEL = { rtp: 0, rtcp: 3 };

/** What one direction of RTP or RTCP works with. Secret. */
export interface SrtpSessionKeys {
  readonly encryption: Uint8Array;
  readonly authentication: Uint8Array;
  readonly salt: Uint8Array;
}

/** Derives the three keys. */
export function deriveSessionKeys(key: SrtpKey, protocol: "rtp" | "rtcp"): SrtpSessionKeys {
  const { keyBytes } = SRTP_SUITES[key.suite];
  const masterKey = key.masterKeySalt.subarray(0, keyBytes);
  const masterSalt = key.masterKeySalt.subarray(keyBytes, keyBytes + SRTP_SALT_BYTES);
  const label = FIRST_LABEL[protocol];
  const derive = (step: number, byteCount: number): Uint8Array =>
    derived(masterKey, masterSalt, label + step, byteCount);
  return {
    encryption: derive(0, keyBytes),
    authentication: derive(1, AUTHENTICATION_KEY_BYTES),
    salt: derive(2, SRTP_SALT_BYTES),
  };
}

/** RFC 3711 §4.3.3 AES-CM PRF; RFC 6188 has the same of longer keys. */
function derived(key: Uint8Array, salt: Uint8Array, label: number, byteCount: number): Uint8Array {
  const input = new Uint8Array(16);
  input.set(salt);
  input[7] = (input[7] as number) ^ label;
  const cipher = createCipheriv(`aes-${key.length * 8}-ctr`, key, input);
  return Uint8Array.from(cipher.update(new Uint8Array(byteCount)));
}
