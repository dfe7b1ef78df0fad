/** Which pairs of RTP and RTCP ports may be used now: free, taken, or in quarantine after a call. */
import type { Clock } from "../core/clock.ts";

/** Inclusive bounds of the ports that may be used. */
export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Even ports whose odd neighbour is in the range too, handed out in turn so that a port rests as long as possible.
 * The quarantine needs no timer: it is looked at when a port is wanted.
 */
export class PortPool {
  readonly #clock: Clock;
  readonly #firstPort: number;
  readonly #pairs: number;
  readonly #quarantineUs: number;
  readonly #taken = new Set<number>();
  /** Port → when it may be used again. */
  readonly #resting = new Map<number, number>();
  #cursor: number;

  /** @param startOffset any number; where in the range the first port is taken. */
  constructor(clock: Clock, range: PortRange, quarantineMs: number, startOffset: number) {
    this.#clock = clock;
    this.#firstPort = range.min + (range.min % 2);
    this.#pairs = Math.max(0, Math.floor((range.max + 1 - this.#firstPort) / 2));
    this.#quarantineUs = quarantineMs * 1000;
    this.#cursor = this.#pairs === 0 ? 0 : startOffset % this.#pairs;
  }

  get pairs(): number {
    return this.#pairs;
  }

  /** Takes the next free even port; `undefined` when there is none. */
  take(): number | undefined {
    this.#endQuarantines();
    for (let tried = 0; tried < this.#pairs; tried += 1) {
      const port = this.#firstPort + this.#cursor * 2;
      this.#cursor = (this.#cursor + 1) % this.#pairs;
      if (!this.#taken.has(port) && !this.#resting.has(port)) {
        this.#taken.add(port);
        return port;
      }
    }
    return undefined;
  }

  /** Gives a port back that carried nothing. */
  putBack(port: number): void {
    this.#taken.delete(port);
  }

  /** Gives a port back that a peer may still send to. */
  quarantine(port: number): void {
    this.#taken.delete(port);
    this.#resting.set(port, this.#clock.nowUs() + this.#quarantineUs);
  }

  /** Ends every quarantine. */
  clear(): void {
    this.#resting.clear();
  }

  toJSON(): Readonly<Record<string, number>> {
    this.#endQuarantines();
    const inUse = this.#taken.size;
    const inQuarantine = this.#resting.size;
    return { inUse, inQuarantine, free: this.#pairs - inUse - inQuarantine };
  }

  /** Entries are in order of their end, because all rest equally long. */
  #endQuarantines(): void {
    const nowUs = this.#clock.nowUs();
    for (const [port, untilUs] of this.#resting) {
      if (untilUs > nowUs) {
        return;
      }
      this.#resting.delete(port);
    }
  }
}
