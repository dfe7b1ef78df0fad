/** The whole page: what is wrong on top, then panel and call in columns, or one tab at a time where it is narrow. */
import { type Signal, useSignal } from "@preact/signals";
import type { AgentPage } from "../agent-page.ts";
import type { ContactControl } from "../ccp/contact-control.ts";
import type { CallView } from "../state/call-view.ts";
import { Advice } from "./advice.tsx";
import { Announcer } from "./announcer.tsx";
import { CallPanel } from "./call-panel.tsx";
import { CcpColumn } from "./ccp-column.tsx";
import { CcpSettingsForm } from "./ccp-settings-form.tsx";
import { Header } from "./header.tsx";
import { isNarrow } from "./narrow.ts";
import { Notices } from "./notices.tsx";
import { Start } from "./start.tsx";
import { panelId, type TabId, Tabs } from "./tabs.tsx";
import { Transcript } from "./transcript.tsx";
import type { TryDesk } from "./try-form.tsx";

interface AppProps {
  readonly page: AgentPage;
  readonly control: ContactControl;
  readonly desk: TryDesk;
}

/** Everything below `#page`. */
export function App({ page, control, desk }: AppProps) {
  const view = page.state.view.value;
  const hasPanel = control.settings.value !== undefined;
  const tab = useSignal<TabId>("help");
  const isTabbed = isNarrow.value && (hasPanel || view !== undefined);
  return (
    <div class="page">
      <Header page={page} view={view} />
      <Notices page={page} />
      {isTabbed ? <Tabs tab={tab} view={view} control={hasPanel ? control : undefined} /> : null}
      <Work page={page} control={control} desk={desk} tab={tab} isTabbed={isTabbed} />
      {control.isConfiguring.value ? <CcpSettingsForm control={control} /> : null}
      <Announcer page={page} />
    </div>
  );
}

interface WorkProps extends AppProps {
  readonly tab: Signal<TabId>;
  readonly isTabbed: boolean;
}

function Work({ page, control, desk, tab, isTabbed }: WorkProps) {
  const isFolded = useSignal(false);
  const hasPanel = control.settings.value !== undefined;
  const isPanelTab = isTabbed && hasPanel && tab.value === "contact";
  const view = page.state.view.value;
  return (
    <div class={hasPanel ? "work work-panel" : "work"}>
      {hasPanel ? (
        <CcpColumn
          control={control}
          desk={desk}
          isShown={isTabbed ? isPanelTab : !isFolded.value}
          isFolded={isTabbed ? undefined : isFolded}
        />
      ) : null}
      {isPanelTab ? null : view === undefined ? (
        <Start page={page} control={control} />
      ) : (
        <Call key={view.callId} page={page} view={view} tab={tab} />
      )}
    </div>
  );
}

interface CallProps {
  readonly page: AgentPage;
  readonly view: CallView;
  readonly tab: Signal<TabId>;
}

function Call({ page, view, tab }: CallProps) {
  const isTabbed = isNarrow.value;
  const panel = (id: TabId) => ({
    id: panelId(id),
    class: `panel panel-${id}`,
    hidden: isTabbed && tab.value !== id,
    ...(isTabbed ? ({ role: "tabpanel", "aria-labelledby": `tab-${id}` } as const) : {}),
  });
  return (
    <main class="columns">
      <section {...panel("transcript")} aria-label="Transcript">
        <Transcript view={view} isShown={!isTabbed || tab.value === "transcript"} />
      </section>
      <section {...panel("help")} aria-label="Help">
        <Advice view={view} />
      </section>
      <section {...panel("call")} aria-label="Call">
        <CallPanel page={page} view={view} />
      </section>
    </main>
  );
}
