/** What the local model does when a flow has no script: it gives the caller's words back. */
import type { Dialogue } from "../ports/dialogue.ts";

/** Texts of shipped prompts, so that it works without a synthesiser. */
export const DEFAULT_DIALOGUE: Dialogue = {
  start: "welcome",
  steps: {
    welcome: {
      say: "Hello, this is Trunkline. Say something.",
      otherwise: "echo",
    },
    echo: { say: "You said:", echo: true, otherwise: "echo" },
  },
};
