/** Files that come with the gateway, for when the working directory has none of its own. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TextFiles } from "./files.ts";

const PACKAGE_ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The path as it is, or that of the package where the working directory has none. */
export function existingPath(path: string, files: TextFiles): string {
  const shipped = join(PACKAGE_ROOT, path);
  return !files.exists(path) && files.exists(shipped) ? shipped : path;
}

/** Where `npm run build` puts the pages that people look at; whether it did is another matter. */
export const PAGES_FOLDER = join(PACKAGE_ROOT, "dist", "web");
