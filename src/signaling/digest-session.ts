/** The client's side of digest authentication with one server: its last challenge, and how often it was answered. */
import type { Random } from "../core/random.ts";
import { type DigestChallenge, digestResponse, readChallenge } from "../core/sip-digest.ts";
import type { HeaderLookup, SipCredentials } from "../ports/signaling-server.ts";

/** The request that is to be proven. */
export interface ProvenRequest {
  readonly method: string;
  readonly uri: string;
  readonly credentials: SipCredentials;
}

/** A header with our proof; secret enough not to be logged. */
export type ProofHeader = Readonly<Record<string, string>>;

type Kind = "server" | "proxy";

const KINDS = {
  401: { kind: "server", challenge: "WWW-Authenticate", proof: "Authorization" },
  407: { kind: "proxy", challenge: "Proxy-Authenticate", proof: "Proxy-Authorization" },
} as const;

interface Answered {
  readonly challenge: DigestChallenge;
  readonly proof: string;
  count: number;
}

const CLIENT_NONCE_BYTES = 12;

/** RFC 3261 "Usage of HTTP Authentication": keeps a challenge of each kind, so that the next request need not be refused first. */
export class DigestSession {
  readonly #random: Random;
  readonly #answered = new Map<Kind, Answered>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Proofs by the challenges known already: none before the first one. */
  proofs(request: ProvenRequest): ProofHeader {
    return Object.fromEntries(
      [...this.#answered.values()].map((answered) => [
        answered.proof,
        this.#prove(answered, request),
      ]),
    );
  }

  /**
   * Takes the challenge of a 401 or 407 and says whether it is worth another try: not when the server refused what we
   * proved with `sent`, the headers of the refused request.
   */
  challenged(status: number, header: HeaderLookup, sent: ProofHeader): boolean {
    const row = status === 401 || status === 407 ? KINDS[status] : undefined;
    const challenge = row === undefined ? undefined : readChallenge(header(row.challenge) ?? "");
    if (row === undefined || challenge === undefined) {
      return false;
    }
    const before = this.#answered.get(row.kind);
    this.#answered.set(row.kind, { challenge, proof: row.proof, count: 0 });
    return sent[row.proof] === undefined || challenge.stale || wasForgotten(before, challenge);
  }

  #prove(answered: Answered, { method, uri, credentials }: ProvenRequest): string {
    const { challenge } = answered;
    const { realm, nonce, algorithm, opaque, qop } = challenge;
    const username = escapeQuoted(credentials.username);
    answered.count += 1;
    const protection =
      qop === undefined
        ? undefined
        : {
            nonceCount: answered.count.toString(16).padStart(8, "0"),
            clientNonce: this.#random.hex(CLIENT_NONCE_BYTES),
          };
    const { password } = credentials;
    const input = { algorithm, username, realm, password, nonce, method, uri, protection };
    return [
      `Digest username="${username}"`,
      `realm="${realm}"`,
      `nonce="${nonce}"`,
      `uri="${uri}"`,
      `response="${digestResponse(input)}"`,
      `algorithm=${algorithm}`,
      ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
      ...(protection === undefined
        ? []
        : ["qop=auth", `nc=${protection.nonceCount}`, `cnonce="${protection.clientNonce}"`]),
    ].join(", ");
  }
}

/** A server that restarted knows its old nonces no more, and challenges anew without a word of staleness. */
function wasForgotten(before: Answered | undefined, now: DigestChallenge): boolean {
  return before !== undefined && before.count > 1 && before.challenge.nonce !== now.nonce;
}

function escapeQuoted(text: string): string {
  return text.replaceAll(/["\\]/g, "\\$&");
}
