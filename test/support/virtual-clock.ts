/** A clock that only moves when told to: timers fire in time, then arming order, with microtasks run in between. */
import type { Clock, Timer } from "../../src/core/clock.ts";

interface ArmedTimer {
  readonly dueUs: number;
  readonly serial: number;
  readonly callback: () => void;
}

/** Starts at 0 µs, which is 2026-01-01T00:00:00Z on the wall. */
export class VirtualClock implements Clock {
  static readonly WALL_ORIGIN_MS = Date.UTC(2026, 0, 1);
  #nowUs = 0;
  #serial = 0;
  readonly #timers = new Set<ArmedTimer>();

  get pending(): number {
    return this.#timers.size;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  wallMs(): number {
    return VirtualClock.WALL_ORIGIN_MS + this.#nowUs / 1000;
  }

  at(dueUs: number, callback: () => void): Timer {
    const timer = { dueUs, serial: this.#serial++, callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Moves time forward, firing what falls due; promises settle between two timers. */
  async advanceMs(durationMs: number): Promise<void> {
    const endUs = this.#nowUs + durationMs * 1000;
    await settle();
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.dueUs > endUs) {
        break;
      }
      this.#fire(next);
      await settle();
    }
    this.#nowUs = Math.max(this.#nowUs, endUs);
  }

  /** Jumps without firing anything: a blocked event loop. What fell due fires with the next advance. */
  stallMs(durationMs: number): void {
    this.#nowUs += durationMs * 1000;
  }

  #next(): ArmedTimer | undefined {
    let first: ArmedTimer | undefined;
    for (const timer of this.#timers) {
      if (
        first === undefined ||
        timer.dueUs < first.dueUs ||
        (timer.dueUs === first.dueUs && timer.serial < first.serial)
      ) {
        first = timer;
      }
    }
    return first;
  }

  #fire(timer: ArmedTimer): void {
    this.#timers.delete(timer);
    this.#nowUs = Math.max(this.#nowUs, timer.dueUs);
    timer.callback();
  }
}

/** Lets every promise that is ready run, including those made by the first ones. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 32; turn += 1) {
    await Promise.resolve();
  }
}
