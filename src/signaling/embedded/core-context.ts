/** What the two halves of the SIP core share. */
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { AppRouter } from "./app-client.ts";
import type { CallRecords } from "./call-records.ts";
import type { Counters } from "./counters.ts";
import type { DialogRegistry } from "./dialog-registry.ts";
import type { LocalAddress } from "./local-address.ts";
import type { Locator } from "./locator.ts";
import type { NextHop } from "./next-hop.ts";
import type { Sessions } from "./sessions.ts";
import type { SipTimers } from "./timers.ts";
import type { TransactionLayer } from "./transaction-layer.ts";
import { MAGIC_COOKIE } from "./transaction-layer.ts";
import type { Hop, SendListener } from "./transport.ts";

/** Injected sources, shared registries. */
export interface CoreContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly timers: SipTimers;
  readonly counters: Counters;
  readonly layer: TransactionLayer;
  readonly dialogs: DialogRegistry;
  readonly local: LocalAddress;
  readonly nextHop: NextHop;
  readonly locator: Locator;
  readonly router: AppRouter;
  readonly sessions: Sessions;
  readonly records: CallRecords;
  readonly natRule: boolean;
}

/** A Via value of ours with a fresh branch. RFC 3261 section 8.1.1.7, Via; RFC 3581 section 3, rport. */
export function createVia(context: CoreContext, hop: Hop): string {
  const protocol = hop.transport.protocol.toUpperCase();
  const rport = hop.transport.reliable ? "" : ";rport";
  const branch = `${MAGIC_COOKIE}${context.random.hex(12)}`;
  return `SIP/2.0/${protocol} ${context.local.hostPortFor(hop)}${rport};branch=${branch}`;
}

/** Our addresses towards a hop in a message about `uri`, for the message builders. */
export function addressesFor(
  context: CoreContext,
  hop: Hop,
  uri: string,
): { readonly contact: string; readonly hostPort: string } {
  const { local } = context;
  return { contact: local.contactFor(hop, uri), hostPort: local.hostPortFor(hop) };
}

/** A CSeq number to start from. RFC 3261 section 8.1.1.5, CSeq: any value below 2^31. */
export function firstSequence(context: CoreContext): number {
  return (context.random.uint32() & 0x3fff_ffff) + 1;
}

/** A listener for bytes that no transaction watches. */
export function countFailures(context: CoreContext): SendListener {
  return { onSendFailed: () => context.counters.add("sendFailures") };
}
