/** When a caller's unanswered speech is kept for another session, and when that would be memory for nothing. */
import { afterEach, describe, expect, it } from "vitest";
import type { ModelCapabilities } from "../../src/ports/realtime-model.ts";
import { MediaLab } from "../support/media-lab.ts";

/** A successor is opened in a pause from 150 s on, and from 180 s on while the caller speaks. */
const LIMIT_MS = 200_000;
let lab: MediaLab;

afterEach(async () => {
  await lab.close();
});

async function opened(
  capabilities: Partial<ModelCapabilities>,
  fallbacks: readonly string[] = [],
  mode: "talk" | "listen" = "talk",
): Promise<void> {
  lab = new MediaLab({ readyAfterMs: 50, capabilities, others: fallbacks });
  await lab.openLeg();
  const continuity = { fallbacks, answerTimeoutMs: undefined, filler: undefined };
  await lab.attachModel(mode, { continuity });
  await lab.clock.advanceMs(100);
}

async function keptAfterSpeech(): Promise<number> {
  lab.peer.sendTone(3, 1000);
  await lab.clock.advanceMs(1100);
  const dump = JSON.stringify(lab.host.dump(MediaLab.CALL));
  return Number(/"unansweredSpeechMs":(\d+)/.exec(dump)?.[1]);
}

/** The caller speaks without a pause from before a successor could take over in one; what those after the first session heard. */
async function heardBySuccessors(): Promise<readonly number[]> {
  await lab.clock.advanceMs(149_000);
  for (let spokenMs = 0; spokenMs < 29_000; spokenMs += 1000) {
    lab.peer.sendTone(3, 800);
    await lab.clock.advanceMs(1000);
  }
  lab.peer.sendTone(4, 6000);
  await lab.clock.advanceMs(8000);
  return lab.model.sessions.slice(1).flatMap((session) => session.tonesHeard());
}

describe("what the caller says", () => {
  it("is not kept while the only model's session is far from its limit", async () => {
    await opened({ maxSessionMs: LIMIT_MS });
    expect(await keptAfterSpeech()).toBe(0);
  });

  it("is kept when the limit is near, and given to the successor", async () => {
    await opened({ maxSessionMs: LIMIT_MS });
    expect(await heardBySuccessors()).toEqual([3, 4]);
  });

  it("is kept where another model may take over", async () => {
    await opened({ maxSessionMs: LIMIT_MS }, ["second"]);
    expect(await keptAfterSpeech()).toBeGreaterThan(900);
  });

  it("is kept where the service may end the session at any time", async () => {
    await opened({ maxSessionMs: undefined });
    expect(await keptAfterSpeech()).toBeGreaterThan(900);
  });

  it("is never given twice to who only listens: it would be written down twice", async () => {
    await opened({ maxSessionMs: LIMIT_MS }, [], "listen");
    expect(await heardBySuccessors()).toEqual([4]);
  });
});
