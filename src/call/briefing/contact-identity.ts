/** Which contact of Amazon Connect an invitation names: the headers of its transfer connector, and User-to-User. */
import type { ContactIdentity } from "../../ports/contact-directory.ts";
import { decodeUserToUser } from "../../siprec/user-to-user.ts";

/** Gives the first value of a header field. */
export type HeaderOf = (name: string) => string | undefined;

const CONTACT_ID = /^[0-9A-Za-z-]{1,256}$/;
const ACCOUNT_ID = /^\d{12}$/;
const INSTANCE = /:instance\/([0-9A-Za-z-]{1,100})(?:\/|$)/;
const MAX_TEXT = 1024;
const MAX_FIELDS = 32;

/** `undefined`: the headers name none, or one that no contact can have. */
export function contactIdentityOf(header: HeaderOf): ContactIdentity | undefined {
  const contactId = wellFormed(header("X-Amzn-ConnectContactId"), CONTACT_ID);
  if (contactId === undefined) {
    return undefined;
  }
  return {
    contactId,
    initialContactId: wellFormed(header("X-Amzn-ConnectInitialContactId"), CONTACT_ID),
    instanceId: INSTANCE.exec(header("X-Amzn-SourceArn") ?? "")?.[1],
    accountId: wellFormed(header("X-Amzn-SourceAccount"), ACCOUNT_ID),
  };
}

/** What User-to-User says: the members of a JSON object by name, any other text as `userToUser`. Private. */
export function userToUserVariables(header: HeaderOf): Readonly<Record<string, string>> {
  const text = decodeUserToUser(header("User-to-User") ?? "")
    .map((value) => value.text)
    .find((each) => each !== undefined);
  return text === undefined ? {} : { userToUser: text.slice(0, MAX_TEXT), ...membersOf(text) };
}

function membersOf(text: string): Readonly<Record<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return {};
  }
  const members = Object.entries(value)
    .filter(([, member]) => ["string", "number", "boolean"].includes(typeof member))
    .slice(0, MAX_FIELDS);
  return Object.fromEntries(members.map(([name, member]) => [name, String(member)]));
}

function wellFormed(text: string | undefined, pattern: RegExp): string | undefined {
  const trimmed = text?.trim();
  return trimmed !== undefined && pattern.test(trimmed) ? trimmed : undefined;
}
