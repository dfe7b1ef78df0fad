/** The contact control panel, and what the page knows by it: the agent, the contacts, the customer. */
import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ContactControl } from "../ccp/contact-control.ts";
import { streamsPanelIn } from "../ccp/streams-panel.ts";
import { Contacts } from "./ccp-contacts.tsx";
import { agentWords, panelAdvice } from "./ccp-words.ts";
import { CopyButton } from "./copy-button.tsx";
import { panelId } from "./tabs.tsx";
import { type TryDesk, TryForm } from "./try-form.tsx";

interface CcpColumnProps {
  readonly control: ContactControl;
  readonly desk: TryDesk;
  readonly isShown: boolean;
  /** `undefined`: it is a tab, and not folded. */
  readonly isFolded: Signal<boolean> | undefined;
}

/** What is hidden goes on: a call has its sound in the panel. */
export function CcpColumn({ control, desk, isShown, isFolded }: CcpColumnProps) {
  const isTab = isFolded === undefined;
  return (
    <section
      id={panelId("contact")}
      class={isShown ? "ccp" : "ccp ccp-folded"}
      hidden={isTab && !isShown}
      {...(isTab
        ? ({ role: "tabpanel", "aria-labelledby": "tab-contact" } as const)
        : { "aria-label": "Amazon Connect" })}
    >
      <Status control={control} isFolded={isFolded} />
      <div class="ccp-body" hidden={!isShown}>
        <Trouble control={control} />
        <Contacts control={control} />
        <Frame control={control} />
        <TryForm desk={desk} />
      </div>
    </section>
  );
}

function Status({ control, isFolded }: Pick<CcpColumnProps, "control" | "isFolded">) {
  const { agent, panel } = control.state.value;
  const words = agent === undefined ? PANEL_WORDS[panel] : agentWords(agent);
  return (
    <div class="ccp-status">
      {isFolded?.value === true ? null : (
        <>
          <p class={`agent agent-${agent?.kind ?? "none"}`} role="status">
            {words}
          </p>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              control.isConfiguring.value = true;
            }}
          >
            Settings
          </button>
        </>
      )}
      {isFolded === undefined ? null : (
        <button
          type="button"
          class="quiet"
          aria-expanded={!isFolded.value}
          aria-controls={panelId("contact")}
          aria-label={isFolded.value ? `Show Amazon Connect: ${words}` : "Hide Amazon Connect"}
          onClick={() => {
            isFolded.value = !isFolded.value;
          }}
        >
          {isFolded.value ? "»" : "«"}
        </button>
      )}
    </div>
  );
}

const PANEL_WORDS = {
  off: "Amazon Connect",
  loading: "Connecting",
  silent: "Not logged in",
  unreachable: "No answer",
  notLoggedIn: "Logged out",
  denied: "Not let in",
  ready: "Connected",
  libraryMissing: "Not loaded",
} as const;

function Trouble({ control }: { readonly control: ContactControl }) {
  const state = control.state.value;
  const advice = panelAdvice(state);
  const { trouble } = state;
  return (
    <>
      {advice === undefined ? null : (
        <div class="notice ccp-advice" role="alert">
          <h3>{advice.heading}</h3>
          <p>{advice.text}</p>
          <p class="actions">
            {advice.canLogIn ? (
              <>
                <button type="button" class="primary" onClick={() => control.logIn()}>
                  Log in
                </button>
                <a href={control.settings.value?.url ?? ""} target="_blank" rel="noopener">
                  Open in a new tab
                </a>
              </>
            ) : null}
            {advice.canReload ? (
              <button type="button" onClick={() => control.reload()}>
                Load again
              </button>
            ) : null}
          </p>
          {advice.originHint ? <OriginHint /> : null}
        </div>
      )}
      {trouble === undefined ? null : (
        <p class="notice" role="alert">
          {trouble}{" "}
          <button
            type="button"
            class="quiet"
            onClick={() => control.take({ kind: "trouble", text: undefined })}
          >
            Dismiss
          </button>
        </p>
      )}
    </>
  );
}

/** What the library cannot tell apart from a missing log-in. */
function OriginHint() {
  const { origin } = window.location;
  return (
    <details>
      <summary>Logged in, and still nothing here?</summary>
      <p>
        Amazon Connect may not let this page show the panel yet. An administrator adds this origin
        in the AWS console, under Amazon Connect, your instance, Approved origins:
      </p>
      <p class="origin">
        <code>{origin}</code>
        <CopyButton text={origin} label="origin" />
      </p>
      {window.location.protocol === "https:" ? null : (
        <p>Amazon Connect takes origins that begin with https:// only.</p>
      )}
      <p>It takes some minutes until it holds. Then load this page again.</p>
      <p>
        Otherwise your browser may keep cookies from pages of others: allow third-party cookies for
        the address of your instance, and load this page again.
      </p>
    </details>
  );
}

function Frame({ control }: { readonly control: ContactControl }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current !== null) {
      control.openWith(streamsPanelIn(place.current));
    }
  }, [control]);
  return <div class="ccp-frame" ref={place} />;
}
