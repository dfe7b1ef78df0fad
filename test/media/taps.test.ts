import { expect, test } from "vitest";
import { Taps } from "../../src/media/taps.ts";

function frame(value: number): Int16Array {
  return new Int16Array(160).fill(value);
}

test("every consumer hears every frame, one of them late", () => {
  const taps = new Taps();
  const heard: number[] = [];
  taps.add({ onFrame: (samples, count) => heard.push(samples[0] ?? 0, count) });
  const tap = taps.open("recorder");
  taps.push(frame(1), 160);
  taps.push(frame(2), 160);
  expect(heard).toEqual([1, 160, 2, 160]);
  const read = new Int16Array(200);
  expect(tap.read(read)).toBe(200);
  expect([read[159], read[160]]).toEqual([1, 2]);
  expect(tap.read(read)).toBe(120);
  expect(tap.takeGapMs()).toBe(0);
});

test("a tap that is not read keeps the last second and marks the gap", () => {
  const taps = new Taps();
  const tap = taps.open("slow");
  for (let i = 1; i <= 60; i += 1) {
    taps.push(frame(i), 160);
  }
  expect(tap.available).toBe(8000);
  expect(tap.toJSON()).toMatchObject({ tapGapMs: 200, heldMs: 1000 });
  expect(tap.takeGapMs()).toBe(200);
  expect(tap.takeGapMs()).toBe(0);
  const read = new Int16Array(160);
  tap.read(read);
  expect(read[0]).toBe(11);
});

test("a closed tap hears nothing more", () => {
  const taps = new Taps();
  const tap = taps.open("short");
  const leave = taps.add({ onFrame: () => undefined });
  tap.close();
  leave();
  taps.push(frame(1), 160);
  expect(tap.available).toBe(0);
  expect(taps.size).toBe(0);
});
