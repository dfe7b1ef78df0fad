/** One-contact tokens: signed by the gateway, short-lived, good for one contact or one call: to look, and to correct roles. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { AssistSubject } from "./assist-log.ts";

/** What the tokens are made with. */
export interface AssistTokensOptions {
  /** Secret; the same on all nodes that shall take each other's tokens. */
  readonly secret: string;
  readonly clock: Clock;
}

/** A token, and until when it is good. */
export interface AssistToken {
  readonly token: string;
  /** Wall milliseconds. */
  readonly expiresAtMs: number;
}

/** What a good token opens. */
export interface AssistGrant {
  readonly subject: AssistSubject;
  /** Wall milliseconds. */
  readonly expiresAtMs: number;
}

const VERSION = "a1";
const MAX_CHARS = 1024;
const CLAIMS = z.strictObject({
  kind: z.enum(["call", "contact"]),
  id: z.string().min(1),
  expiresAtMs: z.number(),
});

/** Signs and reads tokens. */
export class AssistTokens {
  readonly #options: AssistTokensOptions;

  constructor(options: AssistTokensOptions) {
    this.#options = options;
  }

  issue({ kind, id }: AssistSubject, ttlSeconds: number): AssistToken {
    const expiresAtMs = Math.round(this.#options.clock.wallMs() + ttlSeconds * 1000);
    const claims = Buffer.from(JSON.stringify({ kind, id, expiresAtMs })).toString("base64url");
    const signed = `${VERSION}.${claims}`;
    return { token: `${signed}.${this.#sign(signed).toString("base64url")}`, expiresAtMs };
  }

  /** `undefined`: not one of ours, changed, or expired. */
  read(token: string): AssistGrant | undefined {
    const parts = token.length > MAX_CHARS ? [] : token.split(".");
    const [version, claims, signature] = parts;
    if (parts.length !== 3 || version !== VERSION || claims === undefined) {
      return undefined;
    }
    const expected = this.#sign(`${version}.${claims}`);
    const found = Buffer.from(signature ?? "", "base64url");
    if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
      return undefined;
    }
    const { data } = CLAIMS.safeParse(
      JSON.parse(Buffer.from(claims, "base64url").toString("utf8")),
    );
    return data !== undefined && this.#options.clock.wallMs() < data.expiresAtMs
      ? { subject: { kind: data.kind, id: data.id }, expiresAtMs: data.expiresAtMs }
      : undefined;
  }

  #sign(signed: string): Buffer {
    return createHmac("sha256", this.#options.secret).update(signed).digest();
  }
}
