/** Who calls whom, as the trunk of the invitation lets us know. */
import type { Invitation } from "../ports/signaling-server.ts";
import { type NumberReason, type ReadNumber, readNumber } from "./phone-number.ts";
import type { Trunk } from "./trunk.ts";

/** The two ends of a call, and what else is kept of its invitation. */
export interface InboundParties {
  readonly callingNumber: string;
  readonly calledNumber: string;
  /** Headers that the trunk keeps, by the name in its list. */
  readonly attributes: Readonly<Record<string, string>>;
}

const MAX_ATTRIBUTE_CHARACTERS = 2048;

/** What an invitation says of them. */
export type PartySource = Pick<
  Invitation,
  "callingUser" | "calledUser" | "assertedUser" | "uri" | "header"
>;

/** Numbers that stay as the trunk wrote them although it has a country, and why. */
export interface UnreadNumbers {
  readonly calling?: NumberReason;
  readonly called?: NumberReason;
}

const CONTEXT = /;phone-context=[^;@>?\s]+/i;

/**
 * Believes P-Asserted-Identity where the trunk may say who calls (RFC 3325), and brings the numbers of a trunk that has a
 * country into E.164.
 */
export function partiesOf(invitation: PartySource, trunk: Trunk | undefined): InboundParties {
  const { calling, called } = writtenNumbers(invitation, trunk);
  return {
    callingNumber: numberOf(calling.user, readAt(calling, trunk)),
    calledNumber: numberOf(called.user, readAt(called, trunk)),
    attributes: attributesOf(invitation, trunk?.headers.keep ?? []),
  };
}

/** What {@link partiesOf} could not bring into E.164; for the log. */
export function unreadNumbers(invitation: PartySource, trunk: Trunk | undefined): UnreadNumbers {
  const { calling, called } = writtenNumbers(invitation, trunk);
  const callingReason = reasonOf(readAt(calling, trunk));
  const calledReason = reasonOf(readAt(called, trunk));
  return {
    ...(callingReason === undefined ? {} : { calling: callingReason }),
    ...(calledReason === undefined ? {} : { called: calledReason }),
  };
}

interface WrittenNumber {
  readonly user: string;
  /** The parameter of the user part that says where a local number is valid (RFC 3966 "Local Numbers"). */
  readonly context: string;
}

function writtenNumbers(invitation: PartySource, trunk: Trunk | undefined) {
  const { callingUser, calledUser, assertedUser, uri } = invitation;
  const isAsserted = trunk?.identity.trustAsserted === true && assertedUser !== "";
  const caller = invitation.header(isAsserted ? "P-Asserted-Identity" : "From") ?? "";
  const calling = { user: isAsserted ? assertedUser : callingUser, context: contextIn(caller) };
  return { calling, called: { user: calledUser, context: contextIn(uri) } };
}

function contextIn(header: string): string {
  return CONTEXT.exec(header)?.[0] ?? "";
}

/** `undefined`: numbers of this trunk are left alone. */
function readAt(written: WrittenNumber, trunk: Trunk | undefined): ReadNumber | undefined {
  return trunk?.country === undefined
    ? undefined
    : readNumber(`${encodeURIComponent(written.user)}${written.context}`, trunk.country);
}

function numberOf(user: string, read: ReadNumber | undefined): string {
  return read?.kind === "e164" ? read.number : user;
}

function reasonOf(read: ReadNumber | undefined): NumberReason | undefined {
  return read?.kind === "asWritten" ? read.reason : undefined;
}

function attributesOf(
  invitation: PartySource,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const kept = names.flatMap((name) => {
    const value = invitation.header(name);
    return value === undefined ? [] : [[name, value.slice(0, MAX_ATTRIBUTE_CHARACTERS)] as const];
  });
  return Object.fromEntries(kept);
}
