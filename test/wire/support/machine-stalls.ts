/** When the machine itself stood still: a timer of this process, and how long another process waited for a processor. */
import { readFileSync } from "node:fs";

const TICK_MS = 5;
/** What is remembered: more than any sample lasts. */
const MAX_TICKS = 4000;

interface Tick {
  readonly wallMs: number;
  /** How much later than it should. */
  readonly lateMs: number;
  /** Of the other process, since it began. */
  readonly waitedMs: number;
}

/** Whoever starts it stops it. */
export class MachineStalls {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  readonly #ticks: Tick[] = [];
  #lastMs = performance.now();

  /** @param pid a process whose main thread is watched beside this one. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#look(), TICK_MS);
  }

  /** The longest pause of this process in this time, or what the other one waited in all, whichever is longer. */
  betweenMs(fromWallMs: number, toWallMs: number): number {
    this.#look();
    const ticks = this.#ticks.filter(
      ({ wallMs, lateMs }) => wallMs >= fromWallMs && wallMs - lateMs <= toWallMs,
    );
    const [first, last] = [ticks[0], ticks.at(-1)];
    const waitedMs = (last?.waitedMs ?? 0) - (first?.waitedMs ?? 0);
    return Math.max(waitedMs, ...ticks.map(({ lateMs }) => lateMs));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const lateMs = Math.max(0, nowMs - this.#lastMs - TICK_MS);
    this.#lastMs = nowMs;
    this.#ticks.push({ wallMs: Date.now(), lateMs, waitedMs: waitedForProcessorMs(this.#pid) });
    if (this.#ticks.length > MAX_TICKS) {
      this.#ticks.shift();
    }
  }
}

/** Of its main thread since it began: runnable, and not running. Where the kernel does not count it: 0. */
function waitedForProcessorMs(pid: number): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
    return Number(waitedNs) / 1e6;
  } catch {
    return 0;
  }
}
