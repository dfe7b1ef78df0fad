/** What a link between a leg and its models is made of. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { LegFact } from "../ports/media-facts.ts";
import type { BargeInMode, Continuity } from "../ports/media-host.ts";
import type { ModelSessionPlan, RealtimeModel } from "../ports/realtime-model.ts";
import type { BlockPool } from "./byte-fifo.ts";
import type { RtpLeg } from "./rtp-leg.ts";
import type { TurnLog } from "./turn-log.ts";

/** What is linked, and who hears of it. */
export interface ModelLinkOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leg: RtpLeg;
  /** The flow's choice, and those that take over in this order. */
  readonly models: readonly [RealtimeModel, ...RealtimeModel[]];
  readonly mode: "talk" | "listen";
  readonly bargeIn?: BargeInMode | undefined;
  readonly plan: ModelSessionPlan;
  readonly continuity?: Continuity | undefined;
  readonly pool: BlockPool;
  /** The ledger of the leg. */
  readonly turns: TurnLog;
  readonly uplinkBatchMs?: number | undefined;
  /** Speaks a filler in the machine's own voice. */
  readonly sayFiller: (text: string) => void;
  /** Called synchronously; never after `close`. */
  readonly report: (fact: LegFact) => void;
}
