/** Tabs of the narrow page, as WAI-ARIA has them: arrow keys move, one is in the tab order. */
import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { CallView } from "../state/call-view.ts";

/** The parts of a call. */
export type TabId = "help" | "transcript" | "call";

const TABS: readonly (readonly [TabId, string])[] = [
  ["help", "Help"],
  ["transcript", "Transcript"],
  ["call", "Call"],
];

/** Of the element that a tab shows. */
export function panelId(id: TabId): string {
  return `panel-${id}`;
}

/** The row of tabs, with how much help came while another one was shown. */
export function Tabs({ tab, view }: { readonly tab: Signal<TabId>; readonly view: CallView }) {
  const seen = useSignal(0);
  const count = view.suggestions.length + (view.summary === undefined ? 0 : 1);
  useSignalEffect(() => {
    if (tab.value === "help") {
      seen.value = count;
    }
  });
  const unseen = tab.value === "help" ? 0 : Math.max(0, count - seen.value);
  const move = (event: KeyboardEvent): void => {
    const at = TABS.findIndex(([id]) => id === tab.value);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step === undefined ? undefined : TABS.at((at + step) % TABS.length)?.[0];
    if (next !== undefined) {
      event.preventDefault();
      tab.value = next;
      document.getElementById(`tab-${next}`)?.focus();
    }
  };
  return (
    <div class="tabs" role="tablist" aria-label="Parts of the call" onKeyDown={move}>
      {TABS.map(([id, name]) => (
        <button
          key={id}
          id={`tab-${id}`}
          type="button"
          role="tab"
          aria-selected={tab.value === id}
          aria-controls={panelId(id)}
          tabIndex={tab.value === id ? 0 : -1}
          onClick={() => {
            if (id === "help") {
              seen.value = count;
            }
            tab.value = id;
          }}
        >
          {name}
          {id === "help" && unseen > 0 ? <span class="badge">{unseen} new</span> : null}
        </button>
      ))}
    </div>
  );
}
