/** A blind transfer from the announcement to its outcome. RFC 3515 "The Session Initiation Protocol (SIP) Refer Method". */

import type { Metrics } from "../core/metrics.ts";
import type { TRANSFER_OUTCOMES } from "../core/tool-labels.ts";
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
    to: target.to,
    waitMs: target.waitSeconds * 1000,
    about: target.description,
  });
  metrics.increment("trunkline_transfers_total", { outcome });
  return outcome;
}
