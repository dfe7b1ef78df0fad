/** The port to the contact centre's contacts: who a call belongs to, what is known of it, where its results go. */
import type { CONTACT_CLUES, LOOKUP_OUTCOMES, RESULT_OUTCOMES } from "../core/connect-labels.ts";

/** A contact of Amazon Connect, as its call names it. */
export interface ContactIdentity {
  readonly contactId: string;
  /** Its attributes are kept there; `undefined`: the contact is the first of its chain. */
  readonly initialContactId: string | undefined;
  /** `undefined`: not said, and taken for the configured one. */
  readonly instanceId: string | undefined;
  /** Twelve digits. */
  readonly accountId: string | undefined;
}

/** What a contact may be found by. */
export type ContactClue =
  | { readonly by: "headers"; readonly identity: ContactIdentity }
  /** Keys that the contact flow pressed. Secret. */
  | { readonly by: "code"; readonly code: string }
  /** The caller's. Private. */
  | { readonly by: "number"; readonly number: string };

/** Name of a {@link ContactClue}. */
export type ContactClueKind = (typeof CONTACT_CLUES)[number];

/** What is known of a contact. The attributes are private. */
export interface FoundContact {
  readonly identity: ContactIdentity | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What came of a question. */
export type LookupOutcome = (typeof LOOKUP_OUTCOMES)[number];

/** An answer. */
export interface ContactAnswer {
  readonly outcome: LookupOutcome;
  /** Present with `found` only. */
  readonly contact?: FoundContact | undefined;
}

/** What became of results. */
export type ResultOutcome = (typeof RESULT_OUTCOMES)[number];

/**
 * Finds contacts and writes to them.
 *
 * - Both methods MUST resolve soon after the signal aborts (`timedOut`), and MUST NOT reject.
 * - A code MUST be found once only.
 */
export interface ContactDirectory {
  find(clue: ContactClue, signal: AbortSignal): Promise<ContactAnswer>;
  /** Adds attributes, those of the same names are replaced; tries again for as long as the signal lets it. */
  write(
    identity: ContactIdentity,
    attributes: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ResultOutcome>;
}

/** A contact that is about to be transferred here over a network that carries no metadata. All of it is private. */
export interface ContactAnnouncement {
  /** Of the caller; `undefined`: found by its code only. */
  readonly number: string | undefined;
  /** Keys that the contact flow will press; `undefined`: one is made up where there is no number. */
  readonly code: string | undefined;
  readonly identity: ContactIdentity;
  readonly attributes: Readonly<Record<string, string>>;
  /** `undefined`: as configured. */
  readonly ttlSeconds: number | undefined;
}

/** What was announced. */
export interface AnnouncedContact {
  /** Keys to press; `undefined`: found by its number. */
  readonly code: string | undefined;
  readonly expiresAtMs: number;
}

/** Takes announcements. */
export interface ContactRegister {
  /** @throws GatewayError ANNOUNCEMENTS_FULL, ANNOUNCEMENT_CODE_TAKEN. */
  announce(announcement: ContactAnnouncement): AnnouncedContact;
}
