/** Finds a contact wherever it may be known: announced here, known to a service of the operator's, or to Amazon Connect. */
import type {
  ContactAnswer,
  ContactClue,
  ContactDirectory,
  ContactIdentity,
  ResultOutcome,
} from "../ports/contact-directory.ts";
import type { ConnectContacts } from "./connect-contacts.ts";
import type { ContactBook } from "./contact-book.ts";
import type { ContactWebhook } from "./contact-webhook.ts";

/** Who may be asked, in this order. */
export interface ContactDeskOptions {
  readonly book: Pick<ContactBook, "find">;
  readonly webhook: Pick<ContactWebhook, "find"> | undefined;
  /** `undefined`: no instance is configured. */
  readonly contacts: Pick<ConnectContacts, "find" | "write"> | undefined;
}

/** See the port. */
export class ContactDesk implements ContactDirectory {
  readonly #options: ContactDeskOptions;

  constructor(options: ContactDeskOptions) {
    this.#options = options;
  }

  async find(clue: ContactClue, signal: AbortSignal): Promise<ContactAnswer> {
    const { book, webhook, contacts } = this.#options;
    if (clue.by === "headers") {
      return (await contacts?.find(clue.identity, signal)) ?? { outcome: "unknown" };
    }
    const announced = book.find(clue);
    const answer: ContactAnswer =
      announced === undefined
        ? ((await webhook?.find(clue, signal)) ?? { outcome: "unknown" })
        : { outcome: "found", contact: announced };
    return await this.#completed(answer, signal);
  }

  write(
    identity: ContactIdentity,
    attributes: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ResultOutcome> {
    const { contacts } = this.#options;
    return contacts?.write(identity, attributes, signal) ?? Promise.resolve("unknown");
  }

  /** Whoever announced only the id has left the attributes with Amazon Connect. */
  async #completed(answer: ContactAnswer, signal: AbortSignal): Promise<ContactAnswer> {
    const { contacts } = this.#options;
    const { contact } = answer;
    const isBare = contact !== undefined && Object.keys(contact.attributes).length === 0;
    if (!isBare || contact.identity === undefined || contacts === undefined) {
      return answer;
    }
    const asked = await contacts.find(contact.identity, signal);
    return asked.contact === undefined ? answer : asked;
  }
}
