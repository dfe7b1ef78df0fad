import { describe, expect, test } from "vitest";
import { RenewalSchedule } from "../../src/media/renewal-schedule.ts";

const SECOND_US = 1_000_000;

function stagesAt(schedule: RenewalSchedule, seconds: readonly number[]): readonly string[] {
  return seconds.map((second) => schedule.stage(second * SECOND_US));
}

describe("the schedule of a renewal", () => {
  test("leaves a session of 8 minutes alone for 7, and is in force 5 s before its end", () => {
    const schedule = new RenewalSchedule(0, 480_000);
    expect(stagesAt(schedule, [0, 419, 420, 459, 460, 474, 475, 500])).toEqual([
      "early",
      "early",
      "prepare",
      "prepare",
      "press",
      "press",
      "force",
      "force",
    ]);
  });

  test("keeps the order in a session of 30 s", () => {
    const schedule = new RenewalSchedule(10 * SECOND_US, 30_000);
    expect(stagesAt(schedule, [32, 33, 36.5, 38.5])).toEqual([
      "early",
      "prepare",
      "press",
      "force",
    ]);
  });

  test("never comes for a session without an end, until the provider announces one", () => {
    const schedule = new RenewalSchedule(0, undefined);
    expect(stagesAt(schedule, [1_000_000])).toEqual(["early"]);
    schedule.onExpiring(100 * SECOND_US, 10_000);
    expect(stagesAt(schedule, [100, 104, 105, 107, 108])).toEqual([
      "prepare",
      "prepare",
      "press",
      "press",
      "force",
    ]);
  });
});
