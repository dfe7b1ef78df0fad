/** Copies a text, and says that it did. */
import { useSignal } from "@preact/signals";
import { after, SystemClock } from "../../../src/core/clock.ts";
import { copyText } from "./clipboard.ts";

const SHOWN_MS = 2000;
const clock = new SystemClock();
const WORDS = { idle: "Copy", done: "Copied", failed: "Not copied" } as const;

/** `label` says what is copied, for whoever does not see where the button is. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const outcome = useSignal<keyof typeof WORDS>("idle");
  const copy = async (): Promise<void> => {
    outcome.value = (await copyText(text)) ? "done" : "failed";
    after(clock, SHOWN_MS, () => {
      outcome.value = "idle";
    });
  };
  return (
    <button
      type="button"
      class={`copy copy-${outcome.value}`}
      aria-label={outcome.value === "idle" ? `Copy ${label}` : WORDS[outcome.value]}
      onClick={() => void copy()}
    >
      {WORDS[outcome.value]}
    </button>
  );
}
