/** The port through which a contact is followed, or no longer. */

/** `contactLens`: its segments are asked for; `chatStreaming`: its messages are sent to a topic of Amazon SNS. */
export type ContactSourceKind = "contactLens" | "chatStreaming";

/** A contact that is followed by Contact Lens. */
export interface FollowedContactView {
  readonly contactId: string;
  /** Wall milliseconds. */
  readonly startedAtMs: number;
  /** Utterances that were heard to their end. */
  readonly utterances: number;
}

/** Follows contacts. */
export interface ContactSources {
  /**
   * Resolves when the contact is followed; one that is already stays so.
   * Rejects with CONTACT_SOURCE_OFF, CONTACTS_FULL, CONTACT_NOT_CHAT or CONTACT_STREAMING_FAILED.
   */
  follow(contactId: string, source: ContactSourceKind): Promise<void>;
  /** `false`: it was not followed. Rejects with CONTACT_STREAMING_FAILED. */
  unfollow(contactId: string): Promise<boolean>;
  list(): readonly FollowedContactView[];
}
