/** What the facts of a call say in numbers. */
import type { TOKEN_KINDS } from "../core/metric-labels.ts";
import type { Metrics } from "../core/metrics.ts";
import type { CallRecord } from "../ports/call-store.ts";
import type { MediaFact, TurnTiming } from "../ports/media-facts.ts";
import type { ModelUsage } from "../ports/realtime-model.ts";
import { sharesOf } from "./turn-shares.ts";

type ModelUsed = Extract<MediaFact, { kind: "modelUsed" }>;

const TOKENS: Readonly<Record<(typeof TOKEN_KINDS)[number], keyof ModelUsage>> = {
  inputText: "inputTextTokens",
  inputAudio: "inputAudioTokens",
  cached: "cachedTokens",
  outputText: "outputTextTokens",
  outputAudio: "outputAudioTokens",
};

/** Counts and measures one fact. */
export function measureFact(metrics: Metrics, fact: MediaFact): void {
  switch (fact.kind) {
    case "turnPlayed":
      measureTurn(metrics, fact.turn);
      break;
    case "bargedIn":
      metrics.increment("trunkline_barge_ins_total", { verdict: fact.by ?? "model" });
      if (fact.sinceVoiceMs !== undefined) {
        metrics.observe("trunkline_barge_in_ms", fact.sinceVoiceMs);
      }
      break;
    case "bargeInDismissed":
      metrics.increment("trunkline_barge_ins_total", { verdict: fact.as ?? "noise" });
      break;
    case "modelUsed":
      measureUsage(metrics, fact);
      break;
    case "modelRenewed":
      metrics.increment("trunkline_model_renewals_total", { model: fact.model });
      break;
    case "modelReplaced": {
      const { model, code } = fact;
      metrics.increment("trunkline_model_replacements_total", { model, code });
      break;
    }
    case "modelFaltered": {
      const { model, code } = fact;
      metrics.increment("trunkline_model_outages_total", { model, code });
      break;
    }
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

/** Only answers to the caller are measured: what fills the time until then does not make them wait less. */
function measureTurn(metrics: Metrics, turn: TurnTiming): void {
  const { model, source = "answer", unheardMs } = turn;
  if (model === undefined) {
    return;
  }
  metrics.increment("trunkline_unheard_ms_total", { model }, unheardMs);
  if (source !== "answer") {
    return;
  }
  const { responseMs, modelMs, gatewayMs } = sharesOf(turn);
  if (responseMs === undefined) {
    return;
  }
  metrics.observe("trunkline_response_ms", responseMs, { model });
  metrics.observe("trunkline_gateway_share_ms", gatewayMs, { model });
  if (modelMs !== undefined) {
    metrics.observe("trunkline_model_share_ms", modelMs, { model });
  }
}

function measureUsage(metrics: Metrics, { model, usage, costUsd }: ModelUsed): void {
  for (const [kind, member] of Object.entries(TOKENS)) {
    metrics.increment("trunkline_model_tokens_total", { model, kind }, usage[member]);
  }
  if (costUsd !== undefined) {
    metrics.increment("trunkline_model_cost_usd_total", { model }, costUsd);
  }
}
