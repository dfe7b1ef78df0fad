/** Whether an audio stream is encrypted, by what the peer offers and our policy wants. RFC 4568 §7 SRTP-Specific Use of the crypto Attribute. */
import {
  isSameSrtpKey,
  type SrtpKey,
  type SrtpKeys,
  type SrtpPolicy,
} from "../core/srtp-suites.ts";
import type { CryptoAttribute } from "./crypto-attribute.ts";
import type { MediaDescription } from "./session-description.ts";
import type { SrtpKeyring } from "./srtp-keyring.ts";

/** Our policy, and where our keys come from. */
export interface SrtpCapability {
  readonly policy: SrtpPolicy;
  readonly keys: SrtpKeyring;
}

/** Why a stream cannot be taken: codes of the catalogue. */
export type SecurityRefusal = "SDP_SRTP_OFF" | "SDP_SRTP_REQUIRED" | "SDP_NO_COMMON_CRYPTO";

/** What a stream is to be run with. */
export type StreamSecurity = CryptoAttribute | "plain" | SecurityRefusal;

const SECURE_PROFILES: readonly string[] = ["RTP/SAVP", "RTP/SAVPF"];

/** Whether the m-line itself demands encryption. */
export function isSecureProfile({ protocol }: MediaDescription): boolean {
  return SECURE_PROFILES.includes(protocol);
}

/** Of an offer of theirs: the line to accept, its order being the peer's preference; or `plain`; or why not. */
export function offeredSecurity(media: MediaDescription, policy: SrtpPolicy): StreamSecurity {
  const [first] = media.crypto;
  if (policy === "off") {
    return isSecureProfile(media) ? "SDP_SRTP_OFF" : "plain";
  }
  if (first !== undefined) {
    return first;
  }
  if (isSecureProfile(media)) {
    return "SDP_NO_COMMON_CRYPTO";
  }
  return policy === "required" ? "SDP_SRTP_REQUIRED" : "plain";
}

/** The line of an offer of theirs that we accept; `undefined`: none. */
export function acceptedCrypto(
  media: MediaDescription,
  srtp: SrtpCapability | undefined,
): CryptoAttribute | undefined {
  const security = offeredSecurity(media, srtp?.policy ?? "off");
  return typeof security === "object" ? security : undefined;
}

/** Of their answer to an offer of ours: the keys of the line they took, `plain` where we offered that too, or why not. */
export function answeredSecurity(
  mine: MediaDescription,
  theirs: MediaDescription,
): SrtpKeys | "plain" | SecurityRefusal {
  for (const { tag, key } of theirs.crypto) {
    const ours = mine.crypto.find((line) => line.tag === tag && line.key.suite === key.suite);
    if (ours !== undefined) {
      return { local: ours.key, remote: key };
    }
  }
  if (isSecureProfile(mine)) {
    return theirs.crypto.length === 0 && !isSecureProfile(theirs)
      ? "SDP_SRTP_REQUIRED"
      : "SDP_NO_COMMON_CRYPTO";
  }
  if (isSecureProfile(theirs)) {
    return mine.crypto.length === 0 ? "SDP_SRTP_OFF" : "SDP_NO_COMMON_CRYPTO";
  }
  return "plain";
}

/** Whether a stream can be taken. */
export function isTaken<T extends object>(
  security: T | "plain" | SecurityRefusal,
): security is T | "plain" {
  return typeof security === "object" || security === "plain";
}

/** How our offer says what the policy wants: `RTP/SAVP`, or plain RTP with keys for those who know them. */
export function offeredProfile(policy: SrtpPolicy): string {
  return policy === "required" ? "RTP/SAVP" : "RTP/AVP";
}

/** What our answer says: the tag of the line we accepted, with a key of ours. */
export function answeredCrypto(
  theirs: MediaDescription,
  srtp: SrtpKeys | undefined,
): readonly CryptoAttribute[] {
  const [accepted] = theirs.crypto;
  return srtp === undefined || accepted === undefined
    ? []
    : [{ tag: accepted.tag, key: srtp.local }];
}

/** Of our own lines, the one whose key is in use. */
export function currentCrypto(
  ours: MediaDescription,
  current: SrtpKey | undefined,
): readonly CryptoAttribute[] {
  return ours.crypto.filter(({ key }) => current !== undefined && isSameSrtpKey(key, current));
}

/** The keys of our first offer, numbered from 1. */
export function offeredCrypto(
  srtp: SrtpCapability | undefined,
  mediaIndex: number,
): readonly CryptoAttribute[] {
  return srtp === undefined || srtp.policy === "off"
    ? []
    : srtp.keys.offer(mediaIndex).map((key, i) => ({ tag: i + 1, key }));
}
