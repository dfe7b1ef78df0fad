/**
 * Builds web/ into dist/web, where it is older than what it is made of.
 *
 *   node scripts/build-pages.mjs          only where something changed
 *   node scripts/build-pages.mjs --all    anyway
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** What the pages are made of; the ports hold the shape of what they are told. */
const SOURCES = ["web", "src/ports/assist-events.ts", "src/core/clock.ts", "package-lock.json"];
const BUILT = "dist/web/assist.html";

const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function newestMs(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    return 0;
  }
  const below = found.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
  return below.reduce((newest, one) => Math.max(newest, newestMs(one)), found.mtimeMs);
}

const changedMs = SOURCES.reduce((newest, path) => Math.max(newest, newestMs(join(ROOT, path))), 0);
if (process.argv.includes("--all") || modifiedMs(join(ROOT, BUILT)) < changedMs) {
  const { build } = await import("vite");
  await build({ configFile: join(ROOT, "web", "vite.config.ts"), logLevel: "warn" });
}
