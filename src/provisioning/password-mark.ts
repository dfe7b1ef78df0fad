/** A fingerprint of passwords that an account does not give back, to be kept beside them in a tag. */
import { scryptSync, timingSafeEqual } from "node:crypto";
import type { CredentialWish } from "./trunk-wish.ts";

/** Slow on purpose: whoever may read tags must not find passwords by trying. */
const COST = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;
const MARK_BYTES = 24;
/** Of a new salt. */
export const SALT_BYTES = 16;
const MARK = /^v1\.([0-9a-f]{32})\.([0-9a-f]{48})$/;

/** The mark of these user names and passwords with a salt, 32 hexadecimal digits; fits into the value of a tag. */
export function passwordsMark(credentials: readonly CredentialWish[], saltHex: string): string {
  return `v1.${saltHex}.${digest(credentials, saltHex).toString("hex")}`;
}

/** Whether a mark was made of these; a mark that nobody knows how to read was not. */
export function isMarkOf(mark: string, credentials: readonly CredentialWish[]): boolean {
  const [, saltHex, digestHex] = MARK.exec(mark) ?? [];
  return (
    saltHex !== undefined &&
    digestHex !== undefined &&
    timingSafeEqual(Buffer.from(digestHex, "hex"), digest(credentials, saltHex))
  );
}

function digest(credentials: readonly CredentialWish[], saltHex: string): Buffer {
  const text = JSON.stringify(
    credentials
      .map(({ username, password }) => [username, password])
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  );
  return scryptSync(text, Buffer.from(saltHex, "hex"), MARK_BYTES, COST);
}
