/** What follows from a registrar's answer, and how long to wait for what: RFC 3261 "Registrations" as functions. */
import type { Random } from "../../core/random.ts";
import type { HeaderLookup } from "../../ports/signaling-server.ts";
import type { RegistrationFailure } from "../../ports/trunk-directory.ts";

/** What the registrar said. */
export interface RegistrarAnswer {
  readonly status: number;
  readonly header: HeaderLookup;
}

/** What we asked for. */
export interface AskedRegistration {
  readonly expiresSeconds: number;
  /** A parameter of our Contact by which we find it among others. */
  readonly mark: string;
}

/** What an answer means. */
export type RegistrationOutcome =
  | { readonly kind: "granted"; readonly expiresSeconds: number }
  /** 423 Interval Too Brief: the registrar wants at least so many seconds. */
  | { readonly kind: "tooBrief"; readonly minExpiresSeconds: number }
  | { readonly kind: "failed"; readonly failure: RegistrationFailure };

const MAX_EXPIRES_SECONDS = 86_400;
const FAILURES: Readonly<Record<number, RegistrationFailure>> = {
  401: "credentialsRefused",
  403: "forbidden",
  404: "userUnknown",
  407: "credentialsRefused",
  408: "noAnswer",
  423: "expiryRefused",
  503: "unavailable",
};

/** Reads an answer. */
export function outcomeOf(answer: RegistrarAnswer, asked: AskedRegistration): RegistrationOutcome {
  const { status, header } = answer;
  if (status >= 200 && status < 300) {
    const expiresSeconds = grantedSeconds(header, asked);
    return expiresSeconds > 0
      ? { kind: "granted", expiresSeconds }
      : { kind: "failed", failure: "refused" };
  }
  const minExpiresSeconds = seconds(header("Min-Expires"));
  if (
    status === 423 &&
    minExpiresSeconds !== undefined &&
    minExpiresSeconds > asked.expiresSeconds &&
    minExpiresSeconds <= MAX_EXPIRES_SECONDS
  ) {
    return { kind: "tooBrief", minExpiresSeconds };
  }
  return { kind: "failed", failure: FAILURES[status] ?? "refused" };
}

/** The `expires` of our own Contact, else of the message, else what we asked for. */
function grantedSeconds(header: HeaderLookup, { mark, expiresSeconds }: AskedRegistration): number {
  const ours = contactsOf(header("Contact") ?? "").find((contact) => contact.includes(mark));
  const ownSeconds = seconds(/;\s*expires\s*=\s*"?(\d+)/i.exec(afterUri(ours ?? ""))?.[1]);
  const granted = ownSeconds ?? seconds(header("Expires")) ?? expiresSeconds;
  return Math.min(granted, MAX_EXPIRES_SECONDS);
}

/** Contacts are joined by commas, which may also stand between quotes and within brackets. */
function contactsOf(header: string): readonly string[] {
  return header.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<])+/g) ?? [];
}

function afterUri(contact: string): string {
  return contact.slice(contact.lastIndexOf(">") + 1);
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}

/** When a binding is refreshed: after 80 to 90 % of its time, so that there is time to try again, and not all at once. */
export function refreshAfterMs(expiresSeconds: number, random: Random): number {
  return Math.round(expiresSeconds * (800 + fraction(random) * 100));
}

/** How long retries wait. */
export interface RetryPause {
  readonly retrySeconds: number;
  readonly maxRetrySeconds: number;
}

/**
 * The wait before the next attempt: doubled with each failure up to the cap, of which 50 to 100 % (RFC 5626 "Flow
 * Recovery"); never less than the registrar's Retry-After, as far as that is within the cap.
 */
export function retryAfterMs(
  failures: number,
  { retrySeconds, maxRetrySeconds }: RetryPause,
  random: Random,
  retryAfter: string | undefined,
): number {
  const doubled = retrySeconds * 2 ** Math.min(failures - 1, 20);
  const waitSeconds = Math.min(doubled, maxRetrySeconds) * (0.5 + fraction(random) / 2);
  const askedSeconds = Number.parseInt(retryAfter ?? "", 10);
  const leastSeconds = Number.isNaN(askedSeconds) ? 0 : Math.min(askedSeconds, maxRetrySeconds);
  return Math.round(Math.max(waitSeconds, leastSeconds) * 1000);
}

function fraction(random: Random): number {
  return random.uint32() / 2 ** 32;
}
