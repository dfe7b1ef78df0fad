/** The whole page: what is wrong on top, then the call in columns, or one tab at a time where it is narrow. */
import { useSignal } from "@preact/signals";
import type { AgentPage } from "../agent-page.ts";
import type { CallView } from "../state/call-view.ts";
import { Advice } from "./advice.tsx";
import { Announcer } from "./announcer.tsx";
import { CallPanel } from "./call-panel.tsx";
import { Header } from "./header.tsx";
import { isNarrow } from "./narrow.ts";
import { Notices } from "./notices.tsx";
import { Start } from "./start.tsx";
import { panelId, type TabId, Tabs } from "./tabs.tsx";
import { Transcript } from "./transcript.tsx";

/** Everything below `#page`. */
export function App({ page }: { readonly page: AgentPage }) {
  const view = page.state.view.value;
  return (
    <div class="page">
      <Header page={page} view={view} />
      <Notices page={page} />
      {view === undefined ? (
        <Start page={page} />
      ) : (
        <Call key={view.callId} page={page} view={view} />
      )}
      <Announcer page={page} />
    </div>
  );
}

function Call({ page, view }: { readonly page: AgentPage; readonly view: CallView }) {
  const tab = useSignal<TabId>("help");
  const isTabbed = isNarrow.value;
  const panel = (id: TabId) => ({
    id: panelId(id),
    class: `panel panel-${id}`,
    hidden: isTabbed && tab.value !== id,
    ...(isTabbed ? ({ role: "tabpanel", "aria-labelledby": `tab-${id}` } as const) : {}),
  });
  return (
    <>
      {isTabbed ? <Tabs tab={tab} view={view} /> : null}
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
    </>
  );
}
