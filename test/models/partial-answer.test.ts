import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PartialAnswer } from "../../src/models/partial-answer.ts";

function grownBy(pieces: readonly string[], maxCharacters = 10_000): string[] {
  const partial = new PartialAnswer("answer", maxCharacters);
  return pieces.filter((piece) => partial.push(piece) || false).map(() => partial.text);
}

function textsOf(json: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.map((cut) => cut % (json.length + 1)), json.length].sort(
    (left, right) => left - right,
  );
  const partial = new PartialAnswer("answer", 10_000);
  return places.slice(1).map((place, index) => {
    partial.push(json.slice(places[index], place));
    return partial.text;
  });
}

describe("an answer while its JSON is written", () => {
  it("shows the text only, as it grows", () => {
    const partial = new PartialAnswer("answer", 100);
    const seen = [
      '{"sou',
      'rces":[1],"an',
      'swer" : "At ei',
      "ght\\n",
      "\\u00",
      'e9t\\"é"',
      ',"x":"y"}',
    ];
    const texts = seen.map((piece) => {
      partial.push(piece);
      return partial.text;
    });
    expect(texts).toEqual([
      "",
      "",
      "At ei",
      "At eight\n",
      "At eight\n",
      'At eight\nét"é',
      'At eight\nét"é',
    ]);
  });

  it("takes no text of another field or another depth for it", () => {
    const json =
      '{"a":{"answer":"no"},"b":["answer","no"],"answers":"no","c":"answer","answer":"yes"}';
    expect(textsOf(json, []).at(-1)).toBe("yes");
    expect(grownBy(['garbage, no JSON: "answer": "no"'])).toEqual([]);
  });

  it("never shows half a character", () => {
    const partial = new PartialAnswer("answer", 100);
    partial.push('{"answer":"\\ud83d');
    expect(partial.text).toBe("");
    partial.push("\\ude00");
    expect(partial.text).toBe("😀");
  });

  it("stops at its bound", () => {
    expect(grownBy([`{"answer":"${"x".repeat(500)}"}`], 50)[0]).toHaveLength(50);
  });

  it("grows to the whole text, through prefixes of it, wherever it is cut and however it is escaped", () => {
    const ascii = (json: string): string =>
      json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 20 }),
        fc.boolean(),
        fc.boolean(),
        (answer, cuts, isAscii, isFirst) => {
          const value = isFirst
            ? { answer, sources: [1] }
            : { sources: ["answer", answer], answer };
          const json = isAscii ? ascii(JSON.stringify(value)) : JSON.stringify(value);
          const texts = textsOf(json, cuts);
          expect(texts.at(-1)).toBe(answer);
          expect(texts.every((text) => answer.startsWith(text))).toBe(true);
        },
      ),
    );
  });
});
