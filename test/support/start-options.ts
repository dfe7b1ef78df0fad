/** The Node options that `npm start` gives the gateway, for those who start it another way. */
import { readFileSync } from "node:fs";

const { scripts } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { readonly scripts: { readonly start: string } };

/** Such as `--single-threaded-gc`. */
export const START_OPTIONS: readonly string[] = scripts.start
  .split(" ")
  .filter((word) => word.startsWith("--"));
