import { describe, expect, it } from "vitest";
import { decodeRecord, encodeRecord } from "../../src/store/record-codec.ts";
import { callRecord } from "../support/call-records.ts";

describe("a stored record", () => {
  it("of a version without a ledger is read, with an empty one", () => {
    const { models: _, usage: __, ...old } = callRecord("a");
    const record = decodeRecord(JSON.stringify(old));
    expect(record).toEqual({ ...old, models: [], usage: [] });
    expect(record.turns[0]?.source).toBeUndefined();
  });

  it("of a recording session keeps who is who", () => {
    const record = callRecord("a", {
      mode: "assist",
      participants: [{ id: "1", role: "agent", because: "rule 1 (aor)", name: undefined }],
      transcript: [{ speaker: "caller", text: "yes", atMs: 1, role: "agent", participantId: "1" }],
    });
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  it("keeps consent, and what was recorded", () => {
    const record = callRecord("a", {
      consent: { state: "given", by: "caller", atMs: 5 },
      recording: {
        state: "finished",
        file: "2026-01-01/a.wav.enc",
        uri: "s3://calls/2026-01-01/a.wav.enc",
        startedAtMs: 1,
        durationMs: 2,
        format: "mulaw",
        paused: [{ fromMs: 1, toMs: 2, by: "operator" }],
        droppedMs: 0,
        keyId: "k1",
        sha256: "00",
      },
    });
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  it("may name a failure that this version does not know", () => {
    const [span] = callRecord("a").models;
    const text = encodeRecord(callRecord("a", { models: span === undefined ? [] : [span] }));
    const later = text.replace(
      '"model":"local","fromMs"',
      '"code":"MODEL_BORED","model":"local","fromMs"',
    );
    expect(later).not.toBe(text);
    expect(decodeRecord(later).models[0]).toMatchObject({ model: "local", code: undefined });
  });
});
