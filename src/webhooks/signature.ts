/** How a service can tell that a request came from this gateway, and when. */
import { createHmac } from "node:crypto";

/** Seconds since 1970, as decimal text: part of what is signed, so that an old request can be told. */
export const TIMESTAMP_HEADER = "X-Trunkline-Timestamp";

/** `v1=` and the hexadecimal HMAC-SHA256 of the timestamp, a dot, and the body. */
export const SIGNATURE_HEADER = "X-Trunkline-Signature";

/** The two headers; none without a secret. */
export function signatureHeaders(
  secret: string | undefined,
  body: string,
  wallMs: number,
): Readonly<Record<string, string>> {
  if (secret === undefined) {
    return {};
  }
  const timestamp = String(Math.floor(wallMs / 1000));
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: `v1=${signature}` };
}
