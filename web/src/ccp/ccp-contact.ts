/** Contacts in the panel: what the panel says of one, and which phase it is in after that. */

/** Where a contact is, in the order in which it goes. */
export type ContactPhase =
  | "incoming"
  | "pending"
  | "connecting"
  | "accepted"
  | "connected"
  | "missed"
  | "failed"
  | "afterWork"
  | "ended";

/** Something that the panel knows of the customer. */
export interface ContactAttribute {
  readonly name: string;
  readonly value: string;
}

/** A contact as the panel's snapshot has it. */
export interface ContactSnapshot {
  readonly contactId: string;
  /** Of the first contact of the conversation, where this one came from a transfer. */
  readonly initialContactId: string | undefined;
  readonly channel: string;
  readonly isInbound: boolean;
  readonly queue: string | undefined;
  /** State as the panel calls it. */
  readonly stateType: string;
  /** The customer's number or name. */
  readonly customer: string | undefined;
  readonly isOnHold: boolean;
  readonly attributes: readonly ContactAttribute[];
}

/** A contact as the page shows it. */
export interface CcpContact extends ContactSnapshot {
  readonly phase: ContactPhase;
}

/** What the panel tells of a contact; `refresh`: something about it may have changed. */
export type ContactEvent =
  | "incoming"
  | "pending"
  | "connecting"
  | "accepted"
  | "connected"
  | "missed"
  | "afterWork"
  | "ended"
  | "failed"
  | "destroyed"
  | "refresh";

/** Phases in which the agent has the customer, or still has work with them. */
export function isHad(phase: ContactPhase): boolean {
  return ["accepted", "connected", "afterWork"].includes(phase);
}

const PHASE_OF_STATE: Readonly<Record<string, ContactPhase>> = {
  incoming: "incoming",
  pending: "pending",
  connecting: "connecting",
  connected: "connected",
  missed: "missed",
  rejected: "missed",
  error: "failed",
  ended: "afterWork",
};

/** The phase after an event; the panel's own state counts where the event says nothing. */
export function phaseAfter(
  before: ContactPhase | undefined,
  event: Exclude<ContactEvent, "destroyed">,
  stateType: string,
): ContactPhase {
  const shown = PHASE_OF_STATE[stateType] ?? before ?? "pending";
  switch (event) {
    case "refresh":
      return calm(before, shown);
    case "ended":
      // Of one that was missed or failed, this says nothing new; of one that was had, work may be left.
      return before === undefined || before === "missed" || before === "failed"
        ? calm(before, shown)
        : shown === "afterWork"
          ? "afterWork"
          : "ended";
    case "failed":
      return before === "missed" ? "missed" : "failed";
    default:
      return event;
  }
}

/** A snapshot is older than the accept that was just confirmed, and calls what was missed an error. */
function calm(before: ContactPhase | undefined, shown: ContactPhase): ContactPhase {
  const isBehind = before === "accepted" && shown !== "connected" && shown !== "afterWork";
  const isVague = before === "missed" && shown === "failed";
  return isBehind && !["missed", "failed"].includes(shown)
    ? "accepted"
    : isVague
      ? "missed"
      : shown;
}
