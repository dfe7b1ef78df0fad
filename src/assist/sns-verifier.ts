/** Whether a message of Amazon SNS is genuine: its certificate comes from the topic's own host, and the signature fits. */
import { verify, X509Certificate } from "node:crypto";
import { BoundedMap } from "../core/bounded-map.ts";
import type { Clock } from "../core/clock.ts";
import type { NotificationOutcome } from "../ports/chat-assistant.ts";
import type { TextFetcher } from "../ports/text-fetcher.ts";
import { hostOfTopic, isAt, type SnsMessage, signedTextOf } from "./sns-message.ts";

/** What a verifier works with. */
export interface SnsVerifierOptions {
  readonly clock: Clock;
  readonly fetchText: TextFetcher;
}

/** Why a message is not believed. */
export type SnsRefusal = Extract<
  NotificationOutcome,
  "certificateRefused" | "certificateFailed" | "signatureWrong" | "stale"
>;

/** SNS gives up delivering within the hour. */
const MAX_AGE_MS = 3_600_000;
/** Clocks differ. */
const MAX_AHEAD_MS = 300_000;
const MAX_CERTIFICATES = 16;
/** Certificates that are fetched at a time. */
const MAX_FETCHES = 4;
const CERTIFICATE_BOUNDS = { maxBytes: 32_768, timeoutMs: 5000 } as const;
const CERTIFICATE_PATH = /^\/SimpleNotificationService-[0-9a-f]{1,64}\.pem$/;

/** Keeps certificates, since they change about once a year. */
export class SnsVerifier {
  readonly #options: SnsVerifierOptions;
  readonly #certificates = new BoundedMap<string, X509Certificate>(MAX_CERTIFICATES);
  readonly #fetching = new Map<string, Promise<X509Certificate | undefined>>();

  constructor(options: SnsVerifierOptions) {
    this.#options = options;
  }

  /** Why not; `undefined`: it is genuine. Never rejects. */
  async refusalOf(message: SnsMessage): Promise<SnsRefusal | undefined> {
    const { SigningCertURL: url, TopicArn, Timestamp } = message;
    const host = hostOfTopic(TopicArn);
    if (host === undefined || !isAt(url, host) || !isCertificatePath(url)) {
      return "certificateRefused";
    }
    const nowMs = this.#options.clock.wallMs();
    const ageMs = nowMs - Date.parse(Timestamp);
    if (!(ageMs <= MAX_AGE_MS && ageMs >= -MAX_AHEAD_MS)) {
      return "stale";
    }
    const certificate = await this.#certificateAt(url);
    if (certificate === undefined) {
      return "certificateFailed";
    }
    const isValid =
      Date.parse(certificate.validFrom) <= nowMs && nowMs <= Date.parse(certificate.validTo);
    if (!isValid || certificate.publicKey.asymmetricKeyType !== "rsa") {
      return "certificateRefused";
    }
    return isSignedBy(message, certificate) ? undefined : "signatureWrong";
  }

  async #certificateAt(url: string): Promise<X509Certificate | undefined> {
    const known = this.#certificates.get(url);
    if (known !== undefined) {
      return known;
    }
    const running = this.#fetching.get(url);
    if (running !== undefined) {
      return await running;
    }
    if (this.#fetching.size >= MAX_FETCHES) {
      return undefined;
    }
    const fetched = this.#fetch(url).finally(() => this.#fetching.delete(url));
    this.#fetching.set(url, fetched);
    return await fetched;
  }

  async #fetch(url: string): Promise<X509Certificate | undefined> {
    const answer = await this.#options.fetchText(url, CERTIFICATE_BOUNDS);
    if (answer?.status !== 200) {
      return undefined;
    }
    try {
      const certificate = new X509Certificate(answer.text);
      this.#certificates.set(url, certificate);
      return certificate;
    } catch {
      return undefined;
    }
  }
}

function isCertificatePath(url: string): boolean {
  const { pathname, search, hash } = new URL(url);
  return CERTIFICATE_PATH.test(pathname) && search === "" && hash === "";
}

function isSignedBy(message: SnsMessage, certificate: X509Certificate): boolean {
  const digest = message.SignatureVersion === "1" ? "RSA-SHA1" : "RSA-SHA256";
  const signature = Buffer.from(message.Signature, "base64");
  try {
    return verify(digest, Buffer.from(signedTextOf(message)), certificate.publicKey, signature);
  } catch {
    return false;
  }
}
