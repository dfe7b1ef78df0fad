/** Re-INVITEs that meet. */
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { outlastGlare } from "../../src/signaling/glare.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

function refused(status: number): GatewayError {
  return new GatewayError("SIP_REQUEST_FAILED", { method: "INVITE", status });
}

/** Answers in order, then with success; the virtual times of the attempts. */
function bench(...statuses: readonly number[]) {
  const clock = new VirtualClock();
  const random = new SeededRandom(3);
  const waiting = new AbortController();
  const atMs: number[] = [];
  const attempt = (): Promise<string> => {
    atMs.push(clock.nowUs() / 1000);
    const status = statuses[atMs.length - 1];
    return status === undefined ? Promise.resolve("answer") : Promise.reject(refused(status));
  };
  const run = (placedByUs: boolean): Promise<string> =>
    outlastGlare(attempt, { clock, random, placedByUs, signal: waiting.signal });
  return { clock, atMs, waiting, run };
}

describe("a re-INVITE that is refused with 491", () => {
  it.each([
    ["at once to 2 s", false, 0, 2000],
    ["after 2.1 to 4 s when we chose the Call-ID", true, 2100, 4000],
  ])("is sent again %s", async (_when, placedByUs, minMs, maxMs) => {
    const { clock, atMs, run } = bench(491, 491);
    const answer = run(placedByUs);
    await clock.advanceMs(10_000);
    expect(await answer).toBe("answer");
    const [first = 0, second = 0, third = 0] = atMs;
    for (const waited of [second - first, third - second]) {
      expect(waited).toBeGreaterThanOrEqual(minMs);
      expect(waited).toBeLessThanOrEqual(maxMs);
    }
    expect(clock.pending).toBe(0);
  });

  it("is given up after four attempts", async () => {
    const { clock, atMs, run } = bench(491, 491, 491, 491);
    const outcome = expect(run(true)).rejects.toMatchObject({ details: { status: 491 } });
    await clock.advanceMs(20_000);
    await outcome;
    expect(atMs).toHaveLength(4);
  });

  it("waits no longer when the dialog ends", async () => {
    const { clock, atMs, waiting, run } = bench(491, 481);
    const outcome = expect(run(true)).rejects.toMatchObject({ details: { status: 481 } });
    await clock.advanceMs(10);
    waiting.abort();
    await outcome;
    expect([atMs.length, clock.pending]).toEqual([2, 0]);
  });
});

it("does not repeat a re-INVITE that is refused for good", async () => {
  const { atMs, run } = bench(488);
  await expect(run(false)).rejects.toMatchObject({ details: { status: 488 } });
  expect(atMs).toHaveLength(1);
});
