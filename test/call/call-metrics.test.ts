import { describe, expect, it } from "vitest";
import { PrometheusMetrics } from "../../src/api/metrics.ts";
import { measureFact } from "../../src/call/call-metrics.ts";
import { asCallId, createLegId } from "../../src/core/ids.ts";
import type { LegFact, TurnTiming } from "../../src/ports/media-facts.ts";

const CALL = asCallId("c");
const TURN: TurnTiming = {
  itemId: "a",
  source: "answer",
  model: "nova",
  lastCallerVoiceAtMs: 1000,
  turnEndedAtMs: 1400,
  firstModelAudioAtMs: 3900,
  firstPacketAtMs: 3920,
  waitedMs: 0,
  toolMs: 2000,
  endedAtMs: 5000,
  playedMs: 1080,
  unheardMs: 300,
  interrupted: true,
};

async function linesAfter(...facts: readonly LegFact[]): Promise<string[]> {
  const metrics = new PrometheusMetrics({ model: ["nova", "local"] });
  for (const fact of facts) {
    measureFact(metrics, { ...fact, callId: CALL, legId: createLegId(CALL, "caller"), atMs: 0 });
  }
  return (await metrics.render()).split("\n");
}

const turnPlayed = (changes: Partial<TurnTiming> = {}): LegFact => ({
  kind: "turnPlayed",
  turn: { ...TURN, ...changes },
});

describe("what a turn says in numbers", () => {
  it("is how long the caller waited, and whose part that was, for each model", async () => {
    expect(await linesAfter(turnPlayed())).toEqual(
      expect.arrayContaining([
        'trunkline_response_ms_sum{model="nova"} 2920',
        'trunkline_model_share_ms_sum{model="nova"} 500',
        'trunkline_gateway_share_ms_sum{model="nova"} 20',
        'trunkline_unheard_ms_total{model="nova"} 300',
        'trunkline_unheard_ms_total{model="local"} 0',
      ]),
    );
  });

  it("leaves fillers, an operator's words and unasked answers out of the wait", async () => {
    const lines = await linesAfter(
      turnPlayed({ source: "filler", model: undefined }),
      turnPlayed({ source: "inject", model: undefined }),
      turnPlayed({ source: "say", model: "nova" }),
      turnPlayed({ lastCallerVoiceAtMs: undefined, turnEndedAtMs: undefined }),
    );
    const measured = /^trunkline_(response|model_share|gateway_share)_ms_count/;
    expect(lines.filter((line) => measured.test(line))).toEqual([]);
  });

  it("does not call the time in which something else was said ours", async () => {
    const lines = await linesAfter(turnPlayed({ firstPacketAtMs: 5900, waitedMs: 1980 }));
    expect(lines).toContain('trunkline_gateway_share_ms_sum{model="nova"} 20');
  });
});

describe("what models cost and what became of them", () => {
  it("is counted by model", async () => {
    const usage = {
      inputTextTokens: 1,
      inputAudioTokens: 2,
      cachedTokens: 3,
      outputTextTokens: 4,
      outputAudioTokens: 5,
    };
    const lines = await linesAfter(
      { kind: "modelUsed", model: "nova", usage, costUsd: 0.125 },
      { kind: "modelUsed", model: "nova", usage, costUsd: undefined },
      { kind: "modelRenewed", model: "nova" },
      { kind: "modelReplaced", model: "nova", by: "local", code: "MODEL_LOST", reason: "" },
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        'trunkline_model_tokens_total{kind="inputText",model="nova"} 2',
        'trunkline_model_tokens_total{kind="cached",model="nova"} 6',
        'trunkline_model_tokens_total{kind="outputAudio",model="nova"} 10',
        'trunkline_model_tokens_total{kind="outputAudio",model="local"} 0',
        'trunkline_model_cost_usd_total{model="nova"} 0.125',
        'trunkline_model_renewals_total{model="nova"} 1',
        'trunkline_model_replacements_total{code="MODEL_LOST",model="nova"} 1',
      ]),
    );
  });
});
