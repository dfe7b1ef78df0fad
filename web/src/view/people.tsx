/** Who is in the call, why the gateway thinks so, and a control for when it is wrong. */
import type { AssistParticipant } from "../../../src/ports/assist-events.ts";
import type { AgentPage, CorrectedRole } from "../agent-page.ts";
import { type CallView, nameOf } from "../state/call-view.ts";
import { LevelView } from "./level-view.tsx";
import { MoodMark } from "./transcript.tsx";
import { ROLE_WORDS } from "./words.ts";

const CORRECTABLE: readonly CorrectedRole[] = ["customer", "agent", "unknown"];

/** One row for each stream. */
export function People({ page, view }: { readonly page: AgentPage; readonly view: CallView }) {
  return (
    <section class="block" aria-labelledby="people-heading">
      <h3 id="people-heading">People</h3>
      {view.participants.length === 0 ? <p class="empty">Nobody is known yet.</p> : null}
      {view.participants.map((person) => (
        <Person key={person.id} page={page} view={view} person={person} />
      ))}
    </section>
  );
}

function Person({
  page,
  view,
  person,
}: {
  readonly page: AgentPage;
  readonly view: CallView;
  readonly person: AssistParticipant;
}) {
  const { id, role, because } = person;
  const name = nameOf([person], id) ?? `Stream ${id}`;
  const mood = view.moods[id];
  const correct = (select: HTMLSelectElement): void => {
    const wanted = CORRECTABLE.find((one) => one === select.value);
    // What is shown is what the gateway says: it answers with the roles as they are then.
    select.value = role;
    if (wanted !== undefined) {
      page.setRole(id, wanted);
    }
  };
  const isFixed = view.state === "ended" || role === "model";
  return (
    <div class={`person person-${role}`}>
      <p class="name">
        {name}
        {mood === undefined || mood === "neutral" ? null : <MoodMark mood={mood} />}
      </p>
      <LevelView history={page.state.levels} participantId={id} label={`Loudness of ${name}`} />
      <p class="role">
        {isFixed ? (
          <strong>{ROLE_WORDS[role]}</strong>
        ) : (
          <select
            aria-label={`Role of ${name}`}
            value={role}
            onChange={(event) => correct(event.currentTarget)}
          >
            {CORRECTABLE.map((one) => (
              <option key={one} value={one}>
                {ROLE_WORDS[one]}
              </option>
            ))}
          </select>
        )}
        {because === "" ? null : <span class="because">Why: {because}</span>}
      </p>
    </div>
  );
}
