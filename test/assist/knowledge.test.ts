import { describe, expect, it } from "vitest";
import { KnowledgeIndex } from "../../src/assist/knowledge.ts";
import { KNOWLEDGE } from "../support/advice-lab.ts";

describe("the knowledge", () => {
  it.each([
    ["When are you open on Sundays?", "opening-hours.md"],
    ["what are your opening hours", "opening-hours.md"],
    ["How long until I get my refund?", "refunds.md"],
    ["My goods are FAULTY!", "refunds.md#faulty-goods"],
    ["I lost my card", "opening-hours.md#emergencies"],
  ])("answers %s from %s", (question, uri) => {
    const [hit] = KNOWLEDGE.search(question, 3);
    expect(hit?.source.uri).toBe(uri);
    expect(hit?.answer.length).toBeGreaterThan(10);
  });

  it.each(["Hello there", "", "the and of", "Does your cat play the piano in Norway?", "🙂"])(
    "knows nothing about %j",
    (question) => {
      expect(KNOWLEDGE.search(question, 3)).toEqual([]);
    },
  );

  it("cites title, place and words of the passage", () => {
    const [hit] = KNOWLEDGE.search("faulty goods", 1);
    expect(hit?.source).toEqual({
      title: "Refunds – Faulty goods",
      uri: "refunds.md#faulty-goods",
      excerpt: "- Faulty goods are exchanged within two years. - Ask for a photo.",
    });
    expect(hit?.answer).toBe("Faulty goods are exchanged within two years. Ask for a photo.");
  });

  it("takes a file without headings by its name", () => {
    const index = new KnowledgeIndex([{ path: "gift-cards.md", text: "They never expire." }]);
    expect(index.search("gift cards", 1)[0]?.source.title).toBe("gift cards");
  });

  it("finds in a millisecond among thousands of passages", () => {
    const words = Array.from({ length: 500 }, (_, index) => `word${index}`);
    const files = Array.from({ length: 200 }, (_, file) => ({
      path: `f${file}.md`,
      text: Array.from(
        { length: 25 },
        (_, part) =>
          `# Part ${file} ${part}\n${words.filter((_word, index) => (index * 7 + file + part) % 9 === 0).join(" ")}`,
      ).join("\n"),
    }));
    const index = new KnowledgeIndex(files);
    expect(index.size).toBe(5000);
    const startedMs = performance.now();
    for (let turn = 0; turn < 100; turn += 1) {
      index.search(`word${turn} word${turn + 9} word${turn + 18}`, 3);
    }
    const each = (performance.now() - startedMs) / 100;
    expect(each).toBeLessThan(50);
  });
});
