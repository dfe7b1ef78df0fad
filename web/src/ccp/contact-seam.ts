/** Where a contact control panel says which contact the agent has: the page follows it. */
import type { AgentPage } from "../agent-page.ts";

/** What a panel may do with the page. */
export interface ContactSeam {
  /** The contact that the agent has now; `undefined`: none any more, and what was shown last stays. */
  readonly followContact: (contactId: string | undefined) => void;
}

/** A token in the page's address stays the right by which contacts are followed. */
export function contactSeamOf(page: AgentPage): ContactSeam {
  return {
    followContact: (contactId) => {
      if (contactId !== undefined) {
        const { token } = page.following.peek() ?? { token: undefined };
        page.following.value = { token, subject: { kind: "contact", id: contactId } };
      }
    },
  };
}
