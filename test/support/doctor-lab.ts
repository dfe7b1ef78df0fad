/** The doctor over made-up files and a made-up machine; only what is wrong comes back. */
import type { Check } from "../../src/cli/doctor-checks.ts";
import { type CliWorld, LEAST_FILES, runCli } from "./cli-bench.ts";

/** What differs from a gateway on which all is well. */
export interface DoctorWorld extends Pick<CliWorld, "machine" | "environment"> {
  readonly trunks?: string;
  readonly gateway?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** What came out. */
export interface DoctorResult {
  readonly out: string;
  readonly checks: readonly Check[];
  readonly troubles: readonly Check[];
}

/** Runs `trunkline doctor --json`. */
export async function examine(world: DoctorWorld): Promise<DoctorResult> {
  const { trunks, gateway = "{}", files = {}, args = [], machine, environment } = world;
  const { out } = await runCli(["doctor", "--json", ...args], {
    files: {
      ...LEAST_FILES,
      "gateway.yaml": gateway,
      ...(trunks === undefined ? {} : { "sip-config/trunks.yaml": trunks }),
      ...files,
    },
    ...(machine === undefined ? {} : { machine }),
    ...(environment === undefined ? {} : { environment }),
  });
  const { checks } = JSON.parse(out) as { readonly checks: readonly Check[] };
  return { out, checks, troubles: checks.filter(({ level }) => level !== "ok") };
}

/** Parts of a check. */
export type Words = readonly [name: string, finding: string, advice: string];

/** Whether one of the checks has this name and these words, and its advice those. */
export function says(checks: readonly Check[], [name, finding, advice]: Words): boolean {
  return checks.some(
    (check) =>
      check.name.includes(name) &&
      check.finding.includes(finding) &&
      (check.advice ?? "").includes(advice),
  );
}
