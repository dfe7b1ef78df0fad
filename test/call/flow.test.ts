/** What a flow may say, and what is told of one that says something else. */
import { describe, expect, it } from "vitest";
import { flowSchema } from "../../src/call/flow.ts";
import { readYamlDocument } from "../../src/core/yaml-document.ts";

const problemsOf = (text: string): string =>
  readYamlDocument(text, "f.yaml", flowSchema).problems.join("\n");
const dialogue = (steps: string, start = "a"): string =>
  `model: local\ndialogue:\n  start: ${start}\n  steps:\n${steps}`;

describe("flowSchema", () => {
  it("fills in what a short flow leaves out", () => {
    const { value } = readYamlDocument("model: local\n", "f.yaml", flowSchema);
    expect(value).toMatchObject({
      mode: "agent",
      model: "local",
      instructions: "",
      tools: [],
      maxCallSeconds: 3600,
      bargeIn: { mode: "reversible" },
    });
    expect(value?.greeting).toBeUndefined();
  });

  it("takes a dialogue with words, keys and silence", () => {
    const text = dialogue(`    a:
      say: "Hello?"
      words: { "speak to a person": b, "it's late": b }
      digits: { 1: b, "#": a }
      otherwise: a
      silence: { afterMs: 5000, next: b }
    b: { say: "Bye.", hangUp: true }
`);
    const { value, problems } = readYamlDocument(text, "f.yaml", flowSchema);
    expect(problems).toEqual([]);
    expect(value?.dialogue?.steps["a"]?.digits).toEqual({ "1": "b", "#": "a" });
  });

  it.each([
    [
      "a listener with a model that talks",
      "mode: assist\nmodel: local",
      "2:8  model: is for flows that talk",
    ],
    ["a talker with ears", "model: local\nears: { model: local }", "2:7  ears: is for mode assist"],
    [
      "a talker with roles",
      "model: local\nroles: [{ role: agent, when: { first: true } }]",
      "roles: is for mode assist",
    ],
    ["a mode of later", "mode: bridge\nmodel: local\n", "1:7  mode: bridge is not available"],
    ["a mode of never", "mode: agnet\nmodel: local\n", "1:7  mode: expected one of"],
    ["no model", "mode: agent\n", "1:1  model: is missing"],
    [
      "an unknown tool",
      "model: a\ntools: [hangup]\n",
      '2:9  tools[0]: expected one of "hang_up", "send_dtmf", "transfer", "set_attribute" or fields (name, description, parameters, webhook, filler, fillerAfterMs), found "hangup"; did you mean "hang_up"?',
    ],
    ["two ways to name a model", "model: a\nmodels: [b]\n", "models: goes without model"],
    ["a model twice", "models: [a, b, a]\n", "1:16  models[2]: names a model for the second time"],
    ["a transfer to nobody", "model: a\ntools: [transfer]\n", "2:9  tools[0]: transfer needs"],
    ["nothing to note", "model: a\ntools: [set_attribute]\n", "set_attribute needs at least one"],
    ["a tool twice", "model: a\ntools: [hang_up, hang_up]\n", "has the name of another tool"],
    [
      "a webhook of a built-in name",
      'model: a\ntools: [{ name: hang_up, description: b, webhook: { url: "https://c.d" } }]\n',
      "has the name of another tool",
    ],
    [
      "a webhook that is no web address",
      'model: a\ntools: [{ name: x, description: b, webhook: { url: "ftp://u:p@c.d" } }]\n',
      "tools[0].webhook.url: is no https:// or http:// address",
    ],
    [
      "a transfer that is a number",
      'model: a\ntransfers: { sales: { to: "+49301234" } }\n',
      "transfers.sales.to: expected a sip:, sips: or tel: URI",
    ],
    [
      "a transfer that smuggles a header",
      'model: a\ntransfers: { sales: { to: "sip:a@b?Replaces=c" } }\n',
      "transfers.sales.to: expected a sip:, sips: or tel: URI",
    ],
    [
      "a last resort that is nobody",
      "model: a\ntransfers: { sales: { to: sip:a@b } }\nlastResort: { transfer: sale }\n",
      `3:25  lastResort.transfer: expected one of the flow's transfers, found "sale"; there are: sales`,
    ],
    [
      "a menu that leads nowhere",
      "model: a\nlastResort: { menu: { say: Hi., digits: { 1: { transfer: x } } } }\n",
      "lastResort.menu.digits.1.transfer: expected one of the flow's transfers",
    ],
    [
      "a start nobody wrote",
      dialogue("    b: {}\n"),
      '3:10  dialogue.start: expected the name of a step, found "a", which is none',
    ],
    [
      "a phrase in capitals",
      dialogue("    a: { words: { Yes: a } }\n"),
      "5:19  dialogue.steps.a.words.Yes: expected words of lower-case letters",
    ],
    [
      "a key no phone has",
      dialogue("    a: { digits: { 12: a } }\n"),
      "5:20  dialogue.steps.a.digits.12: expected one of 0-9",
    ],
    [
      "a next step nobody wrote",
      dialogue("    a: { digits: { 1: z } }\n"),
      '5:23  dialogue.steps.a.digits.1: expected the name of a step, found "z"',
    ],
    [
      "silence that leads nowhere",
      dialogue("    a: { silence: { afterMs: 900, next: z } }\n"),
      "dialogue.steps.a.silence.next",
    ],
    [
      "steps that never listen",
      dialogue("    a: { then: b }\n    b: { then: a }\n"),
      "5:16  dialogue.steps.a.then: leads back here without ever listening",
    ],
    [
      "a step after the end",
      dialogue("    a: { hangUp: true, then: b }\n    b: {}\n"),
      "a step that hangs up leads nowhere",
    ],
  ])("refuses %s", (_what, text, expected) => {
    expect(problemsOf(text)).toContain(expected);
  });

  it("tells every step that is missing", () => {
    expect(problemsOf(dialogue("    a: { otherwise: x, then: y }\n")).split("\n")).toHaveLength(2);
  });
});
