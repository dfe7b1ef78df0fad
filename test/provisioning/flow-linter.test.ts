/** The linter of contact flows: templates are right in both spellings, and each thing that can be wrong is found where it is. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { systemFiles } from "../../src/app/files.ts";
import { lintFile, lintWish, loadConnectWish } from "../../src/app/load-connect-wish.ts";
import { findingLine } from "../../src/provisioning/flow-language/finding.ts";
import { lintFlow } from "../../src/provisioning/flow-language/flow-linter.ts";
import { renderFlow } from "../../src/provisioning/flow-template.ts";
import { anyValues } from "../../src/provisioning/flow-values.ts";

const FOLDER = new URL("../fixtures/contact-flows/", import.meta.url);
const TEMPLATES = readdirSync("flows/connect").filter((name) => name.endsWith(".json"));

/** Each broken flow → the block, the parameter, and a part of what is said. */
const BROKEN: Readonly<Record<string, readonly [string | undefined, string | undefined, string]>> =
  {
    "ai-time-limit": [
      "to-gateway",
      "Parameters.ThirdPartyConnectionTimeLimitSeconds",
      'from "1" to "600", found "601"',
    ],
    "arn-of-another-kind": ["queue", "Parameters.QueueId", "expected the ARN of a queue"],
    "arn-of-another-instance": ["queue-2", "Parameters.QueueId", "expected an ARN of the instance"],
    "arn-of-another-region": [
      "to-gateway",
      "Parameters.VoiceConnector.VoiceConnectorArn",
      "expected an ARN of us-east-1, found one of eu-west-2",
    ],
    "bare-number": [
      "lambda",
      "Parameters.InvocationTimeLimitSeconds",
      'all values are strings, write "8"',
    ],
    "condition-with-two-operands": [
      "compare",
      "Transitions.Conditions[0].Condition.Operands",
      "exactly one string",
    ],
    "duplicate-identifier": ["say", "Identifier", "another block has the same Identifier"],
    "error-not-caught": ["to-queue", "Transitions.Errors", 'ErrorType "QueueAtCapacity"'],
    "error-unknown": [
      "say",
      "Transitions.Errors[0].ErrorType",
      'found "NoMatchingErrors"; did you mean "NoMatchingError"?',
    ],
    "forbidden-character": ["say:hello", "Identifier", "found :"],
    "hook-twice": ["hooks", "Parameters.EventHooks.CustomerQueue", "exactly one of AgentHold"],
    "lambda-too-slow": [
      "lambda",
      "Parameters.InvocationTimeLimitSeconds",
      'from "1" to "8", found "9"',
    ],
    "long-identifier": [
      "this-identifier-is-longer-than-fifty-characters-are",
      "Identifier",
      "1 to 50 characters, found 51",
    ],
    "loop-without-done": ["loop", "Transitions.Conditions", 'Equals "DoneLooping"'],
    "missing-parameter": ["to-gateway", "Parameters.VoiceConnector.ToUser", "is missing"],
    "missing-target": ["say", "Transitions.NextAction", 'found "hangup"; did you mean "hang-up"?'],
    "mixed-spelling": [
      "to-gateway",
      "Parameters.ThirdPartyConnectionTimeoutSeconds",
      "expected ThirdPartyConnectionTimeLimitSeconds",
    ],
    "not-json": [undefined, undefined, "expected JSON"],
    "operator-unknown": [
      "compare",
      "Transitions.Conditions[0].Condition.Operator",
      'found "Equal"; did you mean "Equals"?',
    ],
    "reference-unknown": ["say", "Parameters.Text", 'did you mean "Attributes"?'],
    "start-unknown": [undefined, "StartAction", 'found "start"'],
    "streaming-on-hold": ["stream", "Type", "not for flows of type CUSTOMER_HOLD"],
    "terminal-goes-on": ["hang-up", "Transitions", "the flow ends at this block"],
    "too-many-blocks": [undefined, "Actions", "at most 250 blocks, found 251"],
    "two-texts": ["say", "Parameters.Text", "exactly one of PromptId, Text, SSML, Media"],
    "type-misspelt": ["say", "Type", 'did you mean "MessageParticipant"?'],
    "unknown-parameter": ["say", "Parameters.Txt", 'did you mean "Text"?'],
    unreachable: ["lost", "Identifier", "no way leads to this block"],
    "unresolved-placeholder": ["queue", "Parameters.QueueId", "<<queue:agents>> is not resolved"],
    version: [undefined, "Version", 'expected "2019-10-30"'],
    "wait-in-whisper": ["wait", "Type", "not for flows of type AGENT_WHISPER"],
  };

describe("the templates", () => {
  it.each(["exported", "documented"] as const)("are all right in the %s spelling", (spelling) => {
    const read = loadConnectWish("flows/connect/connect.yaml", systemFiles);
    const loaded = { ...read, wish: { ...read.wish, connectorBlock: spelling } };
    expect(lintWish(loaded, "us-east-1").map(findingLine)).toEqual([]);
    const findings = TEMPLATES.flatMap((name) =>
      lintFile(`flows/connect/${name}`, systemFiles, { loaded, region: "us-east-1" }),
    );
    expect(findings.map(findingLine)).toEqual([]);
  });

  it("hold the transfer connector in the spelling that is wanted", () => {
    const { wish } = loadConnectWish("flows/connect/connect.yaml", systemFiles);
    const template = readFileSync("flows/connect/inbound.json", "utf8");
    const blockIn = (spelling: "exported" | "documented"): unknown => {
      const { Actions } = JSON.parse(renderFlow(template, anyValues(wish, "us-east-1"), spelling));
      return Actions.find(({ Identifier }: { Identifier: string }) => Identifier === "to-gateway")
        .Parameters;
    };
    expect(blockIn("exported")).toMatchObject({
      ThirdPartyConnectionTimeLimitSeconds: "60",
      VoiceConnector: { VoiceConnectorType: "CallTransferConnector" },
    });
    expect(blockIn("documented")).toMatchObject({
      ThirdPartyConnectionTimeoutSeconds: "60",
      VoiceConnector: { VoiceConnectorType: "ChimeConnector" },
    });
  });
});

describe("a broken flow", () => {
  it("has a row here for each file", () => {
    const names = readdirSync(FOLDER).map((name) => name.replace(".json", ""));
    expect(names.sort()).toEqual(Object.keys(BROKEN).sort());
    expect(names.length).toBeGreaterThan(20);
  });

  it.each(Object.entries(BROKEN))(
    "%s is found where it is, and nothing else",
    (name, [block, parameter, text]) => {
      const content = readFileSync(new URL(`${name}.json`, FOLDER), "utf8");
      const findings = lintFlow(content, { file: `${name}.json` });
      expect(findings.map(findingLine)).toHaveLength(1);
      const [finding] = findings;
      expect(finding).toMatchObject({ severity: "error", block, parameter });
      expect(finding?.text).toContain(text);
      const [, line] = /^.+\.json:(\d+):\d+$/.exec(finding?.place ?? "") ?? [];
      expect(Number(line)).toBeGreaterThan(0);
      if (block !== undefined) {
        const before = content.split("\n").slice(0, Number(line)).join("\n");
        expect(before).toContain(JSON.stringify(block));
      }
    },
  );
});
