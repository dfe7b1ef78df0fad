/** A log for the person at the terminal: one plain line per event. */
import type { LogFields, Logger } from "../core/logger.ts";
import { maskNumbers } from "../core/logger.ts";

/** Writes `info` and above through `print`; numbers of callers are masked. */
export function plainLogger(print: (line: string) => void): Logger {
  const logger: Logger = {
    debug: () => undefined,
    info: (message, fields) => print(lineOf(message, fields)),
    warn: (message, fields) => print(`warning: ${lineOf(message, fields)}`),
    error: (message, fields) => print(`error: ${lineOf(message, fields)}`),
    child: () => logger,
  };
  return logger;
}

function lineOf(message: string, fields: LogFields = {}): string {
  const parts = Object.entries(fields)
    .filter(([name]) => name !== "pii")
    .map(([name, value]) => `${name}: ${maskNumbers(textOf(value))}`);
  return parts.length === 0 ? message : `${message} (${parts.join(", ")})`;
}

function textOf(value: unknown): string {
  return value instanceof Error ? (value.stack ?? value.message) : String(value);
}
