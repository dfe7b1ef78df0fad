/** Challenges peers and checks what they answer (RFC 3261 "HTTP Authentication", RFC 8760); keeps nothing for those it challenges. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { BoundedMap } from "../core/bounded-map.ts";
import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import {
  type DigestAlgorithm,
  type DigestParameters,
  digestResponse,
  readDigests,
} from "../core/sip-digest.ts";
import type { GateRequest } from "../ports/sip-gate.ts";
import type { InboundCredentials } from "./trunk.ts";

/** What credentials are worth. `stale`: right, but for a nonce that is too old, unknown or used up. */
export type DigestVerdict = "good" | "absent" | "stale" | "wrong";

const SECRET_BYTES = 32;
const NONCE_LIFETIME_SECONDS = 120;
const NONCE_PROOF_CHARACTERS = 32;
const NONCE = /^(([0-9a-f]{1,12})\.[0-9a-f]{1,12})\.([0-9a-f]{32})$/;
const NONCE_COUNT = /^[0-9a-f]{8}$/i;
/** Nonces in use, by peers that proved who they are. */
const MAX_NONCES = 10_000;
const BY_NAME: Readonly<Record<string, DigestAlgorithm>> = {
  "": "MD5",
  md5: "MD5",
  "sha-256": "SHA-256",
};

/** Nonces prove themselves: they hold the time and a serial number, signed. */
export class DigestGate {
  readonly #clock: Clock;
  readonly #secret: string;
  #serial = 0;
  /** Nonce → the highest count it was used with. */
  readonly #counts = new BoundedMap<string, number>(MAX_NONCES);

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#secret = random.hex(SECRET_BYTES);
  }

  /** Values of WWW-Authenticate (RFC 8760 "UAS Behavior"), one for each realm and algorithm of the trunks. */
  challenges(expected: readonly InboundCredentials[], stale: boolean): readonly string[] {
    this.#serial += 1;
    const claim = `${this.#nowSeconds().toString(16)}.${this.#serial.toString(16)}`;
    const nonce = `${claim}.${this.#proof(claim)}`;
    const suffix = stale ? ", stale=true" : "";
    const values = expected.flatMap(({ realm, algorithms }) =>
      algorithms.map(
        (algorithm) =>
          `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${suffix}`,
      ),
    );
    return [...new Set(values)];
  }

  /** Checks what a request carries for these credentials; a nonce count that was used is no good again. */
  check(request: GateRequest, expected: InboundCredentials): DigestVerdict {
    const digest = digestsOf(request).find(
      (candidate) =>
        candidate.get("realm") === expected.realm &&
        candidate.get("username") === expected.username,
    );
    if (digest === undefined) {
      return "absent";
    }
    if (!isRightResponse(digest, request.method, expected)) {
      return "wrong";
    }
    return this.#useUp(digest.get("nonce") ?? "", digest.get("nc") ?? "") ? "good" : "stale";
  }

  #useUp(nonce: string, nonceCount: string): boolean {
    const [, claim = "", seconds = "", proof = ""] = NONCE.exec(nonce) ?? [];
    const ageSeconds = this.#nowSeconds() - Number.parseInt(seconds, 16);
    const isFresh = ageSeconds >= 0 && ageSeconds <= NONCE_LIFETIME_SECONDS;
    if (!isFresh || !isSameText(proof, this.#proof(claim)) || !NONCE_COUNT.test(nonceCount)) {
      return false;
    }
    const count = Number.parseInt(nonceCount, 16);
    if (count <= (this.#counts.get(nonce) ?? 0)) {
      return false;
    }
    this.#counts.set(nonce, count);
    return true;
  }

  #proof(claim: string): string {
    const proof = createHmac("sha256", this.#secret).update(claim).digest("hex");
    return proof.slice(0, NONCE_PROOF_CHARACTERS);
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.nowUs() / 1_000_000);
  }
}

/** Realm and user name that a request claims, of those that `isKnown` takes. */
export function claimOf<T>(
  request: GateRequest,
  find: (realm: string, username: string) => T | undefined,
): T | undefined {
  for (const digest of digestsOf(request)) {
    const found = find(digest.get("realm") ?? "", digest.get("username") ?? "");
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function digestsOf({ header }: GateRequest): readonly DigestParameters[] {
  const value = header("Authorization") ?? header("Proxy-Authorization");
  return value === undefined ? [] : readDigests(value);
}

/** The uri is the peer's own: proxies on the way rewrite the Request-URI, and so it is not compared. */
function isRightResponse(
  digest: DigestParameters,
  method: string,
  { username, realm, password, algorithms }: InboundCredentials,
): boolean {
  const algorithm = BY_NAME[(digest.get("algorithm") ?? "").toLowerCase()];
  const nonceCount = digest.get("nc");
  const clientNonce = digest.get("cnonce");
  const isProtected = digest.get("qop")?.toLowerCase() === "auth";
  if (
    algorithm === undefined ||
    !algorithms.includes(algorithm) ||
    !isProtected ||
    nonceCount === undefined ||
    clientNonce === undefined
  ) {
    return false;
  }
  const response = digestResponse({
    algorithm,
    username,
    realm,
    password,
    method,
    nonce: digest.get("nonce") ?? "",
    uri: digest.get("uri") ?? "",
    protection: { nonceCount, clientNonce },
  });
  return isSameText(digest.get("response")?.toLowerCase() ?? "", response);
}

function isSameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
