/** One line of PCM while it is open: its streams, who waits for room in them, and whom their audio goes to. */
import type { PcmLine, PcmStream, PcmStreamPlan } from "../ports/pcm-line.ts";
import type { BlockPool } from "./byte-fifo.ts";
import { PcmSteadier } from "./pcm-steadier.ts";

/** The ports that stand for the streams of a line begin here; even, as those of RTP are. */
const FIRST_PORT = 5000;

interface Waiter {
  readonly ms: number;
  readonly resolve: () => void;
}

/** One stream. */
export class PcmStreamState implements PcmStream {
  readonly plan: PcmStreamPlan;
  readonly port: number;
  readonly steadier: PcmSteadier;
  #waiters: Waiter[] = [];
  #closed = false;

  constructor(plan: PcmStreamPlan, place: number, pool: BlockPool) {
    this.plan = plan;
    this.port = FIRST_PORT + 2 * place;
    this.steadier = new PcmSteadier(plan, pool);
  }

  get label(): string {
    return this.plan.label;
  }

  push(bytes: Uint8Array): void {
    if (!this.#closed) {
      this.steadier.push(bytes);
    }
  }

  whenBelow(ms: number): Promise<void> {
    if (this.#closed || this.steadier.waitingMs <= ms) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiters.push({ ms, resolve }));
  }

  /** Something was pulled. */
  onPulled(): void {
    if (this.#waiters.length > 0) {
      const { waitingMs } = this.steadier;
      const done = this.#waiters.filter(({ ms }) => waitingMs <= ms);
      this.#waiters = this.#waiters.filter(({ ms }) => waitingMs > ms);
      for (const { resolve } of done) {
        resolve();
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.steadier.clear();
    for (const { resolve } of this.#waiters.splice(0)) {
      resolve();
    }
  }
}

/** The line. */
export class PcmLineState implements PcmLine {
  readonly address: string;
  readonly streams: readonly PcmStreamState[];
  readonly #onClosed: () => void;
  #closed = false;

  constructor(
    address: string,
    { plans, pool }: { readonly plans: readonly PcmStreamPlan[]; readonly pool: BlockPool },
    onClosed: () => void,
  ) {
    this.address = address;
    this.streams = plans.map((plan, place) => new PcmStreamState(plan, place, pool));
    this.#onClosed = onClosed;
  }

  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      for (const stream of this.streams) {
        stream.close();
      }
      this.#onClosed();
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      this.streams.map(({ label, steadier }) => [label, steadier.toJSON()]),
    );
  }
}
