/** How far one connection has read each call. */
import type { CallId } from "../../core/ids.ts";
import type { AssistSubject } from "./assist-log.ts";
import type { CallEvents } from "./call-events.ts";

/** A place in a call's events. */
export interface Cursor {
  /** The last event that was looked at; -1: none. */
  lastId: number;
  /** Losses up to this number were told, or are known to the page. */
  toldLost: number;
}

/** A number counts for the newest call; an object says it by call id. */
export type ReadUntil = number | Readonly<Record<string, number>> | undefined;

/** One cursor per call, whatever number of subscriptions have it: no event is sent twice. */
export class Cursors {
  readonly #cursors = new Map<CallId, Cursor>();

  /** At the beginning, where it was not placed. */
  of({ callId }: CallEvents): Cursor {
    const cursor = this.#cursors.get(callId) ?? { lastId: -1, toldLost: -1 };
    this.#cursors.set(callId, cursor);
    return cursor;
  }

  delete(callId: CallId): void {
    this.#cursors.delete(callId);
  }

  /** Puts the cursors of a subject's calls behind what the page has; those that are placed stay. */
  place({ kind, id }: AssistSubject, calls: readonly CallEvents[], readUntil: ReadUntil): void {
    const newest = calls.at(-1)?.callId ?? (kind === "call" ? (id as CallId) : undefined);
    const callIds = new Set(calls.map(({ callId }) => callId));
    if (newest !== undefined) {
      callIds.add(newest);
    }
    for (const callId of callIds) {
      const lastId = typeof readUntil === "object" ? readUntil[callId] : undefined;
      const known = typeof readUntil === "number" && callId === newest ? readUntil : lastId;
      if (known !== undefined && !this.#cursors.has(callId)) {
        this.#cursors.set(callId, { lastId: known, toldLost: known });
      }
    }
  }
}
