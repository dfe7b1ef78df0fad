/** The person at the terminal, who is asked before something is taken away. */
import { createInterface } from "node:readline/promises";

/** Asks questions, where somebody is there. */
export interface Terminal {
  /** Whether somebody can answer. */
  readonly isInteractive: boolean;
  /** The answer, without its line break. */
  ask(question: string): Promise<string>;
}

/** The terminal of this process. */
export const systemTerminal: Terminal = {
  isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  ask: async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  },
};
