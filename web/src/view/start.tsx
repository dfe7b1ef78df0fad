/** What the page shows before there is a call: that it waits, why it was not let in, and where a token can be typed in. */
import { useSignal } from "@preact/signals";
import type { AgentPage } from "../agent-page.ts";
import type { ContactControl } from "../ccp/contact-control.ts";
import type { Following } from "../link/assist-link.ts";

/** One of the few screens without a call. */
export function Start({ page, control }: StartProps) {
  return (
    <main class="start">
      <Words page={page} />
      <PanelOffer control={control} />
    </main>
  );
}

interface StartProps {
  readonly page: AgentPage;
  readonly control: ContactControl;
}

/** Where no panel is shown, an agent of Amazon Connect can set one. */
function PanelOffer({ control }: { readonly control: ContactControl }) {
  if (!control.isOffered.value || control.settings.value !== undefined) {
    return null;
  }
  return (
    <button
      type="button"
      class="quiet"
      onClick={() => {
        control.isConfiguring.value = true;
      }}
    >
      Use with Amazon Connect
    </button>
  );
}

function Words({ page }: { readonly page: AgentPage }) {
  const status = page.status.value;
  const search = page.search.value;
  if (status.kind === "refused") {
    return (
      <>
        <h2>Not let in</h2>
        <p role="alert">{status.why}</p>
        {status.needsToken ? <TokenForm page={page} /> : null}
      </>
    );
  }
  if (search === "needsToken") {
    return (
      <>
        <h2>Which call is yours?</h2>
        <p>
          This gateway shows a call to whoever has a token for it. Your contact centre gives it to
          you.
        </p>
        <TokenForm page={page} />
      </>
    );
  }
  return (
    <>
      <h2>{page.isLed.value ? waitingLed(page) : waitingFor(page.following.value)}</h2>
      <p>
        {search === "unreachable"
          ? "The gateway cannot be reached just now. It is tried again."
          : "What is said appears here as soon as it is said."}
      </p>
    </>
  );
}

function waitingLed(page: AgentPage): string {
  return page.following.value === undefined
    ? "Waiting for your next contact"
    : "Waiting for words of this contact";
}

function waitingFor(following: Following | undefined): string {
  const kind = following?.subject?.kind;
  if (kind === undefined) {
    return "Waiting for a call";
  }
  return kind === "contact" ? "Waiting for this contact's call" : "Waiting for this call";
}

/** The token stays in the page's memory; what the address says to follow is still followed. */
export function TokenForm({ page }: { readonly page: AgentPage }) {
  const typed = useSignal("");
  const open = (event: Event): void => {
    event.preventDefault();
    const token = typed.value.trim();
    if (token !== "") {
      page.following.value = { token, subject: page.following.peek()?.subject };
    }
  };
  return (
    <form class="token" onSubmit={open}>
      <label for="token">Token for one contact or one call</label>
      <div class="row">
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="primary">
          Open
        </button>
      </div>
    </form>
  );
}
