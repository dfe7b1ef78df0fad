/** A blind transfer from the announcement to its outcome. RFC 3515 "The Session Initiation Protocol (SIP) Refer Method". */

import type { Metrics } from "../core/metrics.ts";
import type { TRANSFER_OUTCOMES } from "../core/tool-labels.ts";
import { encodeUserToUser } from "../siprec/user-to-user.ts";
import { fillVariables } from "./briefing/variables.ts";
import type { CallLine } from "./call-service.ts";
import { playOut, speakOwn } from "./own-voice.ts";
import type { TransferTarget } from "./transfer-schema.ts";

/** What became of a transfer. */
export type TransferOutcome = (typeof TRANSFER_OUTCOMES)[number];

/** What a model is told of a transfer. */
export const TRANSFER_WORDS: Readonly<Record<TransferOutcome, string>> = {
  done: "The call was handed over.",
  notAllowed: "The caller's line cannot be transferred.",
  refused: "The caller's line refused the transfer.",
  failed: "Nobody answered there. The caller is still on the line.",
  noOutcome: "It is not known whether anybody answered there. The caller may still be on the line.",
  busy: "Another transfer is under way.",
  callEnded: "The call has ended.",
};

/** Peers cut longer headers; the hexadecimal has twice as many characters. */
const MAX_USER_TO_USER = 512;

/** Plays all to its end, says the announcement, and asks the peer to call the target. Never rejects. */
export async function handOver(
  line: CallLine,
  target: TransferTarget,
  metrics: Metrics,
): Promise<TransferOutcome> {
  await playOut(line);
  if (target.announce !== undefined) {
    await speakOwn(line, target.announce, "say");
    await playOut(line);
  }
  const outcome = await line.transfer({
    to: targetUri(line, target),
    waitMs: target.waitSeconds * 1000,
    about: target.description,
  });
  metrics.increment("trunkline_transfers_total", { outcome });
  return outcome;
}

/** User-to-User travels as a header of the URI, which the peer puts into its own INVITE: RFC 7433 "Use with Refer". */
function targetUri({ record }: CallLine, { to, userToUser }: TransferTarget): string {
  if (userToUser === undefined || to.startsWith("tel:")) {
    return to;
  }
  const { callingNumber, calledNumber, contactId } = record.origin;
  const { attributes } = record;
  const variables = { attributes, callingNumber, calledNumber, contactId };
  const data = fillVariables(userToUser, variables).slice(0, MAX_USER_TO_USER);
  return `${to}?User-to-User=${encodeURIComponent(encodeUserToUser({ data }))}`;
}
