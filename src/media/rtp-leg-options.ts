/** What a leg over RTP is made of, and who hears from it. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { Anchor } from "../ports/media-anchor.ts";
import type { LegStream } from "../ports/media-host.ts";
import type { SrtpRefusal } from "../rtp/srtp-receiver.ts";
import type { BlockPool } from "./byte-fifo.ts";
import type { MediaClock } from "./media-clock.ts";
import type { MediaWatchListener } from "./media-watch.ts";

/** Hears what happens on the leg; called synchronously, never after `close`. */
export interface RtpLegDelegate extends MediaWatchListener {
  onDigit(digit: string): void;
  /** Once per ptime, before the packet is made. */
  onTick?(nowUs: number): void;
  /** A packet that an encrypted leg did not take. */
  onSrtpRefused?(reason: SrtpRefusal): void;
}

/** What a leg needs. The leg releases the anchor when it closes. */
export interface RtpLegOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly anchor: Anchor;
  readonly mediaClock: MediaClock;
  readonly delegate: RtpLegDelegate;
  /** `undefined`: comes later by `updateRemote`. */
  readonly stream?: LegStream | undefined;
  readonly mediaTimeoutMs?: number | undefined;
  /** Shared by the legs of a host. */
  readonly pool?: BlockPool | undefined;
}
