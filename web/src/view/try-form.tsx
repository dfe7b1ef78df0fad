/** A message tried out by hand: what the gateway would suggest to answer. */
import { useSignal } from "@preact/signals";
import { SAMPLE_MESSAGES, type TriedAnswer } from "../ccp/tried-answer.ts";
import { Card } from "./advice.tsx";

/** Who answers, and chance. */
export interface TryDesk {
  readonly ask: (message: string) => Promise<TriedAnswer>;
  /** 0 … 1. */
  readonly chance: () => number;
}

const MAX_MESSAGE = 4000;

/** Folded until somebody wants it. */
export function TryForm({ desk }: { readonly desk: TryDesk }) {
  const message = useSignal("");
  const isAsking = useSignal(false);
  const answer = useSignal<TriedAnswer | undefined>(undefined);
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (message.value.trim() === "" || isAsking.value) {
      return;
    }
    isAsking.value = true;
    answer.value = await desk.ask(message.value);
    isAsking.value = false;
  };
  const fill = (): void => {
    const index = Math.floor(desk.chance() * SAMPLE_MESSAGES.length) % SAMPLE_MESSAGES.length;
    message.value = SAMPLE_MESSAGES[index] ?? "";
  };
  return (
    <details class="try">
      <summary>Try a message</summary>
      <form onSubmit={(event) => void ask(event)}>
        <label for="try-message">What a customer may write</label>
        <textarea
          id="try-message"
          rows={2}
          maxLength={MAX_MESSAGE}
          value={message.value}
          onInput={(event) => {
            message.value = event.currentTarget.value;
          }}
        />
        <p class="actions">
          <button type="submit" class="primary" disabled={isAsking.value}>
            Ask
          </button>
          <button type="button" onClick={fill}>
            Random message
          </button>
        </p>
      </form>
      <div aria-live="polite">
        {answer.value === undefined ? null : <Answer {...answer.value} />}
      </div>
    </details>
  );
}

function Answer(answer: TriedAnswer) {
  if (!answer.ok) {
    return <p class="empty">{answer.why}</p>;
  }
  return (
    <>
      {answer.notice === undefined ? null : <p class="notice">{answer.notice}</p>}
      <Card suggestion={answer.suggestion} />
    </>
  );
}
