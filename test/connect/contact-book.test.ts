/** Announced contacts: found for a while, a code only once, never more than there is room for. */
import { describe, expect, it } from "vitest";
import { ContactBook } from "../../src/connect/contact-book.ts";
import { CountingMetrics } from "../support/scenario.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

function book(maxContacts = 10) {
  const clock = new VirtualClock();
  const metrics = new CountingMetrics();
  const options = { clock, metrics, maxContacts, ttlSeconds: 60, codeDigits: 8 };
  return { clock, metrics, book: new ContactBook({ ...options, random: new SeededRandom(1) }) };
}

const identity = {
  contactId: "c1",
  initialContactId: undefined,
  instanceId: undefined,
  accountId: undefined,
};
const announced = { identity, number: undefined, code: undefined, ttlSeconds: undefined };

describe("the book of announced contacts", () => {
  it("makes up a code, which finds its contact once", () => {
    const lab = book();
    const { code = "" } = lab.book.announce({ ...announced, attributes: { a: "1" } });
    expect(code).toMatch(/^\d{8}$/);
    expect(lab.book.find({ by: "code", code })).toMatchObject({ attributes: { a: "1" } });
    expect(lab.book.find({ by: "code", code })).toBeUndefined();
  });

  it("forgets when the time is over", async () => {
    const lab = book();
    const { code = "" } = lab.book.announce({ ...announced, attributes: {}, ttlSeconds: 5 });
    await lab.clock.advanceMs(5000);
    expect(lab.book.find({ by: "code", code })).toBeUndefined();
    lab.book.announce({ ...announced, attributes: {} });
    expect(lab.book.size).toBe(1);
  });

  it("finds a number however it is written, as often as it calls", () => {
    const lab = book();
    lab.book.announce({ ...announced, number: "+1 (206) 555-0123", attributes: {} });
    for (const number of ["+12065550123", "0012065550123", "12065550123"]) {
      expect(lab.book.find({ by: "number", number })?.identity?.contactId).toBe("c1");
    }
  });

  it("takes no code that another contact waits with", () => {
    const lab = book();
    lab.book.announce({ ...announced, code: "123456", attributes: {} });
    expect(() => lab.book.announce({ ...announced, code: "123456", attributes: {} })).toThrow(
      "Another announced contact has this code.",
    );
  });

  it("forgets the oldest when there is no room, and counts it", () => {
    const lab = book(2);
    const codes = [1, 2, 3].map(
      () => lab.book.announce({ ...announced, attributes: {} }).code as string,
    );
    expect(lab.book.size).toBe(2);
    expect(lab.book.find({ by: "code", code: codes[0] as string })).toBeUndefined();
    expect(lab.metrics.counts.get("trunkline_contact_announcements_total evicted")).toBe(1);
  });
});
