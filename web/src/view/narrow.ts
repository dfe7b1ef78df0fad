/** Whether the page is as narrow as a side panel, and shows one tab at a time. */
import { type ReadonlySignal, signal } from "@preact/signals";

/** The style sheet has the same width. */
const query = window.matchMedia("(max-width: 719px)");
const narrow = signal(query.matches);
query.addEventListener("change", ({ matches }) => {
  narrow.value = matches;
});

/** Follows the window. */
export const isNarrow: ReadonlySignal<boolean> = narrow;

/** Whether the agent asked for a page that does not move. */
export function wantsStillness(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
