/** When a page in a browser got each message, and when it showed each card; the wall time of the machine. */
import type { Page } from "playwright-core";
import { eventually } from "./waiting.ts";

/** Before anything of the page runs: notes messages as they come, and cards once they are whole and were painted. */
const WATCH = `(() => {
  const seen = { socket: {}, painted: {} };
  globalThis.suggestionsSeen = seen;
  const Native = WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        const atMs = Date.now();
        const { event, atMs: publishedMs } = JSON.parse(data);
        if (event?.kind === "suggestion" && !event.partial) seen.socket[event.text] ??= { atMs, publishedMs };
        if (event?.kind === "transcript" && event.final) seen.socket["said " + event.text] ??= { atMs, publishedMs };
      });
    }
  };
  const look = () => {
    for (const card of document.querySelectorAll(".card:not([aria-busy=true])")) {
      const text = card.querySelector(".text")?.textContent;
      if (text === undefined || text in seen.painted) continue;
      seen.painted[text] = null;
      requestAnimationFrame(() => requestAnimationFrame(() => {
        if (card.checkVisibility()) seen.painted[text] = Date.now();
        else delete seen.painted[text];
      }));
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
})()`;

/** A message of the gateway. */
export interface SeenMessage {
  /** At the socket of the page. */
  readonly atMs: number;
  /** By the gateway. */
  readonly publishedMs: number;
}

/** What a page saw of one suggestion. */
export interface SeenSuggestion {
  readonly said: SeenMessage;
  readonly card: SeenMessage;
  /** The frame with the whole card was made. */
  readonly paintedMs: number;
}

/** For a page that shows nothing yet: it begins with the next load. */
export async function watchSuggestions(page: Page): Promise<void> {
  await page.addInitScript(WATCH);
  await page.reload();
}

/** What was seen of the card with this text, which answers an utterance of that text. */
export function seenSuggestion(page: Page, said: string, card: string): Promise<SeenSuggestion> {
  const keys = JSON.stringify({ said: `said ${said}`, card });
  const ask = `(({ said, card }) => {
    const { socket, painted } = suggestionsSeen;
    return painted[card] && socket[said] && socket[card]
      ? { said: socket[said], card: socket[card], paintedMs: painted[card] }
      : undefined;
  })(${keys})`;
  return eventually(`the card ${card}`, () => page.evaluate<SeenSuggestion | undefined>(ask), 8000);
}
