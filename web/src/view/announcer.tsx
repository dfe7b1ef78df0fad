/** Says to screen readers what changed: suggestions and the connection, not every word of the transcript. */
import type { AgentPage } from "../agent-page.ts";
import { CATEGORY_WORDS, linkWords, STATE_WORDS } from "./words.ts";

/** Seen by nobody. */
export function Announcer({ page }: { readonly page: AgentPage }) {
  const view = page.state.view.value;
  const suggestion = view?.suggestions.findLast(({ partial }) => !partial);
  return (
    <div class="sr-only">
      <p role="status">
        {suggestion && `${CATEGORY_WORDS[suggestion.category]}: ${suggestion.text}`}
      </p>
      <p role="status">
        {linkWords(page.status.value)}
        {view && `, call ${STATE_WORDS[view.state].toLowerCase()}`}
      </p>
    </div>
  );
}
