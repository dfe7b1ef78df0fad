/** `a=crypto` of SDP security descriptions, read and written; RFC 4568 §4 SDP "Crypto" Attribute and Parameters. */
import { isSrtpSuite, masterKeySaltBytes, type SrtpKey } from "../core/srtp-suites.ts";

/** A key that a description offers or answers with. Secret. */
export interface CryptoAttribute {
  /** 0 … 999999999; an answer has that of the line it takes. */
  readonly tag: number;
  readonly key: SrtpKey;
}

const ATTRIBUTE = /^(\d{1,9}) ([A-Za-z0-9_]+) (\S+)((?: \S+)*) *$/;
/** One key, with a lifetime or without, but no MKI: we put none into our packets and expect none in theirs. */
const INLINE = /^inline:([A-Za-z0-9+/]+={0,2})(?:\|(?:2\^\d{1,2}|\d{1,15}))?$/i;
/** §6.3 Session Parameters: those that change nothing of what we do, and those that may be ignored. */
const HARMLESS_PARAMETER = /^(?:KDR=0|WSH=\d{2,9}|-\S+)$/;

/** The attribute's value; `undefined` for a line that cannot be accepted, whatever is wrong with it. */
export function parseCrypto(value: string): CryptoAttribute | undefined {
  const [, tag = "", suite = "", method = "", parameters = ""] = value.match(ATTRIBUTE) ?? [];
  const encoded = method.match(INLINE)?.[1];
  if (encoded === undefined || !isSrtpSuite(suite)) {
    return undefined;
  }
  const masterKeySalt = Uint8Array.from(Buffer.from(encoded, "base64"));
  const isHarmless = parameters
    .split(" ")
    .every((parameter) => parameter === "" || HARMLESS_PARAMETER.test(parameter));
  return isHarmless && masterKeySalt.length === masterKeySaltBytes(suite)
    ? { tag: Number(tag), key: { suite, masterKeySalt } }
    : undefined;
}

/** The attribute's value. */
export function writeCrypto({ tag, key }: CryptoAttribute): string {
  return `${tag} ${key.suite} inline:${Buffer.from(key.masterKeySalt).toString("base64")}`;
}
