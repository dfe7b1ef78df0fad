/** The top of the page: which call it is, how it is, and how the connection is. */
import type { AgentPage } from "../agent-page.ts";
import type { CallView } from "../state/call-view.ts";
import { linkWords, STATE_WORDS } from "./words.ts";

/** One calm line. */
export function Header({
  page,
  view,
}: {
  readonly page: AgentPage;
  readonly view: CallView | undefined;
}) {
  const status = page.status.value;
  const isSearching = page.following.value === undefined;
  const words = isSearching && status.kind === "idle" ? searchWords(page) : linkWords(status);
  const tone = isSearching && status.kind === "idle" ? page.search.value : status.kind;
  return (
    <header class="top">
      <h1>Trunkline</h1>
      {view === undefined ? null : (
        <p class="which">
          <span class={`state state-${view.state}`}>{STATE_WORDS[view.state]}</span>
          <span class="id" title={view.contactId ?? view.callId}>
            {view.contactId === undefined ? `Call ${view.callId}` : `Contact ${view.contactId}`}
          </span>
        </p>
      )}
      <Others page={page} view={view} />
      <p class={`link link-${tone}`} data-link={status.kind}>
        {words}
      </p>
    </header>
  );
}

function searchWords(page: AgentPage): string {
  return page.search.value === "unreachable" ? "Gateway not reached" : "Ready";
}

const NEWEST = "newest";

/** Where the page chose the call by itself, the agent can choose another one. */
function Others({ page, view }: { readonly page: AgentPage; readonly view: CallView | undefined }) {
  const offers = page.offers.value;
  const others = offers.filter(({ callId }) => callId !== view?.callId);
  const following = page.following.value;
  const isPicked = following !== undefined && offers.length > 0;
  if ((others.length === 0 && !isPicked) || following?.token !== undefined) {
    return null;
  }
  const show = (choice: string): void => {
    if (choice === NEWEST) {
      page.following.value = undefined;
    } else if (choice !== "") {
      page.following.value = { token: undefined, subject: { kind: "call", id: choice } };
    }
  };
  return (
    <label class="others">
      <span class="sr-only">Show another call</span>
      <select value="" onChange={(event) => show(event.currentTarget.value)}>
        <option value="">
          {others.length === 0 ? "Other calls" : `Other calls: ${others.length}`}
        </option>
        {isPicked ? <option value={NEWEST}>The newest call</option> : null}
        {others.map(({ callId, phoneNumber }) => (
          <option key={callId} value={callId}>
            {phoneNumber === "" ? callId : phoneNumber}
          </option>
        ))}
      </select>
    </label>
  );
}
