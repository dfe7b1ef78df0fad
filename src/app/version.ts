/** The version of this package. */
import { readFileSync } from "node:fs";

/** As in package.json, for example `0.1.0`. */
export function packageVersion(): string {
  const path = new URL("../../package.json", import.meta.url);
  const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
  return (manifest as { version: string }).version;
}
