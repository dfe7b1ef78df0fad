/** Calls in progress that a test makes up. */
import type { CallId } from "../../src/core/ids.ts";
import type {
  CallDetail,
  CallDirectory,
  CallSummary,
  OperatorCommand,
  RoleCorrection,
} from "../../src/ports/call-directory.ts";
import { callRecord } from "./call-records.ts";

/** Holds whatever is put into `calls`. */
export class FakeDirectory implements CallDirectory {
  readonly calls = new Map<CallId, CallDetail>();
  readonly commands: OperatorCommand[] = [];
  readonly corrections: RoleCorrection[] = [];
  /** What the next command fails with. */
  failure: Error | undefined;
  draining = false;

  /** Adds a call in state `talking`. */
  add(callId: string): CallDetail {
    const record = callRecord(callId);
    const call = { ...record, state: "talking", muted: { caller: false, model: true } };
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

  operate(callId: CallId, command: OperatorCommand): Promise<void> | undefined {
    if (!this.calls.has(callId)) {
      return undefined;
    }
    this.commands.push(command);
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
  }

  correctRole(callId: CallId, correction: RoleCorrection): CallDetail["participants"] {
    const call = this.calls.get(callId);
    if (call !== undefined && this.failure !== undefined) {
      throw this.failure;
    }
    this.corrections.push(correction);
    return call?.participants?.map((one) =>
      one.id === correction.participantId
        ? { ...one, role: correction.role, because: "by hand" }
        : one,
    );
  }

  dump(callId: CallId): Readonly<Record<string, unknown>> | undefined {
    return this.calls.has(callId) ? { legs: [{ jitter: { held: 0 } }] } : undefined;
  }
}
