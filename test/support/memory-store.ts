/** A call store in memory that can be told to fail. */
import { GatewayError } from "../../src/core/errors.ts";
import type { CallId } from "../../src/core/ids.ts";
import type { CallFilter, CallPage, CallRecord, CallStore } from "../../src/ports/call-store.ts";
import { decodeCursor, encodeCursor } from "../../src/store/cursor.ts";
import { numberKey } from "../../src/store/number-key.ts";

/** Keeps records by call id; `failing` makes every method reject with STORE_FAILED. */
export class MemoryStore implements CallStore {
  failing = false;
  closed = false;
  /** Call ids in the order they were saved. */
  readonly saves: string[] = [];
  readonly #records = new Map<CallId, CallRecord>();

  open(): Promise<void> {
    return this.#answer(() => undefined);
  }

  saveCall(record: CallRecord): Promise<void> {
    return this.#answer(() => {
      this.saves.push(record.callId);
      this.#records.set(record.callId, record);
    });
  }

  findCall(callId: CallId): Promise<CallRecord | undefined> {
    return this.#answer(() => this.#records.get(callId));
  }

  listCalls(filter: CallFilter, limit: number, cursor?: string): Promise<CallPage> {
    return this.#answer(() => {
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      const rest = [...this.#records.values()]
        .filter((record) => matches(record, filter))
        .sort(newestFirst)
        .filter((record) => after === undefined || newestFirst(after, record) < 0);
      const records = rest.slice(0, limit);
      const last = rest.length > limit ? records.at(-1) : undefined;
      return { records, nextCursor: last === undefined ? undefined : encodeCursor(last) };
    });
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { kind: "memory", records: this.#records.size };
  }

  async #answer<T>(work: () => T): Promise<T> {
    await Promise.resolve();
    if (this.failing) {
      throw new GatewayError("STORE_FAILED", { reason: "told to fail" });
    }
    return work();
  }
}

type Place = Pick<CallRecord, "startedAtMs"> & { readonly callId: string };

function newestFirst(one: Place, other: Place): number {
  const byTime = other.startedAtMs - one.startedAtMs;
  if (byTime !== 0 || one.callId === other.callId) {
    return byTime;
  }
  return one.callId < other.callId ? 1 : -1;
}

function matches(record: CallRecord, filter: CallFilter): boolean {
  const { callId, phoneNumber, contactId, fromMs, toMs } = filter;
  const numbers = [record.callingNumber, record.calledNumber].map(numberKey);
  return (
    (callId === undefined || record.callId === callId) &&
    (phoneNumber === undefined || numbers.includes(numberKey(phoneNumber))) &&
    (contactId === undefined || record.contactId === contactId) &&
    (fromMs === undefined || record.startedAtMs >= fromMs) &&
    (toMs === undefined || record.startedAtMs < toMs)
  );
}
