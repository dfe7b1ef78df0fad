/** What the facts of a call say in numbers. */
import type { Metrics } from "../core/metrics.ts";
import type { CallRecord } from "../ports/call-store.ts";
import type { MediaFact } from "../ports/media-facts.ts";

/** Counts and measures one fact. */
export function measureFact(metrics: Metrics, fact: MediaFact): void {
  switch (fact.kind) {
    case "turnPlayed": {
      const { firstPacketAtMs, lastCallerVoiceAtMs } = fact.turn;
      if (lastCallerVoiceAtMs !== undefined) {
        metrics.observe("trunkline_response_ms", firstPacketAtMs - lastCallerVoiceAtMs);
      }
      break;
    }
    case "bargedIn":
      if (fact.sinceVoiceMs !== undefined) {
        metrics.observe("trunkline_barge_in_ms", fact.sinceVoiceMs);
      }
      break;
    case "modelFailed":
      metrics.increment("trunkline_model_failures_total", { code: fact.code });
      break;
    default:
      break;
  }
}

/** Counts the end of a call. */
export function measureEnd(metrics: Metrics, record: CallRecord): void {
  const { outcome, endedBy } = record.verdict;
  metrics.increment("trunkline_calls_ended_total", { outcome, ended_by: endedBy });
  if (record.answeredAtMs !== undefined) {
    metrics.observe("trunkline_call_seconds", (record.endedAtMs - record.answeredAtMs) / 1000);
  }
}
