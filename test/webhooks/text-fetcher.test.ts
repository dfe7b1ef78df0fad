import { describe, expect, it } from "vitest";
import { createTextFetcher } from "../../src/webhooks/text-fetcher.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const BOUNDS = { maxBytes: 100, timeoutMs: 1000 };
const URL_OK = "https://sns.eu-central-1.amazonaws.com/a.pem";

function bench(answer: (init: RequestInit) => Promise<Response> | Response) {
  const clock = new VirtualClock();
  const sent: RequestInit[] = [];
  const send = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    sent.push(init);
    return await answer(init);
  };
  return { clock, sent, fetchText: createTextFetcher(clock, send as typeof fetch) };
}

describe("a fetcher of small texts", () => {
  it("gives status and text, and follows no redirect", async () => {
    const { fetchText, sent, clock } = bench(() => new Response("text", { status: 201 }));
    expect(await fetchText(URL_OK, BOUNDS)).toEqual({ status: 201, text: "text" });
    expect(sent[0]?.redirect).toBe("error");
    expect(clock.pending).toBe(0);
  });

  it.each(["http://sns.eu-central-1.amazonaws.com/", "file:///etc/passwd", "no address"])(
    "does not ask %s",
    async (url) => {
      const { fetchText, sent } = bench(() => new Response("text"));
      expect([await fetchText(url, BOUNDS), sent]).toEqual([undefined, []]);
    },
  );

  it("gives nothing of what is too long, or does not come", async () => {
    const long = bench(() => new Response("x".repeat(101)));
    expect(await long.fetchText(URL_OK, BOUNDS)).toBeUndefined();
    const refused = bench(() => Promise.reject(new TypeError("fetch failed")));
    expect(await refused.fetchText(URL_OK, BOUNDS)).toBeUndefined();
    const slow = bench(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    );
    const waiting = slow.fetchText(URL_OK, BOUNDS);
    await slow.clock.advanceMs(1000);
    expect(await waiting).toBeUndefined();
    expect(slow.clock.pending).toBe(0);
  });
});
