/** What the library's objects say, read at the border: they throw for what is gone, and have `null` against their types. */

import type { ContactAttribute, ContactSnapshot } from "./ccp-contact.ts";
import type { CcpAgent } from "./ccp-state.ts";

/** A contact of the library, as far as the page reads it. */
export interface LibraryContact {
  getContactId(): string;
  getInitialContactId(): unknown;
  getType(): unknown;
  isInbound(): unknown;
  getQueue(): unknown;
  getState(): unknown;
  getAttributes(): unknown;
  getInitialConnection(): unknown;
}

/** An agent of the library, as far as the page reads them. */
export interface LibraryAgent {
  getState(): unknown;
  getNextState?(): unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** Bounds of what is shown of one contact. */
const MAX_ATTRIBUTES = 100;
const MAX_CHARS = 1000;

/** What it says, with blanks where it cannot say any more. */
export function readContact(contact: LibraryContact): ContactSnapshot {
  const initialContactId = textOf(() => contact.getInitialContactId());
  return {
    contactId: contact.getContactId(),
    initialContactId,
    channel: textOf(() => contact.getType()) ?? "voice",
    isInbound: tried(() => contact.isInbound()) !== false,
    queue: textOf(() => fieldsOf(contact.getQueue())["name"]),
    stateType: textOf(() => fieldsOf(contact.getState())["type"]) ?? "",
    customer: textOf(() => endpointOf(contact)),
    isOnHold: tried(() => stateOfConnection(contact) === "hold") === true,
    attributes: attributesOf(tried(() => contact.getAttributes())),
  };
}

/** The agent's state; what they are next, where the panel knows it. */
export function readAgent(agent: LibraryAgent): CcpAgent {
  const state = fieldsOf(tried(() => agent.getState()));
  const name = textOf(() => state["name"]) ?? "";
  const next = tried(() => agent.getNextState?.());
  return {
    stateName: name,
    kind: kindOf(name, state["type"]),
    nextStateName: textOf(() => fieldsOf(next)["name"]),
  };
}

function kindOf(name: string, type: unknown): CcpAgent["kind"] {
  if (/^after(?:call|contact)work$/i.test(name)) {
    return "afterWork";
  }
  switch (type) {
    case "routable":
      return "routable";
    case "offline":
      return "offline";
    case "error":
      return "error";
    case "init":
      return "init";
    default:
      return "notRoutable";
  }
}

/** `null` where a supervisor listens. */
function attributesOf(value: unknown): readonly ContactAttribute[] {
  return Object.entries(fieldsOf(value))
    .slice(0, MAX_ATTRIBUTES)
    .flatMap(([key, one]) => {
      const { name, value: said } = fieldsOf(one);
      return typeof said === "string" && said !== ""
        ? [{ name: cut(typeof name === "string" ? name : key), value: cut(said) }]
        : [];
    });
}

function endpointOf(contact: LibraryContact): unknown {
  const connection = contact.getInitialConnection() as { getEndpoint?: () => unknown } | null;
  const { phoneNumber, name } = fieldsOf(connection?.getEndpoint?.());
  return phoneNumber ?? name;
}

function stateOfConnection(contact: LibraryContact): unknown {
  const connection = contact.getInitialConnection() as { getState?: () => unknown } | null;
  return fieldsOf(connection?.getState?.())["type"];
}

function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function textOf(read: () => unknown): string | undefined {
  const value = tried(read);
  return typeof value === "string" && value !== "" ? cut(value) : undefined;
}

function cut(text: string): string {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
