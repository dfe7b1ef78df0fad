/** Who is in the call, what is left to do, and how it goes. */
import type { AgentPage } from "../agent-page.ts";
import type { CallView } from "../state/call-view.ts";
import { People } from "./people.tsx";
import { ROLE_WORDS, spanWords } from "./words.ts";

/** The third column. */
export function CallPanel({ page, view }: { readonly page: AgentPage; readonly view: CallView }) {
  return (
    <>
      <h2 class="sr-only">Call</h2>
      <div class="scroll blocks">
        <People page={page} view={view} />
        <Steps view={view} />
        <Meters view={view} />
        <Findings view={view} />
      </div>
    </>
  );
}

function Steps({ view: { playbook } }: { readonly view: CallView }) {
  if (playbook === undefined) {
    return null;
  }
  const done = playbook.steps.filter((step) => step.done).length;
  return (
    <section class="block" aria-labelledby="steps-heading">
      <h3 id="steps-heading">
        {playbook.name}{" "}
        <span class="count">
          {done} of {playbook.steps.length}
        </span>
      </h3>
      <ol class="steps">
        {playbook.steps.map((step) => (
          <li key={step.id} class={step.done ? "done" : "open"}>
            <span class="sr-only">{step.done ? "Done: " : "To do: "}</span>
            {step.title}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Meters({ view }: { readonly view: CallView }) {
  const { coaching } = view;
  if (coaching === undefined) {
    return null;
  }
  const shares = Object.entries(coaching.talkShare);
  return (
    <section class="block" aria-labelledby="meters-heading">
      <h3 id="meters-heading">Talk</h3>
      <dl class="meters">
        {shares.map(([id, share]) => {
          const role = view.participants.find((one) => one.id === id)?.role ?? "unknown";
          const percent = Math.round(share * 100);
          return (
            <div key={id} class={`share share-${role}`}>
              <dt>{ROLE_WORDS[role]}</dt>
              <dd>
                <meter min={0} max={100} value={percent} aria-label={`${ROLE_WORDS[role]} talks`} />
                <span class="number">{percent}%</span>
              </dd>
            </div>
          );
        })}
        <div>
          <dt>At the same time</dt>
          <dd class="number">{spanWords(coaching.overtalkMs)}</dd>
        </div>
        <div>
          <dt>Silence</dt>
          <dd class="number">{spanWords(coaching.deadAirMs)}</dd>
        </div>
      </dl>
      {coaching.missedSteps.length === 0 ? null : (
        <>
          <h4>Passed over</h4>
          <ul class="missed">
            {coaching.missedSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const FINDING_WORDS = { issue: "Issue", category: "Category" } as const;

function Findings({ view: { findings } }: { readonly view: CallView }) {
  if (findings.length === 0) {
    return null;
  }
  return (
    <section class="block" aria-labelledby="findings-heading">
      <h3 id="findings-heading">Noticed</h3>
      <ul class="findings">
        {findings.map(({ finding, text }) => (
          <li key={`${finding} ${text}`}>
            <span class="kind">{FINDING_WORDS[finding]}</span> {text}
          </li>
        ))}
      </ul>
    </section>
  );
}
