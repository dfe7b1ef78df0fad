/** What a command prints: data to stdout, everything else to stderr, colour only where somebody looks. */
import { styleText } from "node:util";
import type { Environment } from "../app/environment.ts";

/** How a line is meant. */
export type Tone = "good" | "warning" | "bad" | "faint";

/** The two streams of a command, and whether they take colour. */
export interface OutputStreams {
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly colourOut: boolean;
  readonly colourError: boolean;
}

const STYLES = { good: "green", warning: "yellow", bad: "red", faint: "gray" } as const;

/** Writes whole lines. */
export class Output {
  readonly #streams: OutputStreams;

  constructor(streams: OutputStreams) {
    this.#streams = streams;
  }

  /** A line of what was asked for. */
  data(line: string): void {
    this.#streams.writeOut(`${line}\n`);
  }

  /** What was asked for, for programs. */
  json(value: unknown): void {
    this.data(JSON.stringify(value, undefined, 2));
  }

  /** A line about what happens. */
  note(line: string): void {
    this.#streams.writeError(`${line}\n`);
  }

  /** A line about what went wrong. */
  fail(line: string): void {
    this.note(this.#streams.colourError ? paint("bad", line) : line);
  }

  /** Colours a word of a data line. */
  tint(tone: Tone, word: string): string {
    return this.#streams.colourOut ? paint(tone, word) : word;
  }
}

/** The streams of this process; `NO_COLOR` of any value but the empty one turns colour off. */
export function processStreams(environment: Environment): OutputStreams {
  const mayColour = (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
  return {
    writeOut: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    colourOut: mayColour && process.stdout.isTTY === true,
    colourError: mayColour && process.stderr.isTTY === true,
  };
}

/** Columns padded to their widest cell. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function paint(tone: Tone, text: string): string {
  return styleText(STYLES[tone], text, { validateStream: false });
}
