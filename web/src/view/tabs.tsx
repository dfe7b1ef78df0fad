/** Tabs of the narrow page, as WAI-ARIA has them: arrow keys move, one is in the tab order. */
import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import type { ContactControl } from "../ccp/contact-control.ts";
import type { CallView } from "../state/call-view.ts";

/** The parts of a call, and the contact control panel. */
export type TabId = "contact" | "help" | "transcript" | "call";

const PANEL_TAB = ["contact", "Contact"] as const;
const CALL_TABS: readonly (readonly [TabId, string])[] = [
  ["help", "Help"],
  ["transcript", "Transcript"],
  ["call", "Call"],
];

/** Of the element that a tab shows. */
export function panelId(id: TabId): string {
  return `panel-${id}`;
}

interface TabsProps {
  readonly tab: Signal<TabId>;
  /** `undefined`: there is no call. */
  readonly view: CallView | undefined;
  /** `undefined`: there is no panel. */
  readonly control: ContactControl | undefined;
}

/** Before anybody answers it. */
function isRinging(control: ContactControl | undefined): boolean {
  const phases = control?.state.value.contacts.map(({ phase }) => phase) ?? [];
  return phases.includes("incoming") || phases.includes("connecting");
}

/** The row of tabs, with how much help came while another one was shown. */
export function Tabs({ tab, view, control }: TabsProps) {
  const seen = useSignal(0);
  const tabs = control === undefined ? CALL_TABS : [PANEL_TAB, ...CALL_TABS];
  const count = (view?.suggestions.length ?? 0) + (view?.summary === undefined ? 0 : 1);
  useSignalEffect(() => {
    if (tab.value === "help") {
      seen.value = count;
    }
  });
  const unseen = tab.value === "help" ? 0 : Math.max(0, count - seen.value);
  const move = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(([id]) => id === tab.value);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step === undefined ? undefined : tabs.at((at + step) % tabs.length)?.[0];
    if (next !== undefined) {
      event.preventDefault();
      tab.value = next;
      document.getElementById(`tab-${next}`)?.focus();
    }
  };
  return (
    <div class="tabs" role="tablist" aria-label="Parts of the call" onKeyDown={move}>
      {tabs.map(([id, name]) => (
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
          {id === "contact" && isRinging(control) ? (
            <span class="badge">
              !<span class="sr-only"> rings</span>
            </span>
          ) : null}
        </button>
      ))}
    </div>
  );
}
