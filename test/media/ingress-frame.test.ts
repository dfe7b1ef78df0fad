import { describe, expect, it } from "vitest";
import { decodeG711, encodeG711, type G711Law } from "../../src/audio/g711.ts";
import { levelDbfs } from "../../src/audio/level.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { CodeHistory } from "../../src/media/code-history.ts";
import { IngressFrame } from "../../src/media/ingress-frame.ts";

function toneCodes(law: G711Law, count: number): Uint8Array {
  const pcm = new Int16Array(count);
  fillSine(pcm, 8000, 440, 9000, 0);
  const codes = new Uint8Array(count);
  encodeG711(law, pcm, 0, count, codes, 0);
  return codes;
}

function decoded(law: G711Law, codes: Uint8Array): Int16Array {
  const samples = new Int16Array(codes.length);
  decodeG711(law, codes, 0, codes.length, samples, 0);
  return samples;
}

describe("IngressFrame", () => {
  it.each(["pcmu", "pcma"] as const)("tells the level of %s codes without decoding", (law) => {
    const codes = toneCodes(law, 161);
    const frame = new IngressFrame().show(law, codes, 0, codes.length);

    expect(frame.levelDbfs).toBe(levelDbfs(decoded(law, codes)));
    expect(frame.levelDbfs).toBeCloseTo(-11.2, 1);
  });

  it("decodes what it shows now, at its length", () => {
    const codes = toneCodes("pcmu", 160);
    const frame = new IngressFrame();

    expect(frame.show("pcmu", codes, 40, 80).samples).toEqual(
      decoded("pcmu", codes).subarray(40, 120),
    );
    expect(frame.show("pcma", codes, 0, 160).samples).toEqual(decoded("pcma", codes));
  });
});

describe("CodeHistory", () => {
  it("gives the newest codes back in order, wherever the ring ends", () => {
    const history = new CodeHistory(340);
    const codes = toneCodes("pcmu", 1000);
    for (let offset = 0; offset < 1000; offset += 100) {
      history.push(codes, offset, 100);
    }

    expect(history.decode()).toEqual(decoded("pcmu", codes.subarray(660)));
  });

  it("takes a run longer than itself", () => {
    const history = new CodeHistory(340);
    const codes = toneCodes("pcmu", 480);
    history.push(codes, 0, 480);

    expect(history.decode()).toEqual(decoded("pcmu", codes.subarray(140)));
  });

  it("keeps its sound when the law changes, and is silent at first", () => {
    const history = new CodeHistory(4);
    history.push(Uint8Array.of(0x00, 0x80), 0, 2);
    history.law = "pcma";

    expect([...history.decode()].map((sample) => Math.round(sample / 4096))).toEqual([0, 0, -8, 8]);
  });
});
