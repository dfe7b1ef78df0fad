/** Structured logging: static messages, data in fields, private fields redacted, phone numbers masked. */
import pino from "pino";

/** Field values; whatever belongs to a caller goes under `pii` and is redacted unless told otherwise. */
export type LogFields = Readonly<Record<string, unknown>>;

/** `info` = lifecycle, `warn` = degraded and counted, `error` = someone must act, `debug` = off by default. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `context` to every line. */
  child(context: LogFields): Logger;
}

/** How much is written, and where. */
export interface LoggerOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** Also written to this file, beside `destination`. */
  readonly file?: string | undefined;
  /** 1 = stdout, 2 = stderr. */
  readonly destinationFd?: 1 | 2;
}

const E164_RUN = /\+?\d{7,15}/g;

/** Replaces every run of 7 to 15 digits by its last two, so that a number is recognised by its owner only. */
export function maskNumbers(text: string): string {
  return text.replace(E164_RUN, (run) => `${"*".repeat(run.length - 2)}${run.slice(-2)}`);
}

/** Field names whose digits are ours (ids, times, counts) and are left alone. */
const UNMASKED = new Set(["callId", "legId", "time", "stack", "pid", "msgId", "txnId"]);

function sanitise(fields: LogFields): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    clean[key] = sanitiseValue(key, value);
  }
  return clean;
}

function sanitiseValue(key: string, value: unknown): unknown {
  if (key === "pii") {
    return "[redacted]";
  }
  if (typeof value === "string") {
    return UNMASKED.has(key) ? value : maskNumbers(value);
  }
  if (value instanceof Error) {
    return errorFields(value);
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown) => sanitiseValue(key, item));
  }
  if (typeof value === "object" && value !== null) {
    return sanitise(value as LogFields);
  }
  return value;
}

function errorFields(error: Error): Record<string, unknown> {
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: maskNumbers(error.message),
    ...(code === undefined ? {} : { code }),
    ...(error.cause === undefined ? {} : { cause: sanitiseValue("cause", error.cause) }),
    stack: error.stack?.split("\n").slice(1, 6).join("\n"),
  };
}

class PinoLogger implements Logger {
  readonly #pino: pino.Logger;

  constructor(backend: pino.Logger) {
    this.#pino = backend;
  }

  debug(message: string, fields: LogFields = {}): void {
    if (this.#pino.isLevelEnabled("debug")) {
      this.#pino.debug(sanitise(fields), message);
    }
  }

  info(message: string, fields: LogFields = {}): void {
    this.#pino.info(sanitise(fields), message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#pino.warn(sanitise(fields), message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#pino.error(sanitise(fields), message);
  }

  child(context: LogFields): Logger {
    return new PinoLogger(this.#pino.child(sanitise(context)));
  }
}

/** A logger that writes JSON lines. */
export function createLogger(options: LoggerOptions): Logger {
  const streams: pino.StreamEntry[] = [
    { level: "debug", stream: pino.destination({ dest: options.destinationFd ?? 1, sync: false }) },
  ];
  if (options.file !== undefined) {
    streams.push({
      level: "debug",
      stream: pino.destination({ dest: options.file, mkdir: true, sync: false }),
    });
  }
  const base = { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return new PinoLogger(pino(base, pino.multistream(streams)));
}

/** A logger that writes nothing, for code that is used as a library. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
