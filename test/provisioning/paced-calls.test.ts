/** Calls of a service at its rate: spacing, back-off, what is repeated, and what is told of a refusal. */
import { describe, expect, it } from "vitest";
import { isMissing, PacedCalls } from "../../src/provisioning/paced-calls.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const SECRET = "correct-horse-battery";

class Lab {
  readonly clock = new VirtualClock();
  readonly waits: number[] = [];
  readonly startedMs: number[] = [];
  readonly calls: PacedCalls;

  constructor(spacingMs = 0) {
    this.calls = new PacedCalls({
      clock: this.clock,
      random: new SeededRandom(3),
      spacingMs,
      secrets: [SECRET],
      onWait: (_operation, waitMs) => this.waits.push(waitMs),
    });
  }

  /** Answers with these, one after the other; an error is thrown. */
  async ask(answers: readonly unknown[], how: Parameters<PacedCalls["call"]>[2] = {}) {
    const left = [...answers];
    const result = this.calls
      .call(
        "Op",
        async () => {
          this.startedMs.push(this.clock.nowUs() / 1000);
          const next = left.shift();
          if (next instanceof Error) {
            throw next;
          }
          return next;
        },
        how,
      )
      .then(
        (value) => ({ value, error: undefined }),
        (error: unknown) => ({ value: undefined, error: error as Error }),
      );
    await this.clock.advanceMs(600_000);
    expect(this.clock.pending).toBe(0);
    return result;
  }
}

function serviceError(status: number | undefined, name: string, message = "no"): Error {
  return Object.assign(new Error(message), {
    name,
    $metadata: status === undefined ? {} : { httpStatusCode: status },
  });
}

const throttled = serviceError(429, "ThrottledClientException");

describe("calls of a service", () => {
  it("keep their distance", async () => {
    const lab = new Lab(200);
    const note = async () => lab.startedMs.push(lab.clock.nowUs() / 1000);
    const all = Promise.all([1, 2, 3].map(() => lab.calls.call("Op", note)));
    await lab.clock.advanceMs(1000);
    await all;
    expect(lab.startedMs).toEqual([0, 200, 400]);
  });

  it("wait longer after each 429, by chance within half, and go on", async () => {
    const lab = new Lab();
    expect(await lab.ask([throttled, throttled, throttled, "done"])).toMatchObject({
      value: "done",
    });
    expect(lab.waits).toHaveLength(3);
    lab.waits.forEach((waitMs, index) => {
      expect(waitMs).toBeGreaterThanOrEqual(250 * 2 ** index);
      expect(waitMs).toBeLessThanOrEqual(500 * 2 ** index);
    });
    expect(new Set(lab.waits.map((waitMs, index) => waitMs / 2 ** index)).size).toBe(3);
  });

  it("give up after eight attempts", async () => {
    const lab = new Lab();
    const { error } = await lab.ask(Array(20).fill(throttled));
    expect(error).toMatchObject({ code: "PROVISION_REFUSED" });
    expect(lab.startedMs).toHaveLength(8);
  });

  it("are repeated after 500 and after silence, once it is clear that nothing was done", async () => {
    const cut = serviceError(undefined, "Error");
    const made: string[] = [];
    const alreadyDone = async () => made[0];
    expect(await new Lab().ask([cut, "made"], { alreadyDone })).toMatchObject({ value: "made" });
    made.push("found");
    const lab = new Lab();
    expect(await lab.ask([cut, "made again"], { alreadyDone })).toMatchObject({ value: "found" });
    expect(lab.startedMs).toHaveLength(1);
    const failing = serviceError(500, "ServiceFailureException");
    expect(await new Lab().ask([failing, "fine"])).toMatchObject({ value: "fine" });
  });

  it("say that nobody answered", async () => {
    const cut = Object.assign(serviceError(undefined, "Error"), { code: "ECONNREFUSED" });
    const { error } = await new Lab().ask(Array(8).fill(cut));
    expect(error?.message).toContain("(operation: Op, reason: ECONNREFUSED)");
    expect(error).toMatchObject({ code: "PROVISION_UNREACHABLE" });
  });

  it("are not repeated when they are refused, and never tell secrets or numbers", async () => {
    const lab = new Lab();
    const words = `value '${SECRET}' of +12065550100 is wrong`;
    const { error } = await lab.ask([serviceError(400, "BadRequestException", words), "never"]);
    expect(lab.startedMs).toHaveLength(1);
    expect(error?.message).toContain("BadRequestException: value '[secret]' of **********00");
    expect(JSON.stringify([error, error?.message, error?.stack])).not.toContain(SECRET);
  });

  it("are repeated after 404 where the thing was made a moment ago, and only there", async () => {
    const missing = serviceError(404, "NotFoundException");
    const old = await new Lab().ask([missing, "late"]);
    expect(isMissing(old.error)).toBe(true);
    expect(await new Lab().ask([missing, "late"], { isFresh: true })).toMatchObject({
      value: "late",
    });
  });

  it("do not wait for keys that this machine does not have", async () => {
    const lab = new Lab();
    const { error } = await lab.ask([
      serviceError(undefined, "CredentialsProviderError", "no keys"),
    ]);
    expect(lab.startedMs).toHaveLength(1);
    expect(error?.message).toContain("CredentialsProviderError: no keys");
  });
});
