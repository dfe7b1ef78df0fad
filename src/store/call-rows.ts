/** Call records as rows of the table, and the filter of a list as conditions on them. */
import type { ExpressionBuilder } from "kysely";
import type { CallFilter, CallRecord } from "../ports/call-store.ts";
import type { CallRow, CallTables } from "./migrations.ts";
import { numberKey } from "./number-key.ts";
import { encodeRecord } from "./record-codec.ts";

/** What a row must fulfil to be in the list. */
export function conditions(where: ExpressionBuilder<CallTables, "calls">, filter: CallFilter) {
  const { callId, phoneNumber, contactId, fromMs, toMs } = filter;
  const all = [];
  if (callId !== undefined) {
    all.push(where("call_id", "=", callId));
  }
  if (phoneNumber !== undefined) {
    const key = numberKey(phoneNumber);
    all.push(where.or([where("calling_digits", "=", key), where("called_digits", "=", key)]));
  }
  if (contactId !== undefined) {
    all.push(where("contact_id", "=", contactId));
  }
  if (fromMs !== undefined) {
    all.push(where("started_at_ms", ">=", fromMs));
  }
  if (toMs !== undefined) {
    all.push(where("started_at_ms", "<", toMs));
  }
  return where.and(all);
}

/** A record as it is stored. */
export function toRow(record: CallRecord): CallRow {
  return {
    call_id: record.callId,
    sip_call_id: record.sipCallId,
    calling_digits: numberKey(record.callingNumber),
    called_digits: numberKey(record.calledNumber),
    contact_id: record.contactId ?? null,
    started_at_ms: record.startedAtMs,
    ended_at_ms: record.endedAtMs,
    flow: record.flow,
    outcome: record.verdict.outcome,
    record: encodeRecord(record),
  };
}
