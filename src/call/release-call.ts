/** Lets go of a call that was set up: its results, its BYE, its leg, in the order that the other side needs. */
import type { Verdict } from "../ports/call-store.ts";
import type { SipDialog } from "../ports/signaling-server.ts";
import type { CallService } from "./call-service.ts";

/** What is to be let go. */
export interface CallRelease {
  /** `undefined`: it was never answered. */
  readonly dialog: SipDialog | undefined;
  readonly service: Pick<CallService, "conclude">;
  readonly verdict: Verdict;
  readonly closeLeg: () => Promise<unknown>;
}

/**
 * A contact flow that goes on after our BYE reads what the call left: the results are written before it. Where nobody waits
 * for a BYE of ours, nothing is held up for them.
 */
export async function releaseCall(release: CallRelease): Promise<void> {
  const { dialog, service, verdict, closeLeg } = release;
  const conclude = async (): Promise<void> => await service.conclude?.(verdict);
  if (dialog === undefined || dialog.ended) {
    await Promise.all([dialog?.bye(), closeLeg(), conclude()]);
    return;
  }
  await conclude();
  await Promise.all([dialog.bye(), closeLeg()]);
}
