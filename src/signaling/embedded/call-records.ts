/** Tells applications that asked for it when calls are attempted, start and stop. */
import type { AppRouter } from "./app-client.ts";

/** Whose message it was: the peer's, or one of ours. */
export type RecordSource = "network" | "application";

/** How a call, or the attempt at one, came to its end. */
export type StopReason =
  | "call-rejected"
  | "call-canceled"
  | "normal-release"
  | "session-expired"
  | "system-initiated-termination";

/** One record; `detail` is the role of a start, or the reason of a stop. */
export interface CallRecord {
  readonly type: "cdr:attempt" | "cdr:start" | "cdr:stop";
  readonly source: RecordSource;
  readonly detail: "uac" | "uas" | StopReason | undefined;
}

/** Records of calls, each to the next application in turn that routed its type; nobody else hears of them. */
export class CallRecords {
  readonly #router: AppRouter;

  constructor(router: AppRouter) {
    this.#router = router;
  }

  /** An INVITE was received or sent. */
  attempt(source: RecordSource, bytes: Buffer): void {
    this.#tell({ type: "cdr:attempt", source, detail: undefined }, bytes);
  }

  /** A 2xx was received or sent. */
  start(source: RecordSource, role: "uac" | "uas", bytes: Buffer): void {
    this.#tell({ type: "cdr:start", source, detail: role }, bytes);
  }

  /** A BYE, a refusal or a CANCEL was received or sent. */
  stop(source: RecordSource, reason: StopReason, bytes: Buffer): void {
    this.#tell({ type: "cdr:stop", source, detail: reason }, bytes);
  }

  #tell(record: CallRecord, bytes: Buffer): void {
    this.#router.pick(record.type)?.announce(record, bytes);
  }
}
