/** The contact control panel beside the page: which one, how it is, and that the page follows the contact in it. */
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Clock } from "../../../src/core/clock.ts";
import type { AgentPage } from "../agent-page.ts";
import {
  type CcpSettings,
  type CheckedSettings,
  checkSettings,
  type TypedSettings,
} from "./ccp-address.ts";
import type { CcpContact } from "./ccp-contact.ts";
import { applyFact, type CcpFact, type CcpState, NO_PANEL } from "./ccp-state.ts";
import { ContactSeam } from "./contact-seam.ts";

/** What the gateway says before anything else. */
export interface GatewaySettings {
  readonly ccp: CcpSettings | undefined;
  /** Origins of pages around ours whose tokens are taken, beside our own. */
  readonly tokenOrigins: readonly string[];
}

/** What this browser was told earlier: settings, or that no panel is wanted; never a secret. */
export interface SettingsStore {
  read(): TypedSettings | "off" | undefined;
  write(settings: TypedSettings | "off"): void;
}

/** A panel that is open. */
export interface Panel {
  /** By a hand on a button: browsers let a window open then. */
  readonly logIn: () => void;
  readonly accept: (contactId: string) => void;
}

/** Opens the panel; facts come from then on. */
export type OpenPanel = (
  settings: CcpSettings,
  ears: { readonly tell: (fact: CcpFact) => void; readonly clock: Clock },
) => Promise<Panel>;

/** What it works with. */
export interface ContactControlOptions {
  readonly page: AgentPage;
  readonly clock: Clock;
  readonly store: SettingsStore;
  readonly askSettings: () => Promise<GatewaySettings | undefined>;
  /** Of our own page. */
  readonly ownOrigin: string;
  /** Loads the page anew: a window takes one panel only. */
  readonly reload: () => void;
  /** Says to the page around ours, where its origin is one of these, which contact is followed. */
  readonly tellParent: (message: object, origins: readonly string[]) => void;
}

/** Works from `start` on. */
export class ContactControl {
  readonly settings: Signal<CcpSettings | undefined> = signal(undefined);
  /** What the gateway is configured with. */
  readonly known: Signal<CcpSettings | undefined> = signal(undefined);
  readonly state: Signal<CcpState> = signal(NO_PANEL);
  readonly isConfiguring = signal(false);
  /** Whether the page speaks of panels at all. */
  readonly isOffered = signal(false);
  readonly active: ReadonlySignal<CcpContact | undefined> = computed(() => {
    const { contacts, activeId } = this.state.value;
    return contacts.find(({ contactId }) => contactId === activeId);
  });
  readonly #options: ContactControlOptions;
  readonly #seam: ContactSeam;
  #origins: readonly string[] = [];
  #panel: Panel | undefined;
  #isOpening = false;
  #isFollowing = false;

  constructor(options: ContactControlOptions) {
    this.#options = options;
    this.#seam = new ContactSeam(options.page);
  }

  /** What this browser was told goes before what the gateway is configured with. */
  async start(isOff: boolean): Promise<void> {
    const told = await this.#options.askSettings();
    this.#origins = told?.tokenOrigins ?? [];
    this.known.value = told?.ccp;
    this.isOffered.value = !isOff;
    if (isOff) {
      return;
    }
    const stored = this.#options.store.read();
    const checked =
      stored === undefined || stored === "off" ? undefined : checkSettings(stored, told?.ccp);
    if (stored === "off") {
      return;
    }
    this.#use(checked?.ok === true ? checked.settings : told?.ccp);
  }

  /** Opens the panel, once. */
  openWith(openPanel: OpenPanel): void {
    const settings = this.settings.peek();
    if (settings === undefined || this.#isOpening) {
      return;
    }
    this.#isOpening = true;
    this.take({ kind: "panel", phase: "loading" });
    const tell = (fact: CcpFact): void => this.take(fact);
    const { clock } = this.#options;
    void openPanel(settings, { tell, clock }).then((panel) => {
      this.#panel = panel;
    });
  }

  take(fact: CcpFact): void {
    this.state.value = applyFact(this.state.peek(), fact);
  }

  logIn(): void {
    this.#panel?.logIn();
  }

  accept(contactId: string): void {
    this.#panel?.accept(contactId);
  }

  pick(contactId: string): void {
    this.take({ kind: "pick", contactId });
  }

  /** Takes what was typed in, or says what is wrong with it. */
  save(typed: TypedSettings): CheckedSettings {
    const checked = checkSettings(typed, this.known.peek());
    if (checked.ok) {
      const { url, region } = checked.settings;
      this.#options.store.write({ url, region: region ?? "" });
      this.isConfiguring.value = false;
      this.#change(checked.settings);
    }
    return checked;
  }

  /** No panel on this browser until it is set again. */
  turnOff(): void {
    this.#options.store.write("off");
    this.isConfiguring.value = false;
    this.#change(undefined);
  }

  reload(): void {
    this.#options.reload();
  }

  /** A token that the page around ours hands over: for this contact, or for the one that is followed. */
  takeToken(origin: string, message: unknown): void {
    const { type, token, contactId } = (message ?? {}) as Readonly<Record<string, unknown>>;
    if (type !== "trunkline-token" || !this.#isTrusted(origin)) {
      return;
    }
    if (typeof token === "string" && token !== "" && token.length <= MAX_TOKEN_CHARS) {
      this.#seam.takeToken(token, typeof contactId === "string" ? contactId : undefined);
    }
  }

  #isTrusted(origin: string): boolean {
    return origin === this.#options.ownOrigin || this.#origins.includes(origin);
  }

  #change(settings: CcpSettings | undefined): void {
    if (this.#isOpening) {
      this.#options.reload();
    } else {
      this.#use(settings);
    }
  }

  #use(settings: CcpSettings | undefined): void {
    this.settings.value = settings;
    this.#options.page.isLed.value = settings !== undefined;
    if (settings !== undefined && !this.#isFollowing) {
      this.#isFollowing = true;
      this.#follow();
    }
  }

  #follow(): void {
    let followed: string | undefined;
    effect(() => {
      const active = this.active.value;
      if (active?.contactId === followed) {
        return;
      }
      followed = active?.contactId;
      this.#seam.followContact(active?.contactId, active?.initialContactId);
      if (active !== undefined) {
        const { contactId, initialContactId = contactId } = active;
        const message = { type: "trunkline-contact", contactId, initialContactId };
        this.#options.tellParent(message, this.#origins);
      }
    });
  }
}

const MAX_TOKEN_CHARS = 4096;
