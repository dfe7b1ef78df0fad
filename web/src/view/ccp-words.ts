/** The words of the page for what a contact control panel tells. */
import type { CcpContact, ContactPhase } from "../ccp/ccp-contact.ts";
import type { AgentKind, CcpAgent, CcpState } from "../ccp/ccp-state.ts";

/** Of a contact, by where it is. */
export const PHASE_WORDS: Readonly<Record<ContactPhase, string>> = {
  incoming: "Incoming",
  pending: "Pending",
  connecting: "Ringing",
  accepted: "Accepted",
  connected: "Connected",
  missed: "Missed",
  failed: "Failed",
  afterWork: "After contact work",
  ended: "Ended",
};

const KIND_WORDS: Readonly<Record<AgentKind, string>> = {
  init: "Getting ready",
  routable: "Available",
  notRoutable: "Not available",
  offline: "Offline",
  afterWork: "After contact work",
  error: "Error",
};

const CHANNEL_WORDS: Readonly<Record<string, string>> = {
  voice: "Call",
  queue_callback: "Callback",
  chat: "Chat",
  task: "Task",
  email: "Email",
};

/** What the agent is; states of the system have names of programs. */
export function agentWords({ stateName, kind, nextStateName }: CcpAgent): string {
  const isOwn =
    (kind === "notRoutable" || kind === "routable") && /^[\p{L}\p{N} .&/()-]+$/u.test(stateName);
  const now = isOwn ? stateName : KIND_WORDS[kind];
  return nextStateName === undefined ? now : `${now}, then ${nextStateName}`;
}

/** What it is, and from where. */
export function channelWords({ channel, isInbound, queue }: CcpContact): string {
  const what = CHANNEL_WORDS[channel] ?? channel;
  const way = isInbound ? "" : " out";
  return queue === undefined ? `${what}${way}` : `${what}${way} · ${queue}`;
}

/** A problem in plain words, and what to do about it. */
export interface Advice {
  readonly heading: string;
  readonly text: string;
  /** Whether the agent can open the log-in by hand. */
  readonly canLogIn: boolean;
  /** Whether this page may have to be let in by the instance first. */
  readonly originHint: boolean;
  readonly canReload: boolean;
}

const NOTHING_TO_DO = { canLogIn: false, originHint: false, canReload: false };

/** `undefined`: all is well, or it is loading. */
export function panelAdvice({ panel, isPopupOpen }: CcpState): Advice | undefined {
  switch (panel) {
    case "silent":
      return {
        heading: "Log in to Amazon Connect",
        text:
          isPopupOpen === undefined
            ? "The log-in opens in a window of its own. The panel then appears here by itself."
            : isPopupOpen
              ? "Log in in the window that opened. The panel then appears here by itself."
              : "Your browser did not let the log-in open. Open it with the button; the panel then appears here by itself.",
        canLogIn: true,
        originHint: true,
        canReload: false,
      };
    case "notLoggedIn":
      return {
        ...NOTHING_TO_DO,
        heading: "You are logged out",
        text: "Log in to Amazon Connect again. The panel then appears here by itself.",
        canLogIn: true,
      };
    case "denied":
      return {
        ...NOTHING_TO_DO,
        heading: "Amazon Connect does not let you in",
        text: "You are logged in, but may not use the contact control panel. Ask your administrator for the security profile of an agent, then load this page again.",
        canReload: true,
      };
    case "unreachable":
      return {
        heading: "The panel does not answer",
        text: "It was tried ten times. Log in to Amazon Connect in a tab of its own, then load this page again.",
        canLogIn: true,
        originHint: true,
        canReload: true,
      };
    case "libraryMissing":
      return {
        ...NOTHING_TO_DO,
        heading: "The panel was not loaded",
        text: "A file of this page is missing on the gateway. Load the page again.",
        canReload: true,
      };
    case "off":
    case "loading":
    case "ready":
      return undefined;
  }
}
