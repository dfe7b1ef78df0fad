/** How the doctor reads a file that may be wrong: what is wrong becomes findings, and the rest goes on. */
import { GatewayError } from "../core/errors.ts";
import { problemsOf } from "./check-config.ts";
import type { Check } from "./doctor-checks.ts";

/** The result of `load`, or `undefined` after noting each of its problems as a failed check. */
export function attempt<T>(name: string, checks: Check[], load: () => T): T | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof GatewayError)) {
      throw error;
    }
    checks.push(...problemsOf(error).map((finding) => ({ name, level: "fail" as const, finding })));
    return undefined;
  }
}
