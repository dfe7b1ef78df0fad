/** The port to a service that transcribes contacts somewhere else: what it heard in each, and when a contact is over. */
import type { AssistRole, Sentiment } from "./assist-events.ts";

/** A piece of an analysis. Offsets are milliseconds since the contact began. */
export type ContactSegment =
  | {
      readonly kind: "utterance";
      /** The same for all versions of an utterance. */
      readonly utteranceId: string;
      readonly participantId: string;
      readonly role: AssistRole;
      readonly text: string;
      readonly final: boolean;
      readonly startMs: number;
      readonly endMs: number;
      readonly sentiment: Sentiment | undefined;
    }
  /** Rules of the service that fit. */
  | { readonly kind: "categories"; readonly names: readonly string[] }
  | { readonly kind: "summary"; readonly text: string };

/** How the analysis of a contact ended: `lost`, nothing can be had of it any more. */
export type AnalysisEnd = "completed" | "failed" | "lost";

/**
 * Hears of contacts.
 *
 * - Segments MAY come twice and out of order, and after the end.
 * - A contact that was not heard of begins with whatever is told of it first.
 */
export interface ContactListener {
  started(contactId: string): void;
  heard(contactId: string, segments: readonly ContactSegment[]): void;
  ended(contactId: string, how: AnalysisEnd): void;
  /** The source fails, or works again: of one contact, or of all where none is named. */
  health(ok: boolean, contactId?: string): void;
}
