/** The contact control panel by the genuine library: loaded when it is wanted, and its events told as facts. */
import libraryUrl from "amazon-connect-streams/release/connect-streams-min.js?url";
import { after, type Clock } from "../../../src/core/clock.ts";
import type { CcpSettings } from "./ccp-address.ts";
import type { ContactEvent } from "./ccp-contact.ts";
import type { CcpFact } from "./ccp-state.ts";
import type { OpenPanel, Panel } from "./contact-control.ts";
import { readAgent, readContact } from "./read-contact.ts";

type Library = typeof connect;
type Tell = (fact: CcpFact) => void;

/** How long the panel has to say its first word, and each of the next tries. */
const LOAD_MS = 8000;
const ANSWER_MS = 5000;
/** The library asks for a lock before it opens the log-in. */
const POPUP_MS = 700;
const POPUP_SIZE = { width: 460, height: 640 };

/** In this element; one for each window, the library takes no second one. */
export function streamsPanelIn(container: HTMLElement): OpenPanel {
  return async (settings, { tell, clock }) => {
    let library: Library;
    try {
      library = await loadLibrary();
    } catch {
      tell({ kind: "panel", phase: "libraryMissing" });
      return NO_PANEL_OPEN;
    }
    return begin(library, { container, settings, tell, clock });
  };
}

const NO_PANEL_OPEN: Panel = {
  logIn: () => undefined,
  accept: () => undefined,
};

interface Beginning {
  readonly container: HTMLElement;
  readonly settings: CcpSettings;
  readonly tell: Tell;
  readonly clock: Clock;
}

function begin(library: Library, { container, settings, tell, clock }: Beginning): Panel {
  // What it writes would be about contacts.
  library.getLog().setEchoLevel(library.LogLevel.ERROR);
  const { url, region } = settings;
  let ownWindow: Window | null = null;
  library.core.initCCP(container, {
    ccpUrl: url,
    ...(region === undefined ? {} : { region }),
    loginPopup: true,
    loginPopupAutoClose: true,
    loginOptions: { autoClose: true, ...POPUP_SIZE },
    softphone: { allowFramedSoftphone: true },
    iframeTitle: "Contact control panel of Amazon Connect",
    ccpLoadTimeout: LOAD_MS,
    ccpAckTimeout: ANSWER_MS,
  });
  const lookForPopup = (): void => {
    after(clock, POPUP_MS, () => tell({ kind: "popup", isOpen: hasPopup(library) }));
  };
  followPanel(library, {
    tell,
    lookForPopup,
    onReady: () => {
      ownWindow?.close();
      ownWindow = null;
    },
  });
  library.agent((agent) => followAgent(agent, tell));
  library.contact((contact) => followContact(contact, tell));
  return {
    logIn: () => {
      ownWindow = window.open(url, "trunkline-ccp-login");
      tell({ kind: "popup", isOpen: ownWindow !== null });
    },
    accept: (contactId) => {
      const contact = new library.Agent()
        .getContacts()
        .find((one) => one.getContactId() === contactId);
      contact?.accept({
        failure: () => tell({ kind: "trouble", text: "Amazon Connect did not let you accept." }),
      });
    },
  };
}

function hasPopup(library: Library): boolean {
  const { loginWindow } = library.core as unknown as { readonly loginWindow?: Window | null };
  return loginWindow !== undefined && loginWindow !== null && !loginWindow.closed;
}

interface PanelEars {
  readonly tell: Tell;
  readonly lookForPopup: () => void;
  readonly onReady: () => void;
}

function followPanel(
  { core, EventType }: Library,
  { tell, lookForPopup, onReady }: PanelEars,
): void {
  core.getEventBus().subscribe(EventType.ACK_TIMEOUT, () => {
    tell({ kind: "panel", phase: "silent" });
    lookForPopup();
  });
  core.onInitialized(() => {
    onReady();
    tell({ kind: "panel", phase: "ready" });
  });
  core.onAuthFail(() => {
    tell({ kind: "panel", phase: "notLoggedIn" });
    lookForPopup();
  });
  core.onAccessDenied(() => tell({ kind: "panel", phase: "denied" }));
  core.onIframeRetriesExhausted(() => tell({ kind: "panel", phase: "unreachable" }));
}

function followAgent(agent: connect.Agent, tell: Tell): void {
  const say = (): void => {
    tell({ kind: "panel", phase: "ready" });
    tell({ kind: "agent", agent: readAgent(agent) });
  };
  say();
  for (const listen of ["onRefresh", "onStateChange", "onRoutable", "onNotRoutable"] as const) {
    agent[listen](say);
  }
  for (const listen of ["onOffline", "onAfterCallWork", "onError"] as const) {
    agent[listen](say);
  }
  agent.onSoftphoneError((error) => tell({ kind: "trouble", text: softphoneWords(error) }));
}

/** Its type is a word of the library, such as `microphone_not_shared`. */
function softphoneWords(error: unknown): string {
  const { errorType } = (error ?? {}) as { readonly errorType?: unknown };
  const what = typeof errorType === "string" ? ` (${errorType.replaceAll("_", " ")})` : "";
  return `The softphone fails${what}. Let this site use the microphone, and load the page again.`;
}

const CONTACT_EVENTS: Readonly<Record<string, Exclude<ContactEvent, "destroyed">>> = {
  onIncoming: "incoming",
  onPending: "pending",
  onConnecting: "connecting",
  onAccepted: "accepted",
  onConnected: "connected",
  onMissed: "missed",
  onACW: "afterWork",
  onEnded: "ended",
  onError: "failed",
  onRefresh: "refresh",
};

function followContact(contact: connect.Contact, tell: Tell): void {
  const listeners = contact as unknown as Readonly<
    Record<string, (listen: (contact: connect.Contact) => void) => unknown>
  >;
  const say = (event: ContactEvent) => (): void =>
    tell({ kind: "contact", event, contact: readContact(contact) });
  for (const [name, event] of Object.entries(CONTACT_EVENTS)) {
    listeners[name]?.call(contact, say(event));
  }
  contact.onDestroy(say("destroyed"));
  say("refresh")();
}

function loadLibrary(): Promise<Library> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = libraryUrl;
    script.addEventListener("load", () => {
      const { connect: library } = window as unknown as { readonly connect?: Library };
      library === undefined ? reject(new Error("no library")) : resolve(library);
    });
    script.addEventListener("error", () => reject(new Error("not loaded")));
    document.head.append(script);
  });
}
