import { describe, expect, test } from "vitest";
import { flow, prompts } from "../support/agent-flow.ts";

describe("the agent flow", () => {
  test("can be followed with shipped prompts alone", () => {
    const texts = Object.values(flow.dialogue.steps).flatMap(({ say }) => say ?? []);
    expect([flow.greeting, ...texts].filter((text) => prompts.find(text) === undefined)).toEqual(
      [],
    );
  });

  test("greets in less than six seconds", () => {
    expect((prompts.find(flow.greeting)?.length ?? 0) / 8000).toBeLessThan(6);
  });

  test("names only steps that exist", () => {
    const { steps, start } = flow.dialogue;
    const named = Object.values(steps).flatMap((step) => [
      ...Object.values(step.words ?? {}),
      ...Object.values(step.digits ?? {}),
      ...[step.otherwise, step.then, step.silence?.next].filter((name) => name !== undefined),
    ]);
    expect([start, ...named].filter((name) => steps[name] === undefined)).toEqual([]);
  });
});
