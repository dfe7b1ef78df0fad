/** What is wrong, as long as it is: the gateway says when it is over. */
import type { AgentPage } from "../agent-page.ts";
import { TokenForm } from "./start.tsx";

/** Above the call. */
export function Notices({ page }: { readonly page: AgentPage }) {
  const status = page.status.value;
  const lost =
    status.kind === "retrying"
      ? [
          "The connection to the gateway is lost. It is tried again; what you miss meanwhile follows.",
        ]
      : [];
  const isLate = status.kind === "refused" && page.state.view.value !== undefined;
  const refusal = page.state.refusal.value;
  const texts = [...lost, ...page.state.notices.value];
  return (
    <div class="notices">
      {texts.map((text) => (
        <p key={text} class="notice">
          {text}
        </p>
      ))}
      {isLate ? (
        <div class="notice notice-refusal" role="alert">
          <p>{status.why} What is shown here goes no further.</p>
          {status.needsToken ? <TokenForm page={page} /> : null}
        </div>
      ) : null}
      {refusal === undefined ? null : (
        <p class="notice notice-refusal" role="alert">
          {refusal}{" "}
          <button
            type="button"
            class="quiet"
            onClick={() => {
              page.state.refusal.value = undefined;
            }}
          >
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}
