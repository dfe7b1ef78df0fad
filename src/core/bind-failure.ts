/** Why a port could not be opened, and which setting to change, in plain words. */

/** What was to be opened, and the settings that say so, for example `http`. */
export interface BindTarget {
  readonly host: string;
  readonly port: number;
  readonly setting: string;
}

/** Details for a catalogue error: where, the system's code, and what to do about it. */
export function bindFailureDetails(error: unknown, { host, port, setting }: BindTarget) {
  const code = (error as { code?: unknown } | null)?.code;
  const cause = typeof code === "string" ? code : "unknown";
  return { host, port, cause, reason: reasonOf(cause, setting) };
}

function reasonOf(cause: string, setting: string): string {
  switch (cause) {
    case "EADDRINUSE":
      return `another process uses this port: stop it, or set ${setting}.port to another one`;
    case "EADDRNOTAVAIL":
      return `this machine has no such address: set ${setting}.host to one that it has`;
    case "EACCES":
      return `this user may not open a port below 1024: set ${setting}.port to a higher one`;
    case "ENOTFOUND":
      return `the name of ${setting}.host is not known`;
    default:
      return "see the cause";
  }
}
