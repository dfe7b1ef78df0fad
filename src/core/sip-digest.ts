/** Digest access authentication as SIP uses it: challenges read, responses computed (RFC 3261, RFC 7616, RFC 8760). */
import { createHash } from "node:crypto";

/** The algorithms that are spoken here; RFC 8760 keeps MD5 for old peers. */
export type DigestAlgorithm = "MD5" | "SHA-256";

/** One challenge of a server. Quoted values are kept as they stood between their quotes. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  /** `undefined`: the server is of the time before RFC 2617 and counts no requests. */
  readonly qop: "auth" | undefined;
  /** The nonce was too old, the password right. */
  readonly stale: boolean;
}

/** What a response is computed from. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  /** Where quality of protection is `auth`. */
  readonly protection?: { readonly nonceCount: string; readonly clientNonce: string } | undefined;
}

/** The parameters of one `Digest` in a header, names in lower case. */
export type DigestParameters = ReadonlyMap<string, string>;

const PART =
  /[\s,]*(?:([A-Za-z][\w-]*)[ \t]+(?=[\w-]+[ \t]*=))?([\w-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;
const ALGORITHM: Readonly<Record<string, DigestAlgorithm>> = {
  "": "MD5",
  md5: "MD5",
  "sha-256": "SHA-256",
};

/** The parameters of every `Digest` in a header value, which may be several headers joined by commas. */
export function readDigests(value: string): readonly DigestParameters[] {
  const digests: Map<string, string>[] = [];
  let current: Map<string, string> | undefined;
  PART.lastIndex = 0;
  for (let part = PART.exec(value); part !== null; part = PART.exec(value)) {
    const [, scheme, name = "", quoted, token] = part;
    if (scheme !== undefined) {
      current = scheme.toLowerCase() === "digest" ? new Map<string, string>() : undefined;
      if (current !== undefined) {
        digests.push(current);
      }
    }
    current?.set(name.toLowerCase(), quoted ?? token ?? "");
  }
  return digests;
}

/** The first challenge that can be answered: servers name the one they like best first (RFC 8760 "UAC Behavior"). */
export function readChallenge(value: string): DigestChallenge | undefined {
  for (const digest of readDigests(value)) {
    const challenge = challengeOf(digest);
    if (challenge !== undefined) {
      return challenge;
    }
  }
  return undefined;
}

function challengeOf(digest: DigestParameters): DigestChallenge | undefined {
  const realm = digest.get("realm");
  const nonce = digest.get("nonce");
  const algorithm = ALGORITHM[(digest.get("algorithm") ?? "").toLowerCase()];
  const qops = digest
    .get("qop")
    ?.split(",")
    .map((qop) => qop.trim().toLowerCase());
  const isProtected = qops?.includes("auth") === true;
  const isAnswerable = qops === undefined || isProtected;
  if (realm === undefined || nonce === undefined || algorithm === undefined || !isAnswerable) {
    return undefined;
  }
  return {
    realm,
    nonce,
    opaque: digest.get("opaque"),
    algorithm,
    qop: isProtected ? "auth" : undefined,
    stale: digest.get("stale")?.toLowerCase() === "true",
  };
}

/** The `response` of RFC 7616 "Response", in lower-case hexadecimal. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, username, realm, password, nonce, method, uri, protection } = input;
  const hash = (text: string): string =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text)
      .digest("hex");
  const secret = hash(`${username}:${realm}:${password}`);
  const counted =
    protection === undefined ? "" : `${protection.nonceCount}:${protection.clientNonce}:auth:`;
  return hash(`${secret}:${nonce}:${counted}${hash(`${method}:${uri}`)}`);
}
