/** Which call of which other system this is: contact ids, UCIDs and GUIDs from headers, metadata and User-to-User. */
import type { RsMetadata } from "./rs-metadata.ts";
import { decodeUserToUser, type UserToUser } from "./user-to-user.ts";

/** Whose identifier it is. */
export type IdentifierKind =
  | "contactId"
  | "initialContactId"
  | "ucid"
  | "guid"
  | "conversationId"
  | "sipSessionId";

/** One identifier. */
export interface Identifier {
  readonly kind: IdentifierKind;
  readonly value: string;
  /** `header Cisco-Guid`, `metadata AvayaUCID`, `User-to-User`. */
  readonly from: string;
}

/** All that was found, the most reliable source of each kind first. */
export interface Correlation {
  readonly identifiers: readonly Identifier[];
  readonly userToUser: readonly UserToUser[];
}

/** Gives all values of a header field, without regard to case. */
export type HeaderReader = (name: string) => readonly string[];

const HEADERS: readonly (readonly [IdentifierKind, string])[] = [
  ["contactId", "X-Amzn-ConnectContactId"],
  ["initialContactId", "X-Amzn-ConnectInitialContactId"],
  ["ucid", "X-Avaya-UCID"],
  ["ucid", "X-UCID"],
  ["ucid", "X-Oracle-UCID"],
  ["ucid", "X-ISR-UCID"],
  ["guid", "Cisco-Guid"],
  ["guid", "X-Cisco-Guid"],
  ["conversationId", "X-Genesys-CallUUID"],
  ["conversationId", "X-Genesys-Conversation-Id"],
  ["conversationId", "X-Oracle-Conversation-ID"],
  ["sipSessionId", "Session-ID"],
];

/** By the last word of the name, without dashes and underscores, in lower case. */
const EXTENSIONS: readonly (readonly [IdentifierKind, RegExp])[] = [
  ["initialContactId", /initialcontactid$/],
  ["contactId", /contactid$/],
  ["ucid", /ucid$/],
  ["guid", /(?:guid|gcid|globalcallid)$/],
  ["conversationId", /(?:conversationid|genesysuuid|calluuid|interactionid)$/],
];
const MAX_VALUE_CHARACTERS = 256;
const IN_TEXT = /contact-?id["']?\s{0,3}[:=]\s{0,3}["']?([0-9a-f-]{36})/i;

/** Gathers what names the call elsewhere. */
export function correlate(header: HeaderReader, metadata: RsMetadata | undefined): Correlation {
  const userToUser = header("User-to-User").flatMap(decodeUserToUser);
  const found = [
    ...HEADERS.flatMap(([kind, name]) =>
      header(name).map((value) => ({ kind, value, from: `header ${name}` })),
    ),
    ...fromMetadata(metadata),
    ...userToUser.flatMap(fromUserToUser),
  ];
  const identifiers = new Map<string, Identifier>();
  for (const { kind, value, from } of found) {
    const usual = usualForm(kind, value.trim().slice(0, MAX_VALUE_CHARACTERS));
    if (usual !== "" && !identifiers.has(`${kind} ${usual}`)) {
      identifiers.set(`${kind} ${usual}`, { kind, value: usual, from });
    }
  }
  return { identifiers: [...identifiers.values()], userToUser };
}

/** The contact of Amazon Connect that the call belongs to. */
export function contactIdOf({ identifiers }: Correlation): string | undefined {
  return identifiers.find(({ kind }) => kind === "contactId")?.value;
}

function fromMetadata(metadata: RsMetadata | undefined): readonly Identifier[] {
  const extensions = (metadata?.extensions ?? []).flatMap(({ name, value }) => {
    const bare = name.toLowerCase().replaceAll(/[-_]/g, "");
    const kind = EXTENSIONS.find(([, pattern]) => pattern.test(bare))?.[0];
    return kind === undefined ? [] : [{ kind, value, from: `metadata ${name}` }];
  });
  const sessions = (metadata?.sessions ?? []).flatMap(({ sipSessionIds }) =>
    sipSessionIds.map((value) => ({
      kind: "sipSessionId" as const,
      value,
      from: "metadata sipSessionID",
    })),
  );
  return [...extensions, ...sessions];
}

function fromUserToUser({ bytes, text }: UserToUser): readonly Identifier[] {
  const from = "User-to-User";
  const contactId = IN_TEXT.exec(text ?? "")?.[1];
  const ucid = ucidOf(Buffer.from(bytes).toString("hex"));
  return [
    ...(contactId === undefined ? [] : [{ kind: "contactId" as const, value: contactId, from }]),
    ...(ucid === undefined ? [] : [{ kind: "ucid" as const, value: ucid, from }]),
  ];
}

function usualForm(kind: IdentifierKind, value: string): string {
  switch (kind) {
    case "ucid":
      return ucidOf(/^[0-9A-Fa-f]+(?=$|;\s*encoding=hex$)/i.exec(value)?.[0] ?? "") ?? value;
    case "guid":
      return hexGuidOf(value) ?? value;
    default:
      return value;
  }
}

/**
 * Avaya's call identifier in its 20 digits, from User-to-User data: an optional protocol discriminator, elements of tag,
 * length and value, of which tag FA is the identifier: node, sequence number, time.
 */
export function ucidOf(hex: string): string | undefined {
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : "", "hex");
  return [0, 1].map((start) => elementOf(bytes, start)).find((ucid) => ucid !== undefined);
}

const UCID_TAG = 0xfa;
const UCID_BYTES = 8;

function elementOf(bytes: Buffer, start: number): string | undefined {
  let at = start;
  while (at + 2 <= bytes.length) {
    const size = bytes[at + 1] as number;
    const value = bytes.subarray(at + 2, at + 2 + size);
    if (bytes[at] === UCID_TAG && size === UCID_BYTES && value.length === UCID_BYTES) {
      const node = String(value.readUInt16BE(0)).padStart(5, "0");
      const sequence = String(value.readUInt16BE(2)).padStart(5, "0");
      return `${node}${sequence}${String(value.readUInt32BE(4)).padStart(10, "0")}`;
    }
    at += 2 + size;
  }
  return undefined;
}

/** Cisco writes a GUID as four decimal numbers of 32 bits. */
function hexGuidOf(value: string): string | undefined {
  const words = value.split("-").map((word) => (/^\d{1,10}$/.test(word) ? Number(word) : -1));
  const usable = words.length === 4 && words.every((word) => word >= 0 && word <= 0xffffffff);
  return usable ? words.map((word) => word.toString(16).padStart(8, "0")).join("") : undefined;
}
