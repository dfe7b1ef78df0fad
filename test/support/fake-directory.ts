/** Calls in progress that a test makes up. */
import type { CallId } from "../../src/core/ids.ts";
import type { CallDetail, CallDirectory, CallSummary } from "../../src/ports/call-directory.ts";
import { callRecord } from "./call-records.ts";

/** Holds whatever is put into `calls`. */
export class FakeDirectory implements CallDirectory {
  readonly calls = new Map<CallId, CallDetail>();
  draining = false;

  /** Adds a call in state `talking`. */
  add(callId: string): CallDetail {
    const record = callRecord(callId);
    const call = { ...record, state: "talking" };
    this.calls.set(record.callId, call);
    return call;
  }

  list(): readonly CallSummary[] {
    return [...this.calls.values()];
  }

  find(callId: CallId): CallDetail | undefined {
    return this.calls.get(callId);
  }

  hangUp(callId: CallId): boolean {
    return this.calls.delete(callId);
  }

  dump(callId: CallId): Readonly<Record<string, unknown>> | undefined {
    return this.calls.has(callId) ? { legs: [{ jitter: { held: 0 } }] } : undefined;
  }
}
