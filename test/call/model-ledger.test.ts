import { describe, expect, it } from "vitest";
import { ModelLedger } from "../../src/call/model-ledger.ts";
import { asCallId, createLegId } from "../../src/core/ids.ts";
import type { LegFact } from "../../src/ports/media-facts.ts";

const CALL = asCallId("c");
const USAGE = {
  inputTextTokens: 1,
  inputAudioTokens: 2,
  cachedTokens: 3,
  outputTextTokens: 4,
  outputAudioTokens: 5,
};

function ledgerOf(...facts: readonly (readonly [atMs: number, fact: LegFact])[]): ModelLedger {
  const ledger = new ModelLedger();
  for (const [atMs, fact] of facts) {
    ledger.add({ ...fact, callId: CALL, legId: createLegId(CALL, "caller"), atMs });
  }
  return ledger;
}

const spans = (ledger: ModelLedger) =>
  ledger
    .finish(900)
    .map(({ model, fromMs, toMs, ended, code }) =>
      [model, fromMs, toMs, ended, ...(code === undefined ? [] : [code])].join(" "),
    );

const ready = (model: string): LegFact => ({ kind: "modelReady", model, afterMs: 5 });
const replaced = (model: string, by: string): LegFact => ({
  kind: "modelReplaced",
  model,
  by,
  code: "MODEL_LOST",
  reason: "gone",
});

describe("which model spoke when", () => {
  it("is one span for a call with one model", () => {
    expect(spans(ledgerOf([10, ready("nova")]))).toEqual(["nova 10 900 callEnded"]);
  });

  it("has a span for each session that was renewed", () => {
    const renewed: LegFact = { kind: "modelRenewed", model: "nova" };
    expect(spans(ledgerOf([10, ready("nova")], [480, renewed], [481, ready("nova")]))).toEqual([
      "nova 10 480 renewed",
      "nova 480 900 callEnded",
    ]);
  });

  it("says who was replaced by whom and why, also before a word was said", () => {
    const facts = [
      [10, ready("nova")],
      [300, replaced("nova", "openai")],
      [320, replaced("openai", "local")],
      [330, ready("local")],
    ] as const;
    expect(spans(ledgerOf(...facts))).toEqual([
      "nova 10 300 replaced MODEL_LOST",
      "openai 300 320 replaced MODEL_LOST",
      "local 320 900 callEnded",
    ]);
    expect(spans(ledgerOf([5, replaced("nova", "local")]))).toEqual([
      "nova 5 5 replaced MODEL_LOST",
      "local 5 900 callEnded",
    ]);
  });

  it("has the voice of the last words when the list is exhausted", () => {
    const failed: LegFact = { kind: "modelFailed", code: "MODEL_REJECTED", reason: "wrong key" };
    const ledger = ledgerOf([10, ready("nova")], [300, failed], [310, ready("local")]);
    expect(ledger.spans[1]).toMatchObject({ model: "local", toMs: undefined, ended: undefined });
    expect(spans(ledger)).toEqual(["nova 10 300 failed MODEL_REJECTED", "local 310 900 callEnded"]);
    expect(ledger.spans[0]?.reason).toBe("wrong key");
  });

  it("adds up what each provider counted", () => {
    const used = (model: string, costUsd: number | undefined): LegFact => ({
      kind: "modelUsed",
      model,
      usage: USAGE,
      costUsd,
    });
    const ledger = ledgerOf([1, used("a", 0.5)], [2, used("a", 0.25)], [3, used("b", undefined)]);
    expect(ledger.usage).toEqual([
      { model: "a", costUsd: 0.75, usage: expect.objectContaining({ outputAudioTokens: 10 }) },
      { model: "b", costUsd: undefined, usage: USAGE },
    ]);
  });
});
