/** Who calls whom, as the trunk of the invitation lets us know. */
import type { Invitation } from "../ports/signaling-server.ts";
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
  "callingUser" | "calledUser" | "assertedUser" | "header"
>;

/** Believes P-Asserted-Identity where the trunk may say who calls (RFC 3325). */
export function partiesOf(invitation: PartySource, trunk: Trunk | undefined): InboundParties {
  const { callingUser, calledUser, assertedUser } = invitation;
  const isAsserted = trunk?.identity.trustAsserted === true && assertedUser !== "";
  return {
    callingNumber: isAsserted ? assertedUser : callingUser,
    calledNumber: calledUser,
    attributes: attributesOf(invitation, trunk?.headers.keep ?? []),
  };
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
