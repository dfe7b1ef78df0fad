/** The attempts to open the link to a SIP server. */
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { openWithRetries } from "../../src/signaling/link-retry.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

function attempts(error: () => Error | undefined, deadlineMs?: number) {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const atMs: number[] = [];
  const startUs = clock.nowUs();
  const open = (): Promise<void> => {
    atMs.push((clock.nowUs() - startUs) / 1000);
    const failure = error();
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  };
  const done = openWithRetries(open, {
    clock,
    logger: silentLogger,
    deadlineUs: deadlineMs === undefined ? undefined : startUs + deadlineMs * 1000,
    signal: abort.signal,
  });
  const outcome = done.then(
    () => "open",
    (failure: unknown) => failure,
  );
  return { clock, abort, atMs, outcome };
}

const LOST = new GatewayError("SIP_SERVER_LOST", { reason: "nothing listens there" });
const REFUSED = new GatewayError("SIP_SERVER_LOST", { setting: "sip.drachtio.secret" });

describe("opening a link", () => {
  it("is tried again after growing pauses, until it succeeds", async () => {
    let left = 7;
    const { clock, atMs, outcome } = attempts(() => (left-- > 0 ? LOST : undefined));
    await clock.advanceMs(20_000);
    expect(await outcome).toBe("open");
    expect(atMs).toEqual([0, 100, 350, 850, 1850, 3850, 8850, 13_850]);
    expect(clock.pending).toBe(0);
  });

  it("ends with the last error when the time is over", async () => {
    const { clock, atMs, outcome } = attempts(() => LOST, 1000);
    await clock.advanceMs(2000);
    expect(await outcome).toBe(LOST);
    expect(atMs).toEqual([0, 100, 350, 850]);
  });

  it("ends at once at the start when a setting is wrong, but not later", async () => {
    const first = attempts(() => REFUSED, 1000);
    expect(await first.outcome).toBe(REFUSED);
    const later = attempts(() => REFUSED);
    await later.clock.advanceMs(1000);
    expect(later.atMs).toHaveLength(4);
    later.abort.abort(LOST);
    expect(await later.outcome).toBe(LOST);
    expect(later.clock.pending).toBe(0);
  });
});
