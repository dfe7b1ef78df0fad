/** The port through which contacts are listened to that reach us by no call. */
import type { CallId } from "../core/ids.ts";
import type { AssistRole } from "./assist-events.ts";

/** One Kinesis Video stream of a contact. */
export interface ContactStream {
  readonly streamArn: string;
  /** Where to begin; `undefined`: now. */
  readonly startFragmentNumber: string | undefined;
  /** Who speaks on it, where all of it is one party's (Voice Connector); `undefined`: its tracks say so (Connect). */
  readonly role: Extract<AssistRole, "customer" | "agent"> | undefined;
}

/** What is to be listened to. */
export interface ContactOrder {
  readonly contactId: string;
  /** The customer's, where it is known; empty: it is not. */
  readonly phoneNumber: string;
  /** 1 to 4. */
  readonly streams: readonly ContactStream[];
}

/** Listens, until the contact ends. */
export interface ContactListener {
  /** Throws CONTACT_KNOWN, CALL_DRAINING, CALL_CAP_REACHED, ROUTE_NOT_FOUND. What is wrong with the streams shows later. */
  listen(order: ContactOrder): CallId;
  /** Listens to the contact no longer; `false`: it did not. */
  leave(contactId: string): boolean;
}
