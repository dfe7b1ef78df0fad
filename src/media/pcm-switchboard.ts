/** Anchors for lines of PCM beside those for RTP: a leg whose peer is a line's address gets the line. */
import type { Clock } from "../core/clock.ts";
import type { LegId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { Anchor, MediaAnchor } from "../ports/media-anchor.ts";
import type { PcmExchange, PcmLine, PcmStreamPlan } from "../ports/pcm-line.ts";
import { BlockPool } from "./byte-fifo.ts";
import { MediaClock } from "./media-clock.ts";
import { PcmAnchor } from "./pcm-anchor.ts";
import { PcmLineState } from "./pcm-line-state.ts";

/** RFC 6666 "A Discard Prefix for IPv6": addresses that reach nobody, so that a line is never taken for a host. */
const DISCARD_PREFIX = "100::";
const OUR_ADDRESS = `${DISCARD_PREFIX}1`;

/** What the switchboard works with. */
export interface PcmSwitchboardOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** For legs over RTP; closed with the switchboard. */
  readonly anchors: MediaAnchor;
}

/** Lines are opened here, and found again by the engine. */
export class PcmSwitchboard implements MediaAnchor, PcmExchange {
  readonly #options: PcmSwitchboardOptions;
  readonly #mediaClock: MediaClock;
  readonly #pool = new BlockPool();
  readonly #lines = new Map<string, PcmLineState>();
  #opened = 0;

  constructor(options: PcmSwitchboardOptions) {
    const { clock, logger } = options;
    this.#options = options;
    this.#mediaClock = new MediaClock({
      clock,
      onTickError: (error) => logger.error("a PCM stream failed in its tick", { error }),
    });
  }

  openLine(plans: readonly PcmStreamPlan[]): PcmLine {
    this.#opened = (this.#opened % 0xffff_fff0) + 1;
    const number = (this.#opened + 1).toString(16).padStart(8, "0");
    const address = `${DISCARD_PREFIX}${number.slice(0, 4)}:${number.slice(4)}`;
    const line = new PcmLineState(address, { plans, pool: this.#pool }, () =>
      this.#lines.delete(address),
    );
    this.#lines.set(address, line);
    return line;
  }

  allocate(legId: LegId, peer?: string): Promise<Anchor> {
    const line = peer === undefined ? undefined : this.#lines.get(peer);
    return line === undefined
      ? this.#options.anchors.allocate(legId, peer)
      : Promise.resolve(
          new PcmAnchor({
            line,
            localAddress: OUR_ADDRESS,
            random: this.#options.random,
            mediaClock: this.#mediaClock,
          }),
        );
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      ...this.#options.anchors.toJSON(),
      pcm: { lines: this.#lines.size, opened: this.#opened, memory: this.#pool.toJSON() },
    };
  }

  async close(): Promise<void> {
    for (const line of [...this.#lines.values()]) {
      line.close();
    }
    await this.#options.anchors.close();
  }
}
