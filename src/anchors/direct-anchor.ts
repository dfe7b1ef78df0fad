/** Anchors that are UDP sockets of this process: RTP on an even port, RTCP on the next. */
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { LegId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { DatagramNetwork } from "../ports/datagram-network.ts";
import type { Anchor, HeardSource, MediaAnchor } from "../ports/media-anchor.ts";
import { DirectLegAnchor } from "./direct-leg-anchor.ts";
import { PortPool, type PortRange } from "./port-pool.ts";

/** What direct anchors need. */
export interface DirectAnchorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly network: DatagramNetwork;
  /** Address the sockets are bound to. */
  readonly bindAddress: string;
  /** Address written into SDP for a peer, or for one not known yet; `undefined`: the bind address. */
  readonly addressTowards?: ((peer: string | undefined) => string) | undefined;
  readonly ports: PortRange;
  /** How long a port stays unused after a call. */
  readonly quarantineMs?: number | undefined;
  /** Room for what arrives while the event loop is busy. */
  readonly receiveBufferBytes?: number | undefined;
}

/** Of each port: enough for whoever has not noticed that some calls are over. */
const REMEMBERED_SOURCES = 4;
const QUARANTINE_MS = 10_000;
/** Bind errors that mean "this port", not "this machine". */
const TAKEN_BY_OTHERS: ReadonlySet<unknown> = new Set(["EADDRINUSE", "EACCES"]);

/** Allocates sockets from a range of ports. */
export class DirectAnchor implements MediaAnchor {
  readonly #options: DirectAnchorOptions;
  readonly #pool: PortPool;
  readonly #open = new Set<DirectLegAnchor>();
  /** Port → who was heard there last, newest first. */
  readonly #heard = new Map<number, readonly HeardSource[]>();
  #allocated = 0;
  #exhausted = 0;
  #skipped = 0;

  constructor(options: DirectAnchorOptions) {
    this.#options = options;
    this.#pool = new PortPool(
      options.clock,
      options.ports,
      options.quarantineMs ?? QUARANTINE_MS,
      options.random.uint32(),
    );
  }

  async allocate(legId: LegId, peer?: string): Promise<Anchor> {
    for (let tried = 0; tried < this.#pool.pairs; tried += 1) {
      const port = this.#pool.take();
      if (port === undefined) {
        break;
      }
      const anchor = await this.#tryPort(port, legId, peer);
      if (anchor !== undefined) {
        this.#open.add(anchor);
        this.#allocated += 1;
        return anchor;
      }
    }
    this.#exhausted += 1;
    throw new GatewayError("MEDIA_PORTS_EXHAUSTED", { ...this.#options.ports });
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      ...this.#pool.toJSON(),
      allocated: this.#allocated,
      exhausted: this.#exhausted,
      skipped: this.#skipped,
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((anchor) => anchor.release()));
    this.#pool.clear();
  }

  /** `undefined` when another process holds one of the two ports. */
  async #tryPort(
    port: number,
    legId: LegId,
    peer: string | undefined,
  ): Promise<DirectLegAnchor | undefined> {
    const { addressTowards, bindAddress } = this.#options;
    const anchor = new DirectLegAnchor({
      localAddress: addressTowards?.(peer) ?? bindAddress,
      localPort: port,
      formerSources: this.#heard.get(port) ?? [],
      onReleased: (heard) => {
        this.#open.delete(anchor);
        this.#heard.set(port, [...heard, ...anchor.formerSources].slice(0, REMEMBERED_SOURCES));
        this.#pool.quarantine(port);
      },
    });
    try {
      await anchor.open(this.#options);
      return anchor;
    } catch (error) {
      this.#pool.putBack(port);
      if (!isTakenByOthers(error)) {
        throw error;
      }
      this.#skipped += 1;
      this.#options.logger.debug("RTP port is used by another process", { legId, rtpPort: port });
      return undefined;
    }
  }
}

function isTakenByOthers(error: unknown): boolean {
  return error instanceof GatewayError && TAKEN_BY_OTHERS.has(error.details["cause"]);
}
