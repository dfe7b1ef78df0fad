import { describe, expect, it } from "vitest";
import { encodeG711 } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { writeWav } from "../../src/audio/wav.ts";
import { ClipReader } from "../../src/media/clip-reader.ts";
import { spansOf, toneHz } from "../support/tones.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

function tone(number: number, durationMs: number, rateHz: number, amplitude = 8000): Int16Array {
  const samples = new Int16Array((durationMs * rateHz) / 1000);
  fillSine(samples, rateHz, toneHz(number), amplitude, 0);
  return samples;
}

const loudness = (samples: Int16Array): number =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

async function read(wav: Uint8Array): Promise<Int16Array> {
  const clock = new VirtualClock();
  const reading = new ClipReader(clock).readWav(wav);
  await clock.advanceMs(1000);
  return await reading;
}

describe("audio that people send", () => {
  for (const rateHz of [8000, 16_000, 24_000, 48_000]) {
    for (const channels of [1, 2]) {
      it(`is the same tone at 8 kHz, of ${rateHz} Hz and ${channels} channels`, async () => {
        const sound = tone(5, 2500, rateHz);
        const heard = await read(
          writeWav(
            rateHz,
            Array.from({ length: channels }, () => sound),
          ),
        );
        const spans = spansOf(heard, 8000).filter(({ ms }) => ms > 40);
        expect(spans.map(({ sound: what }) => what)).toEqual([5]);
        expect(Math.abs(heard.length - 20_000)).toBeLessThanOrEqual(40);
        const middle = heard.subarray(4000, 16_000);
        expect(20 * Math.log10(loudness(middle) / (8000 / Math.SQRT2))).toBeCloseTo(0, 0);
      });
    }
  }

  it("loses what a telephone cannot carry instead of folding it back", async () => {
    const samples = new Int16Array(48_000);
    fillSine(samples, 48_000, 7000, 8000, 0);
    const heard = await read(writeWav(48_000, [samples]));
    expect(loudness(heard.subarray(200, 7800))).toBeLessThan(2);
  });

  it("mixes two channels into one", async () => {
    const quiet = new Int16Array(8000);
    const heard = await read(writeWav(8000, [tone(3, 1000, 8000), quiet]));
    expect(loudness(heard) / (4000 / Math.SQRT2)).toBeCloseTo(1, 1);
  });

  it("may be bare samples", async () => {
    const clock = new VirtualClock();
    const bytes = new Uint8Array(tone(4, 500, 16_000).buffer);
    const heard = await new ClipReader(clock).readPcm(bytes, { rateHz: 16_000, channels: 1 });
    expect(spansOf(heard, 8000).filter(({ ms }) => ms > 20)).toMatchObject([{ sound: 4 }]);
  });

  it("may be G.711 in a WAV", async () => {
    const wav = writeWav(8000, [new Int16Array(4000)]);
    const codes = new Uint8Array(8000);
    encodeG711("pcmu", tone(6, 1000, 8000), 0, 8000, codes, 0);
    wav.set(codes, 44);
    const view = new DataView(wav.buffer);
    view.setUint16(20, 7, true);
    view.setUint16(34, 8, true);
    expect(spansOf(await read(wav), 8000)).toMatchObject([{ sound: 6 }]);
  });

  it("gives the event loop a turn for each second", async () => {
    const clock = new VirtualClock();
    let done = false;
    void new ClipReader(clock)
      .readPcm(new Uint8Array(16_000 * 10), { rateHz: 8000, channels: 1 })
      .then(() => {
        done = true;
      });
    expect(clock.pending).toBe(1);
    expect(done).toBe(false);
    await clock.advanceMs(100);
    expect(done).toBe(true);
  });

  it.each([
    ["no WAV", new Uint8Array(100), "AUDIO_FILE_INVALID"],
    ["another rate", writeWav(44_100, [new Int16Array(10)]), "AUDIO_FILE_INVALID"],
    [
      "three channels",
      writeWav(
        8000,
        [1, 2, 3].map(() => new Int16Array(9)),
      ),
      "AUDIO_FILE_INVALID",
    ],
    ["too much", writeWav(8000, [new Int16Array(2_400_001)]), "MEDIA_CLIP_TOO_LONG"],
  ])("is refused for %s", async (_, wav, code) => {
    await expect(new ClipReader(new VirtualClock()).readWav(wav)).rejects.toMatchObject({ code });
  });

  it("may be empty", async () => {
    expect((await read(writeWav(24_000, [new Int16Array(0)]))).length).toBe(0);
  });
});
