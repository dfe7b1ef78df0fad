/** What helps the agent now: the summary once the call is over, then suggestions, newest first. */
import { useSignal } from "@preact/signals";
import type { AssistSource } from "../../../src/ports/assist-events.ts";
import type { CallView, Suggestion } from "../state/call-view.ts";
import { CopyButton } from "./copy-button.tsx";
import { CATEGORY_WORDS, linkOf } from "./words.ts";

/** Cards that are shown at first. */
const SHOWN = 20;

/** A column of cards. */
export function Advice({ view }: { readonly view: CallView }) {
  const wantsAll = useSignal(false);
  const newestFirst = view.suggestions.toReversed();
  const shown = wantsAll.value ? newestFirst : newestFirst.slice(0, SHOWN);
  const hidden = newestFirst.length - shown.length;
  return (
    <>
      <h2>Help</h2>
      <div class="scroll cards">
        {view.summary === undefined ? null : <Summary summary={view.summary} />}
        {newestFirst.length === 0 && view.summary === undefined ? (
          <p class="empty">Suggestions appear here when the customer asks for something.</p>
        ) : null}
        {shown.map((suggestion) => (
          <Card key={suggestion.suggestionId} suggestion={suggestion} />
        ))}
        {hidden > 0 ? (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              wantsAll.value = true;
            }}
          >
            Show {hidden} older
          </button>
        ) : null}
      </div>
    </>
  );
}

function Summary({ summary }: { readonly summary: NonNullable<CallView["summary"]> }) {
  const { text, disposition } = summary;
  const whole = disposition === undefined ? text : `${disposition}\n\n${text}`;
  return (
    <article class="card card-summary" aria-labelledby="summary-heading">
      <header>
        <h3 id="summary-heading">Summary</h3>
        {disposition === undefined ? null : <span class="disposition">{disposition}</span>}
        <CopyButton text={whole} label="summary" />
      </header>
      <p class="text">{text}</p>
    </article>
  );
}

/** A suggestion, with what it rests on. */
export function Card({ suggestion }: { readonly suggestion: Suggestion }) {
  const { suggestionId, category, text, partial, sources } = suggestion;
  const heading = `suggestion-${suggestionId}`;
  return (
    <article class={`card card-${category}`} aria-labelledby={heading} aria-busy={partial}>
      <header>
        <h3 id={heading}>{CATEGORY_WORDS[category]}</h3>
        <CopyButton text={text} label={CATEGORY_WORDS[category].toLowerCase()} />
      </header>
      <p class="text">{text}</p>
      {sources.length === 0 ? null : (
        <ul class="sources" aria-label="Sources">
          {sources.map((source) => (
            <Source key={`${source.uri} ${source.title}`} source={source} said={text} />
          ))}
        </ul>
      )}
    </article>
  );
}

/** The excerpt is left out where the card says the same already. */
function Source({ source, said }: { readonly source: AssistSource; readonly said: string }) {
  const { title, uri, excerpt } = source;
  const link = linkOf(uri);
  return (
    <li>
      {link === undefined ? (
        <cite>
          {title}
          {uri === undefined || uri === title ? null : <span class="uri">{uri}</span>}
        </cite>
      ) : (
        <cite>
          <a href={link} target="_blank" rel="noreferrer noopener">
            {title}
          </a>
        </cite>
      )}
      {said.includes(excerpt) ? null : <span class="excerpt">{excerpt}</span>}
    </li>
  );
}
