/** What the page knows of the panel: facts of the library go in, a new state comes out. */
import {
  type CcpContact,
  type ContactEvent,
  type ContactSnapshot,
  isHad,
  phaseAfter,
} from "./ccp-contact.ts";

/** How an agent is, by what may be routed to them. */
export type AgentKind = "init" | "routable" | "notRoutable" | "offline" | "afterWork" | "error";

/** The agent, as the panel has them. */
export interface CcpAgent {
  /** As the instance calls it, such as Available or Lunch. */
  readonly stateName: string;
  readonly kind: AgentKind;
  /** What they are as soon as the contact is over. */
  readonly nextStateName: string | undefined;
}

/** How the panel itself is. */
export type PanelPhase =
  | "off"
  | "loading"
  /** It said nothing yet: the agent has to log in, or the instance does not let this page show it. */
  | "silent"
  /** It was tried again and again. */
  | "unreachable"
  | "notLoggedIn"
  | "denied"
  | "ready"
  | "libraryMissing";

/** Something that was told. */
export type CcpFact =
  | { readonly kind: "panel"; readonly phase: PanelPhase }
  | { readonly kind: "popup"; readonly isOpen: boolean }
  | { readonly kind: "agent"; readonly agent: CcpAgent }
  | { readonly kind: "trouble"; readonly text: string | undefined }
  | { readonly kind: "pick"; readonly contactId: string }
  | {
      readonly kind: "contact";
      readonly event: ContactEvent;
      readonly contact: ContactSnapshot;
    };

/** All of it. */
export interface CcpState {
  readonly panel: PanelPhase;
  /** `false`: the browser did not let the log-in open; `undefined`: none was wanted yet. */
  readonly isPopupOpen: boolean | undefined;
  readonly agent: CcpAgent | undefined;
  /** In the order in which they came. */
  readonly contacts: readonly CcpContact[];
  /** The one that the page follows. */
  readonly activeId: string | undefined;
  /** What went wrong last, in the panel's words. */
  readonly trouble: string | undefined;
}

/** Before anything is known. */
export const NO_PANEL: CcpState = {
  panel: "off",
  isPopupOpen: undefined,
  agent: undefined,
  contacts: [],
  activeId: undefined,
  trouble: undefined,
};

/** More at a time no instance gives an agent: further ones are left out. */
const MAX_CONTACTS = 30;

/** The state after a fact. */
export function applyFact(state: CcpState, fact: CcpFact): CcpState {
  switch (fact.kind) {
    case "panel":
      return afterPanel(state, fact.phase);
    case "popup":
      return { ...state, isPopupOpen: fact.isOpen };
    case "agent":
      return { ...state, agent: fact.agent };
    case "trouble":
      return { ...state, trouble: fact.text };
    case "pick":
      return state.contacts.some(({ contactId }) => contactId === fact.contactId)
        ? { ...state, activeId: fact.contactId }
        : state;
    case "contact":
      return fact.event === "destroyed"
        ? without(state, fact.contact.contactId)
        : withContact(state, fact.event, fact.contact);
  }
}

/** Of an agent who is logged out, no contact is known any more. */
function afterPanel(state: CcpState, panel: PanelPhase): CcpState {
  const isGone = panel === "notLoggedIn" || panel === "denied" || panel === "off";
  const isPopupOpen = panel === "ready" ? undefined : state.isPopupOpen;
  return isGone ? { ...NO_PANEL, panel, isPopupOpen } : { ...state, panel, isPopupOpen };
}

function withContact(
  state: CcpState,
  event: Exclude<ContactEvent, "destroyed">,
  snapshot: ContactSnapshot,
): CcpState {
  const index = state.contacts.findIndex(({ contactId }) => contactId === snapshot.contactId);
  const before = state.contacts[index];
  if (before === undefined && state.contacts.length >= MAX_CONTACTS) {
    return state;
  }
  const contact = { ...snapshot, phase: phaseAfter(before?.phase, event, snapshot.stateType) };
  const contacts =
    before === undefined ? [...state.contacts, contact] : state.contacts.with(index, contact);
  const isNew = contact.phase === "accepted" || contact.phase === "connected";
  const wasHad = before !== undefined && isHad(before.phase);
  const active = contacts.find(({ contactId }) => contactId === state.activeId);
  // What was just accepted is what the agent turns to; what goes on does not take the page from another one.
  const takesOver = isHad(contact.phase) && ((isNew && !wasHad) || active === undefined);
  return { ...state, contacts, activeId: takesOver ? contact.contactId : state.activeId };
}

function without(state: CcpState, contactId: string): CcpState {
  const contacts = state.contacts.filter((one) => one.contactId !== contactId);
  const next = contacts.findLast(({ phase }) => isHad(phase))?.contactId;
  return { ...state, contacts, activeId: state.activeId === contactId ? next : state.activeId };
}
