/** Where a contact control panel says which contact the agent has: the page follows it. */
import type { AgentPage } from "../agent-page.ts";

/** Tokens of contacts that the agent may come back to. */
const MAX_TOKENS = 30;

/** Between a panel and the page. */
export class ContactSeam {
  readonly #page: AgentPage;
  /** By contact id: each opens one contact. */
  readonly #tokens = new Map<string, string>();

  constructor(page: AgentPage) {
    this.#page = page;
  }

  /**
   * The contact that the agent has now; `undefined`: none any more, and what was shown of it goes.
   * A token in the page's address stays the right by which contacts are followed, until another one is known.
   */
  followContact(contactId: string | undefined, initialContactId?: string): void {
    const { following } = this.#page;
    const before = following.peek();
    if (before?.subject?.kind === "contact" && before.token !== undefined) {
      this.#keep(before.subject.id, before.token);
    }
    if (contactId === undefined) {
      // Before the panel had a contact, the address says what is followed.
      if (before?.subject?.kind === "contact" && before.subject.isOfPanel === true) {
        following.value = undefined;
      }
      return;
    }
    const token = this.#tokens.get(contactId) ?? before?.token;
    const alsoId = initialContactId === contactId ? undefined : initialContactId;
    const also = alsoId === undefined ? {} : { alsoId };
    following.value = {
      token,
      subject: { kind: "contact", id: contactId, isOfPanel: true, ...also },
    };
  }

  /** Without a contact it is for the one that is followed. */
  takeToken(token: string, contactId: string | undefined): void {
    const { following } = this.#page;
    const before = following.peek();
    const followed = before?.subject?.kind === "contact" ? before.subject.id : undefined;
    if (contactId !== undefined) {
      this.#keep(contactId, token);
    }
    if ((contactId === undefined || contactId === followed) && token !== before?.token) {
      following.value = { token, subject: before?.subject };
    }
  }

  #keep(contactId: string, token: string): void {
    this.#tokens.delete(contactId);
    this.#tokens.set(contactId, token);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > MAX_TOKENS && oldest !== undefined) {
      this.#tokens.delete(oldest);
    }
  }
}
