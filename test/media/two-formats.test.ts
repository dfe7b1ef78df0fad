/** A model that hears in one format and speaks in another. */
import { expect, test } from "vitest";
import type { AudioFormat } from "../../src/ports/realtime-model.ts";
import { MediaLab } from "../support/media-lab.ts";

const HEARS: AudioFormat = { encoding: "pcm16", rateHz: 16_000 };
const SPEAKS: AudioFormat = { encoding: "pcm16", rateHz: 24_000 };

test("a model hears in its format and is heard in its output format, each at the right pitch", async () => {
  const lab = new MediaLab({ formats: [HEARS], outputFormat: SPEAKS, bargeIn: "off" });
  await lab.openCall();
  lab.model.session.speakTone(7, 1000, "item-1");
  lab.peer.sendTone(3, 1000);
  await lab.clock.advanceMs(1500);
  expect(lab.model.session.options.format).toEqual(HEARS);
  expect(lab.model.session.tonesHeard()).toEqual([3]);
  expect(lab.peer.tonesHeard()).toEqual([7]);
  expect(Math.abs(lab.peer.toneMs(7) - 1000)).toBeLessThanOrEqual(40);
  expect(lab.factsOf("turnPlayed")[0]?.turn.playedMs).toBe(1000);
  await lab.close();
});
