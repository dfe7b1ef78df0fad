/** Whether a stream is paced, on machines that are not always idle: a bare timer of this process is the control. */
import { expect } from "vitest";
import { describeGap, percentile, type StreamReport } from "./stream-report.ts";

const TICK_MS = 20;
/** The limit on an idle machine. */
const IDLE_P99_MS = 25;
/** How much worse than a bare timer a stream may be where the machine is busy. */
const BUSY_FACTOR = 1.5;

/** A 20 ms timer anchored to its deadlines, as the gateway's is, with nothing to do. */
export class Metronome {
  readonly #gapsMs: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastMs = performance.now();
  #dueMs = this.#lastMs + TICK_MS;

  constructor() {
    this.#arm();
  }

  /** Ends it and gives the p99 of its gaps. */
  stop(): number {
    clearTimeout(this.#timer);
    return percentile(this.#gapsMs, 0.99);
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      const nowMs = performance.now();
      this.#gapsMs.push(nowMs - this.#lastMs);
      this.#lastMs = nowMs;
      this.#dueMs = Math.max(this.#dueMs + TICK_MS, nowMs);
      this.#arm();
    }, this.#dueMs - performance.now());
  }
}

/** A stream, and how a bare timer fared over the same time. */
export interface Paced {
  readonly stream: StreamReport;
  readonly timerP99Ms: number;
}

/** Prints the figures and holds them against the limit; a first failure is measured once more. */
export async function expectPaced(
  where: string,
  first: Paced,
  measureAgain: () => Promise<Paced>,
): Promise<void> {
  print(`pacing ${where}`, first);
  if (first.stream.gap.p99 < limitMs(first)) {
    return;
  }
  const again = await measureAgain();
  print(`pacing ${where}, measured again`, again);
  expect(again.stream.gap.p99).toBeLessThan(limitMs(again));
}

function limitMs({ timerP99Ms }: Paced): number {
  return Math.max(IDLE_P99_MS, timerP99Ms * BUSY_FACTOR);
}

function print(what: string, paced: Paced): void {
  const control = `a bare timer: p99 ${paced.timerP99Ms.toFixed(1)} ms`;
  console.log(`${what}: ${describeGap(paced.stream)}; ${control}`);
}
