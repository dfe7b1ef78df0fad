/** All legs of one call: opens and closes them, hands commands to them in order, stamps their facts. */
import { GatewayError } from "../core/errors.ts";
import type { CallId, LegId } from "../core/ids.ts";
import type { LegFact, LegStats } from "../ports/media-facts.ts";
import type { LegAddress } from "../ports/media-host.ts";
import type { HostContext } from "./host-context.ts";
import { type OpenLegCommand, SessionLeg } from "./session-leg.ts";

/** A leg whose ports are being reserved, are open, or are being released. */
interface Entry {
  /** `undefined` while opening. */
  leg: SessionLeg | undefined;
  readonly opening: Promise<LegAddress>;
  closing: Promise<void> | undefined;
}

/** The audio of one call. */
export class MediaSession {
  readonly callId: CallId;
  readonly #context: HostContext;
  readonly #onEmpty: () => void;
  readonly #entries = new Map<LegId, Entry>();

  /** @param onEmpty hears that the last leg is gone. */
  constructor(callId: CallId, context: HostContext, onEmpty: () => void) {
    this.callId = callId;
    this.#context = context;
    this.#onEmpty = onEmpty;
  }

  /** Reserves ports; asking again for the same leg gives the same ones. */
  openLeg(legId: LegId, peer?: string): Promise<LegAddress> {
    const known = this.#entries.get(legId);
    if (known !== undefined && known.closing === undefined) {
      return known.opening;
    }
    const entry: Entry = {
      leg: undefined,
      opening: this.#allocate(legId, peer),
      closing: undefined,
    };
    this.#entries.set(legId, entry);
    return entry.opening;
  }

  /** Carries out a command now, or when the leg's ports are there. */
  execute(command: OpenLegCommand): Promise<void> {
    const entry = this.#entries.get(command.legId);
    if (entry === undefined || entry.closing !== undefined) {
      return Promise.reject(new GatewayError("MEDIA_LEG_UNKNOWN", { legId: command.legId }));
    }
    return entry.leg === undefined
      ? this.#executeLater(entry, command)
      : this.#executeNow(entry.leg, command);
  }

  closeLeg(legId: LegId): Promise<void> {
    const entry = this.#entries.get(legId);
    if (entry === undefined) {
      return Promise.resolve();
    }
    entry.closing ??= this.#release(legId, entry);
    return entry.closing;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((legId) => this.closeLeg(legId)));
  }

  *stats(): Iterable<LegStats> {
    for (const entry of this.#entries.values()) {
      if (entry.leg !== undefined) {
        yield entry.leg.stats;
      }
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const legs: Record<string, unknown> = {};
    for (const [legId, entry] of this.#entries) {
      legs[legId] = entry.leg?.toJSON() ?? { state: "opening" };
    }
    return { callId: this.callId, legs };
  }

  async #allocate(legId: LegId, peer: string | undefined): Promise<LegAddress> {
    try {
      const anchor = await this.#context.anchors.allocate(legId, peer);
      const leg = new SessionLeg({
        context: this.#context,
        legId,
        anchor,
        report: (fact) => this.#report(legId, fact),
      });
      const entry = this.#entries.get(legId);
      if (entry !== undefined) {
        entry.leg = leg;
      }
      this.#context.totals.onOpened();
      leg.start();
      return leg.address;
    } catch (error) {
      this.#forget(legId);
      throw error;
    }
  }

  async #executeLater(entry: Entry, command: OpenLegCommand): Promise<void> {
    await entry.opening.catch(() => undefined);
    if (entry.leg === undefined) {
      throw new GatewayError("MEDIA_LEG_UNKNOWN", { legId: command.legId });
    }
    await this.#executeNow(entry.leg, command);
  }

  #executeNow(leg: SessionLeg, command: OpenLegCommand): Promise<void> {
    try {
      return leg.execute(command) ?? Promise.resolve();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #release(legId: LegId, entry: Entry): Promise<void> {
    await entry.opening.catch(() => undefined);
    if (entry.leg !== undefined) {
      const stats = await entry.leg.close();
      this.#context.totals.onClosed(stats);
      this.#report(legId, { kind: "legClosed", stats });
    }
    if (this.#entries.get(legId) === entry) {
      this.#forget(legId);
    }
  }

  #forget(legId: LegId): void {
    this.#entries.delete(legId);
    if (this.#entries.size === 0) {
      this.#onEmpty();
    }
  }

  #report(legId: LegId, fact: LegFact): void {
    const atMs = this.#context.clock.wallMs();
    this.#context.report({ ...fact, callId: this.callId, legId, atMs });
  }
}
