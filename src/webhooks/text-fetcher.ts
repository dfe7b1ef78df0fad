/** Fetches small texts over HTTPS from hosts that the caller has checked. */
import { after, type Clock } from "../core/clock.ts";
import type { FetchedText, TextFetcher } from "../ports/text-fetcher.ts";

/** A fetcher; see the port. */
export function createTextFetcher(clock: Clock, send: typeof fetch = fetch): TextFetcher {
  return async (url, { maxBytes, timeoutMs }) => {
    if (!URL.canParse(url) || new URL(url).protocol !== "https:") {
      return undefined;
    }
    const ending = new AbortController();
    const timer = after(clock, timeoutMs, () => ending.abort());
    try {
      const response = await send(url, { redirect: "error", signal: ending.signal });
      return await readBounded(response, maxBytes);
    } catch {
      return undefined;
    } finally {
      timer.cancel();
    }
  };
}

async function readBounded(response: Response, maxBytes: number): Promise<FetchedText | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return { status: response.status, text: Buffer.concat(chunks).toString("utf8") };
}
