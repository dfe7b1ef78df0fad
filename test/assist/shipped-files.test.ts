/** The knowledge and the playbook that come with the gateway answer what they are there for. */
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { systemFiles } from "../../src/app/files.ts";
import { loadAssist } from "../../src/app/load-assist.ts";
import { KnowledgeIndex } from "../../src/assist/knowledge.ts";
import { memoryFiles } from "../support/memory-files.ts";

const { config } = loadConfig({ environment: {}, files: memoryFiles({}) });
const SHIPPED = loadAssist(config, systemFiles);

describe("the shipped knowledge", () => {
  const index = new KnowledgeIndex(SHIPPED.knowledge);

  it.each([
    ["When are you open on Saturday?", "opening-hours.md"],
    ["Hi, my toaster broke yesterday and I would like a refund for it please", "refunds.md"],
    ["where is my parcel, it is late", "delivery.md"],
    ["I need to cancel my contract", "contracts.md"],
  ])("answers %s", (question, file) => {
    expect(index.search(question, 1)[0]?.source.uri).toContain(file);
  });

  it.each(["Good morning, this is John", "It rains in Hamburg", "one two three"])(
    "does not answer %s",
    (text) => {
      expect(index.search(text, 1)).toEqual([]);
    },
  );
});

describe("the files of assistance", () => {
  const load = (yaml: string, files: Readonly<Record<string, string>>): unknown => {
    const all = memoryFiles({ "gateway.yaml": yaml, ...files });
    return loadAssist(loadConfig({ environment: {}, files: all }).config, all);
  };

  it("may be absent where nothing says that they are there", () => {
    expect(load("{}", {})).toMatchObject({ knowledge: [], playbook: { steps: [] } });
  });

  it("are missed where the configuration names them", () => {
    const yaml = "assist: { knowledge: docs, playbook: p.yaml }\n";
    expect(() => load(yaml, {})).toThrow(/docs {2}the folder[\s\S]*p\.yaml {2}the playbook/);
  });

  it("name the line of a wrong playbook", () => {
    const yaml = "assist: { playbook: p.yaml }\n";
    expect(() => load(yaml, { "p.yaml": "steps:\n  - id: a\n    titel: b\n" })).toThrow(
      /p\.yaml:3/,
    );
  });
});
