/** What the SIP server counts: one fixed set of names, all starting at zero. */

const NAMES = [
  "requestsIn",
  "responsesIn",
  "droppedEmpty",
  "droppedTooBig",
  "droppedUnterminated",
  "droppedNotSip",
  "droppedNotAdmitted",
  "droppedMalformed",
  "droppedBadFraming",
  "droppedSlowPeer",
  "droppedTooManyConnections",
  "droppedTooManyFromSource",
  "droppedHandshake",
  "droppedBacklog",
  "droppedStrayResponse",
  "droppedStrayAck",
  "refusedNotAdmitted",
  "refusedMalformed",
  "refusedTooManyHops",
  "refusedScheme",
  "refusedExtension",
  "refusedOverload",
  "refusedNoApplication",
  "refusedMethod",
  "refusedStray",
  "refusedMerged",
  "refusedOutOfOrder",
  "refusedGlare",
  "refusedSessionInterval",
  "retransmissionsIn",
  "silentApplication",
  "ackTimeouts",
  "prackTimeouts",
  "sessionsExpired",
  "requestTimeouts",
  "sendFailures",
  "failovers",
  "adminRefused",
  "transportErrors",
  "certificateReloads",
  "faults",
] as const;

/** A thing that is counted. */
export type CounterName = (typeof NAMES)[number];

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
