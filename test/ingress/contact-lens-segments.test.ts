import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSegments, readStreamRecord } from "../../src/ingress/contact-lens-segments.ts";
import { lensRecord, lensTranscript, lensUtterance } from "../support/contact-lens.ts";

const read = (value: unknown) => readStreamRecord(Buffer.from(JSON.stringify(value)), "i-1");

describe("a record of Contact Lens", () => {
  it("holds utterances, whose partial versions have the id of the final one", () => {
    const record = lensRecord(
      "i-1",
      "c-1",
      "SEGMENTS",
      lensUtterance("t1", "my ord"),
      lensTranscript("t1", "my order", { sentiment: "NEGATIVE" }),
      lensTranscript("t2", "one moment", { role: "AGENT", atMs: 2000 }),
    );
    expect(read(record)).toMatchObject({
      kind: "segments",
      contactId: "c-1",
      malformed: 0,
      segments: [
        { utteranceId: "t1", text: "my ord", final: false, role: "customer" },
        { utteranceId: "t1", text: "my order", final: true, sentiment: "negative", endMs: 1000 },
        { utteranceId: "t2", role: "agent", startMs: 2000 },
      ],
    });
  });

  it("holds rules that fit, and the summary after the end, where there is one", () => {
    const segments = [
      { Categories: { MatchedCategories: ["Escalation"], MatchedDetails: {} } },
      { PostContactSummary: { Content: "They wanted a refund.", Status: "COMPLETED" } },
      { PostContactSummary: { Status: "FAILED", FailureCode: "INTERNAL_ERROR" } },
    ];
    expect(readSegments(segments)).toEqual({
      segments: [
        { kind: "categories", names: ["Escalation"] },
        { kind: "summary", text: "They wanted a refund." },
      ],
      malformed: 0,
    });
  });

  it.each([
    ["STARTED", "started"],
    ["COMPLETED", "completed"],
    ["FAILED", "failed"],
    ["SOMETHING_NEW", "unknownEvent"],
  ])("of the type %s is %s", (type, kind) => {
    expect(read(lensRecord("i-1", "c-1", type))).toMatchObject({ kind });
  });

  it("is left out when it is of another instance or a chat, or is none", () => {
    expect(read(lensRecord("i-2", "c-1", "STARTED"))).toEqual({ kind: "otherInstance" });
    const arn = "arn:aws:connect:eu-central-1:123456789012:instance/i-1";
    expect(read(lensRecord(arn, "c-1", "STARTED"))).toMatchObject({ kind: "started" });
    const chat = { ...lensRecord("i-1", "c-1", "STARTED"), Channel: "CHAT" };
    expect(read(chat)).toEqual({ kind: "otherChannel" });
    for (const value of [null, 5, [], {}, { ContactId: "../x", EventType: "STARTED" }]) {
      expect(read(value)).toEqual({ kind: "malformed" });
    }
    expect(readStreamRecord(Buffer.from("{ no JSON"), "i-1")).toEqual({ kind: "malformed" });
  });

  it("counts segments that do not fit, and takes the others", () => {
    const broken = [
      null,
      {},
      { Transcript: { Id: "t", Content: 5 } },
      { Transcript: { ...transcriptOf("t3"), BeginOffsetMillis: -1 } },
      { Categories: { MatchedCategories: "x" } },
      lensTranscript("t4", "fits"),
    ];
    const { segments, malformed } = readSegments(broken);
    expect([malformed, segments.length]).toEqual([5, 1]);
    expect(
      readSegments(Array.from({ length: 700 }, () => lensTranscript("t", "x"))).malformed,
    ).toBe(200);
  });

  it("never throws, whatever the stream holds", () => {
    fc.assert(
      fc.property(fc.json(), fc.uint8Array(), (text, bytes) => {
        readStreamRecord(Buffer.from(text), "i-1");
        readStreamRecord(bytes, "i-1");
        readSegments([JSON.parse(text)]);
      }),
    );
  });
});

function transcriptOf(id: string): object {
  return (lensTranscript(id, "x") as { readonly Transcript: object }).Transcript;
}
