import { describe, expect, test } from "vitest";
import { PASSTHROUGH_FORMATS, PCM_FORMATS } from "../support/fake-model.ts";
import { MediaLab } from "../support/media-lab.ts";

describe("a leg with a model", () => {
  for (const [name, formats] of [
    ["passthrough", PASSTHROUGH_FORMATS],
    ["pcm16 at 24 kHz", PCM_FORMATS],
  ] as const) {
    test(`carries tones both ways (${name})`, async () => {
      const lab = new MediaLab({ formats });
      await lab.openCall();
      lab.peer.sendTone(3, 2000);
      lab.model.session.speakTone(7, 1500, "item-1");
      await lab.clock.advanceMs(3000);
      expect(lab.model.session.tonesHeard()).toEqual([3]);
      expect(lab.peer.tonesHeard()).toEqual([7]);
      expect(lab.peer.ssrcsHeard()).toHaveLength(1);
      expect(lab.peer.sequenceGaps()).toBe(0);
      await lab.close();
      expect(lab.clock.pending).toBe(0);
      expect(lab.network.openSockets).toEqual([]);
      expect(lab.host.toJSON()).toMatchObject({ legs: 0, calls: 0 });
    });
  }
});
