/** Rates are kept by the clock, and for no more sources than there is room. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SourceBuckets, TokenBucket } from "../../src/call/token-bucket.ts";
import { AdmissionLab, gateRequest } from "../support/trunks.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

describe("a bucket", () => {
  it("lets no more pass than its burst and what the time refills", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 200 }),
        (pausesUs) => {
          const rate = { perSecond: 2, burst: 3 };
          const bucket = new TokenBucket(rate, 0);
          let nowUs = 0;
          let taken = 0;
          for (const pauseUs of pausesUs) {
            nowUs += pauseUs;
            taken += bucket.take(nowUs) ? 1 : 0;
            expect(taken).toBeLessThanOrEqual(3 + (nowUs / 1_000_000) * 2 + 1e-6);
          }
        },
      ),
    );
  });

  it("is taken from only when something passes", () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, 0);
    expect([bucket.holds(0), bucket.take(0), bucket.take(500_000), bucket.take(1_000_000)]).toEqual(
      [true, true, false, true],
    );
  });
});

describe("buckets of sources", () => {
  it("are bounded, and one for all addresses of an IPv6 site", () => {
    const buckets = new SourceBuckets(new VirtualClock(), { perSecond: 1, burst: 1 });
    for (let serial = 0; serial < 20_000; serial += 1) {
      buckets.take(`10.${serial >> 8}.${serial & 255}.1`);
    }
    expect(buckets.size).toBe(10_000);
    expect(buckets.take("2001:db8:0:1::1")).toBe(true);
    expect(buckets.take("2001:db8:0:1:ffff::2")).toBe(false);
    expect(buckets.take("2001:db8:0:2::1")).toBe(true);
  });
});

it("admission never throws, whatever a request says", () => {
  const lab = new AdmissionLab(
    "- { name: branch, digest: { inbound: { username: u, password: correct-horse } } }",
    { strangers: { perSecond: 10_000, burst: 10_000 } },
  );
  const header = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.string({ maxLength: 60 }).map((text) => `Digest username="u", realm="trunkline", ${text}`),
    fc
      .array(fc.constantFrom('"', "\\", ",", "=", "Digest ", "nc", "nonce", "a", " "))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.string(), fc.string(), header, (address, method, value) => {
      const headers = { Authorization: value, "User-Agent": value };
      expect(lab.admission.admit(gateRequest(address, headers, method)).kind).not.toBe("admit");
      expect(lab.admission.admit(gateRequest(address, headers)).kind).not.toBe("admit");
    }),
    { numRuns: 300 },
  );
  lab.admission.close();
});
