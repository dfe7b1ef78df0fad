/** What the succession of sessions on a leg is made of. */
import type { Clock } from "../core/clock.ts";
import type { LegFact } from "../ports/media-facts.ts";
import type { HistoryEntry, RealtimeModel } from "../ports/realtime-model.ts";
import type { Conversation } from "./conversation.ts";
import type { ModelChannel } from "./model-channel.ts";
import type { ModelDownlink } from "./model-downlink.ts";

/** What every new session is made from. */
export interface NewChannel {
  readonly model: RealtimeModel;
  /** Among the sessions of the leg, from 1. */
  readonly ordinal: number;
  readonly history: readonly HistoryEntry[];
  readonly resumption: string | undefined;
  /** Nothing was said yet that would make a greeting odd. */
  readonly greets: boolean;
}

/** What it chooses from, and who hears of it. */
export interface ModelSuccessionOptions {
  readonly clock: Clock;
  /** The first is the flow's choice, the others take over in this order. */
  readonly models: readonly [RealtimeModel, ...RealtimeModel[]];
  readonly talks: boolean;
  readonly conversation: Conversation;
  readonly downlink: ModelDownlink;
  readonly create: (channel: NewChannel) => ModelChannel;
  readonly report: (fact: LegFact) => void;
}
