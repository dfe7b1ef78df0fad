import { describe, expect, it } from "vitest";
import { Registration } from "../../../src/call/trunks/registration.ts";
import { outcomeOf, retryAfterMs } from "../../../src/call/trunks/registration-rules.ts";
import type { RegistrationStatus } from "../../../src/ports/trunk-directory.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { type ScriptedAnswer, ScriptedPeer } from "../../support/sip-answers.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const OK = { status: 200 } as const;

class Lab {
  readonly clock = new VirtualClock();
  readonly changes: RegistrationStatus[] = [];
  /** When each request was sent, in seconds. */
  readonly times: number[] = [];
  readonly peer: ScriptedPeer;
  readonly registration: Registration;

  constructor(...script: ScriptedAnswer[]) {
    this.peer = new ScriptedPeer(...script);
    this.peer.onRequest = () => this.times.push(this.clock.nowUs() / 1e6);
    this.registration = new Registration({
      clock: this.clock,
      random: new SeededRandom(5),
      addresses: {
        registrarUri: "sip:registrar.example;transport=tcp",
        addressOfRecord: "sip:trunk@registrar.example",
        user: "trunk",
      },
      transport: "tcp",
      credentials: { username: "trunk", password: "secret" },
      settings: { expiresSeconds: 600, retrySeconds: 4, maxRetrySeconds: 60 },
      request: this.peer.request,
      onChange: (status) => this.changes.push(status),
    });
  }

  get state(): string {
    return this.registration.toJSON().state;
  }

  async start(): Promise<void> {
    this.registration.start();
    await this.clock.advanceMs(0);
  }

  expires(): (string | undefined)[] {
    return this.peer.requests.map(({ headers }) => headers?.["Expires"]);
  }
}

describe("a registration", () => {
  it("is asked for with what RFC 3261 wants of a REGISTER", async () => {
    const lab = new Lab(OK);
    expect(lab.state).toBe("idle");
    await lab.start();
    expect(lab.peer.requests[0]).toMatchObject({
      method: "REGISTER",
      uri: "sip:registrar.example;transport=tcp",
      headers: {
        From: "<sip:trunk@registrar.example>",
        To: "<sip:trunk@registrar.example>",
        Contact: expect.stringMatching(/^<sip:trunk@localhost;transport=tcp;line=[0-9a-f]{12}>$/),
        Expires: "600",
      },
      credentials: { username: "trunk" },
    });
    expect(lab.registration.toJSON()).toMatchObject({
      state: "registered",
      failure: undefined,
      expiresAtMs: lab.clock.wallMs() + 600_000,
    });
    expect(lab.changes.map(({ state }) => state)).toEqual(["registered"]);
  });

  it("is refreshed in time, with one Call-ID and rising numbers", async () => {
    const lab = new Lab(OK);
    await lab.start();
    await lab.clock.advanceMs(3 * 540_000);
    expect(lab.times.length).toBeGreaterThanOrEqual(4);
    for (const [index, time] of lab.times.slice(1).entries()) {
      const pause = time - (lab.times[index] ?? 0);
      expect(pause).toBeGreaterThanOrEqual(480);
      expect(pause).toBeLessThan(540);
    }
    expect(new Set(lab.peer.requests.map(({ callId }) => callId)).size).toBe(1);
    const numbers = lab.peer.requests.map(({ sequence = 0 }) => sequence);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(lab.changes).toHaveLength(1);
  });

  it("is refreshed by what was granted, not by what was asked for", async () => {
    const lab = new Lab({ status: 200, headers: { Expires: "60" } });
    await lab.start();
    await lab.clock.advanceMs(54_000);
    expect(lab.times).toHaveLength(2);
  });

  it("asks for more when the registrar finds the time too brief, and remembers it", async () => {
    const lab = new Lab({ status: 423, headers: { "Min-Expires": "1800" } }, OK);
    await lab.start();
    expect(lab.expires()).toEqual(["600", "1800"]);
    expect(lab.state).toBe("registered");
    await lab.clock.advanceMs(1_620_000);
    expect(lab.expires()).toEqual(["600", "1800", "1800"]);
  });

  it("does not follow a registrar for which no time is long enough", async () => {
    const brief = (seconds: string) => ({ status: 423, headers: { "Min-Expires": seconds } });
    const lab = new Lab(brief("700"), brief("800"), brief("900"), OK);
    await lab.start();
    expect(lab.registration.toJSON()).toMatchObject({ state: "failed", failure: "expiryRefused" });
    expect(lab.peer.requests).toHaveLength(3);
  });

  it.each([
    [{ status: 401 }, "credentialsRefused"],
    [{ status: 407 }, "credentialsRefused"],
    [{ status: 403 }, "forbidden"],
    [{ status: 404 }, "userUnknown"],
    [{ status: 408 }, "noAnswer"],
    [{ status: 423 }, "expiryRefused"],
    [{ status: 503 }, "unavailable"],
    [{ status: 500 }, "refused"],
    [{ status: 200, headers: { Expires: "0" } }, "refused"],
    ["silence", "noAnswer"],
    ["lost", "notSent"],
  ] as const)("that ends with %j has failed: %s", async (answer, failure) => {
    const lab = new Lab(answer);
    await lab.start();
    const status = lab.registration.toJSON();
    expect(status).toMatchObject({ state: "failed", failure, failures: 1 });
    expect(status.nextAttemptAtMs).toBeGreaterThan(lab.clock.wallMs());
    expect(lab.changes).toHaveLength(1);
  });

  it("is tried again with growing pauses up to a cap, and reported once", async () => {
    const lab = new Lab("silence");
    await lab.start();
    await lab.clock.advanceMs(600_000);
    const pauses = lab.times.slice(1).map((time, index) => time - (lab.times[index] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      const most = Math.min(4 * 2 ** index, 60);
      expect(pause).toBeGreaterThanOrEqual(most / 2);
      expect(pause).toBeLessThanOrEqual(most);
    }
    expect(pauses.length).toBeGreaterThan(10);
    expect(lab.changes.map(({ state }) => state)).toEqual(["failed"]);
    lab.peer.script = [OK];
    await lab.clock.advanceMs(60_000);
    expect(lab.state).toBe("registered");
    expect(lab.registration.toJSON().failures).toBe(0);
  });

  it("waits as long as the registrar asks for", async () => {
    const lab = new Lab({ status: 503, headers: { "Retry-After": "50" } }, OK);
    await lab.start();
    await lab.clock.advanceMs(49_000);
    expect(lab.times).toHaveLength(1);
    await lab.clock.advanceMs(1_000);
    expect(lab.state).toBe("registered");
  });

  it("says so when a refresh fails", async () => {
    const lab = new Lab(OK, { status: 403 }, OK);
    await lab.start();
    await lab.clock.advanceMs(600_000);
    expect(lab.changes.map(({ state }) => state)).toEqual(["registered", "failed", "registered"]);
  });

  it("is tried at once when the link comes back", async () => {
    const lab = new Lab("lost", OK);
    await lab.start();
    await lab.start();
    expect([lab.state, lab.times]).toEqual(["registered", [0, 0]]);
    await lab.start();
    expect(lab.times).toHaveLength(2);
  });

  it("is taken back at the end, and nothing stays armed", async () => {
    const lab = new Lab(OK);
    await lab.start();
    await Promise.all([lab.registration.stop(), lab.registration.stop()]);
    expect(lab.expires()).toEqual(["600", "0"]);
    expect([lab.state, lab.clock.pending]).toEqual(["idle", 0]);
    await lab.start();
    expect(lab.peer.requests).toHaveLength(2);
  });

  it("that failed is not taken back", async () => {
    const lab = new Lab("silence");
    await lab.start();
    await lab.registration.stop();
    expect([lab.expires(), lab.clock.pending]).toEqual([["600"], 0]);
  });

  it("that is being asked for is taken back too", async () => {
    const lab = new Lab(OK);
    lab.registration.start();
    await lab.registration.stop();
    await lab.clock.advanceMs(1_000_000);
    expect([lab.expires(), lab.clock.pending, lab.state]).toEqual([["600", "0"], 0, "idle"]);
  });
});

describe("the time that is granted", () => {
  const asked = { expiresSeconds: 600, mark: "line=abc" };

  it.each([
    [{ Contact: "<sip:a@h;line=xyz>;expires=5, <sip:a@h;line=abc>;expires=77" }, 77],
    [{ Contact: '"A, B" <sip:a@h;line=abc>;q=1;expires="88", <sip:b@h>;expires=5' }, 88],
    [{ Contact: "<sip:a@h;line=xyz>;expires=5", Expires: "99" }, 99],
    [{ Contact: "<sip:a@h;line=abc;expires=5>" }, 600],
    [{ Expires: "never" }, 600],
    [{}, 600],
    [{ Expires: "999999999" }, 86_400],
  ] as const)("by %j is %d s", (headers: Readonly<Record<string, string>>, expiresSeconds) => {
    const answer = { status: 200, header: (name: string) => headers[name] };
    expect(outcomeOf(answer, asked)).toEqual({ kind: "granted", expiresSeconds });
  });

  it("is not waited for longer than the cap, whatever Retry-After says", () => {
    const pause = { retrySeconds: 4, maxRetrySeconds: 60 };
    for (const retryAfter of ["100000", "soon", "-1", undefined]) {
      const waitMs = retryAfterMs(40, pause, new SeededRandom(1), retryAfter);
      expect(waitMs).toBeLessThanOrEqual(60_000);
      expect(waitMs).toBeGreaterThanOrEqual(30_000);
    }
  });
});
