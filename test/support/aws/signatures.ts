/** Checks AWS Signature Version 4 as the service does: of the request, and of every message that follows in its stream. */
import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http2";

const ALGORITHM = "AWS4-HMAC-SHA256";
/** What stands for the hash of a body that is signed piece by piece. */
const STREAMED = "STREAMING-AWS4-HMAC-SHA256-EVENTS";
const MAX_SKEW_MS = 5 * 60_000;

/** Secrets by access key. */
export type KnownKeys = ReadonlyMap<string, string>;

/** What a stream's messages are checked with, or why the request is refused. */
export type SignedRequest =
  | { readonly kind: "signed"; readonly chain: SignatureChain }
  | { readonly kind: "refused"; readonly exception: string };

interface Authorization {
  readonly accessKeyId: string;
  /** `20261121/us-east-1/bedrock/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** What a request is checked against. */
export interface SignatureCheck {
  /** As it came, percent-encoded. */
  readonly path: string;
  /** Name by which requests of the service are signed. */
  readonly service: string;
  readonly keys: KnownKeys;
  readonly nowMs: number;
}

/** Checks the request itself. */
export function checkRequest(
  headers: IncomingHttpHeaders,
  { path, service, keys, nowMs }: SignatureCheck,
): SignedRequest {
  const authorization = parseAuthorization(headers.authorization ?? "");
  if (authorization === undefined || headers["x-amz-content-sha256"] !== STREAMED) {
    return { kind: "refused", exception: "MissingAuthenticationTokenException" };
  }
  const secret = keys.get(authorization.accessKeyId);
  if (secret === undefined) {
    return { kind: "refused", exception: "UnrecognizedClientException" };
  }
  const date = String(headers["x-amz-date"]);
  const canonical = [
    "POST",
    path.split("/").map(encodeURIComponent).join("/"),
    "",
    ...authorization.signedHeaders.map((name) => `${name}:${headerValue(headers, name)}`),
    "",
    authorization.signedHeaders.join(";"),
    STREAMED,
  ].join("\n");
  const text = [ALGORITHM, date, authorization.scope, sha256(canonical)].join("\n");
  const key = signingKey(secret, authorization.scope);
  const isRight = hmac(key, text).toString("hex") === authorization.signature;
  const isRecent = Math.abs(dateMs(date) - nowMs) < MAX_SKEW_MS;
  const isForService = authorization.scope.split("/")[2] === service;
  return isRight && isRecent && isForService
    ? { kind: "signed", chain: new SignatureChain(key, authorization) }
    : { kind: "refused", exception: "InvalidSignatureException" };
}

/** Each message's signature covers that of the message before. */
export class SignatureChain {
  readonly #key: Buffer;
  readonly #scope: string;
  #prior: string;

  constructor(key: Buffer, { scope, signature }: { scope: string; signature: string }) {
    this.#key = key;
    this.#scope = scope;
    this.#prior = signature;
  }

  /** Whether the next message is signed as it should be. */
  accepts(date: Date, body: Uint8Array, signature: Uint8Array): boolean {
    const stamp = date.toISOString().replace(/[-:]|\.\d{3}/g, "");
    const headers = Buffer.concat([Buffer.from("\x05:date\x08", "latin1"), int64(date.getTime())]);
    const text = [
      `${ALGORITHM}-PAYLOAD`,
      stamp,
      this.#scope,
      this.#prior,
      sha256(headers),
      sha256(body),
    ].join("\n");
    this.#prior = hmac(this.#key, text).toString("hex");
    return this.#prior === Buffer.from(signature).toString("hex");
  }
}

function parseAuthorization(text: string): Authorization | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, accessKeyId, scope, signedHeaders, signature] = pattern.exec(text) ?? [];
  return accessKeyId === undefined || scope === undefined || signature === undefined
    ? undefined
    : { accessKeyId, scope, signature, signedHeaders: (signedHeaders ?? "").split(";") };
}

function headerValue(headers: IncomingHttpHeaders, name: string): string {
  const value = name === "host" ? (headers.host ?? headers[":authority"]) : headers[name];
  return String(value).trim().replace(/ +/g, " ");
}

function signingKey(secret: string, scope: string): Buffer {
  let key = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split("/")) {
    key = hmac(key, part);
  }
  return key;
}

function hmac(key: Buffer, text: string): Buffer<ArrayBuffer> {
  return Buffer.from(createHmac("sha256", key).update(text).digest());
}

function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/** `20261121T200000Z` */
function dateMs(stamp: string): number {
  return Date.parse(
    stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
}
