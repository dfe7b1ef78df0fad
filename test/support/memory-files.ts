/** Files that exist only in a test. */
import type { TextFiles } from "../../src/app/files.ts";

/** Paths → texts or bytes; a folder exists where a path leads through it. */
export function memoryFiles(texts: Readonly<Record<string, string | Uint8Array>>): TextFiles {
  const paths = Object.keys(texts);
  const missing = (): never => {
    throw Object.assign(new Error("no such file"), { code: "ENOENT" });
  };
  return {
    read: (path) => Buffer.from(texts[path] ?? missing()).toString("utf8"),
    readBytes: (path) => Buffer.from(texts[path] ?? missing()),
    exists: (path) => paths.some((known) => known === path || known.startsWith(`${path}/`)),
    list: (folder) => {
      const names = paths
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1))
        .filter((name) => !name.includes("/"));
      return names.length === 0 ? missing() : names.sort();
    },
  };
}
