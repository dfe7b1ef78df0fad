/** What the SIP server counts: one fixed set of names, all starting at zero. */

import { SIP_DROPS, SIP_FAILURES, SIP_REFUSALS } from "../../core/metric-labels.ts";

/** A thing that is counted. */
export type CounterName =
  | "requestsIn"
  | "responsesIn"
  | "retransmissionsIn"
  | `dropped${Capitalize<(typeof SIP_DROPS)[number]>}`
  | `refused${Capitalize<(typeof SIP_REFUSALS)[number]>}`
  | (typeof SIP_FAILURES)[number];

const NAMES: readonly CounterName[] = [
  "requestsIn",
  "responsesIn",
  "retransmissionsIn",
  ...SIP_DROPS.map((reason) => `dropped${capitalised(reason)}` as const),
  ...SIP_REFUSALS.map((reason) => `refused${capitalised(reason)}` as const),
  ...SIP_FAILURES,
];

function capitalised<Word extends string>(word: Word): Capitalize<Word> {
  return (word.charAt(0).toUpperCase() + word.slice(1)) as Capitalize<Word>;
}

/** Counts since the server started. */
export class Counters {
  readonly #values = new Map<CounterName, number>(NAMES.map((name) => [name, 0]));

  add(name: CounterName): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + 1);
  }

  get(name: CounterName): number {
    return this.#values.get(name) ?? 0;
  }

  toJSON(): Readonly<Record<CounterName, number>> {
    return Object.fromEntries(this.#values) as Record<CounterName, number>;
  }
}
