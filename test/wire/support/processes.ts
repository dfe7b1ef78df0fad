/** Processes of this machine, found by their environment. */
import { readdirSync, readFileSync } from "node:fs";

/** Names and ids of the processes that have `entry` in their environment. */
export function processesWith(entry: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(entry)) {
        found.push(`${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (${pid})`);
      }
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
    }
  }
  return found;
}
