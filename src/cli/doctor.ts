/** `trunkline doctor`: checks configuration, ports, models and limits, and says what to change. */
import { type LoadedConfig, loadConfig } from "../app/config.ts";
import { type CallScripts, loadCallScripts } from "../app/load-flows.ts";
import { type CommandContext, configSources, type ExitCode } from "./context.ts";
import { admissionChecks } from "./doctor-admission.ts";
import { assistChecks } from "./doctor-assist.ts";
import { attempt } from "./doctor-attempt.ts";
import { awsChecks } from "./doctor-aws.ts";
import { busChecks } from "./doctor-bus.ts";
import { certificateChecks } from "./doctor-certificates.ts";
import {
  type Check,
  type CheckLevel,
  machineChecks,
  portChecks,
  storeChecks,
} from "./doctor-checks.ts";
import { limitChecks } from "./doctor-limits.ts";
import { modelChecks } from "./doctor-models.ts";
import { trunkChecks } from "./doctor-trunks.ts";
import type { Tone } from "./output.ts";

/** What is examined, and how it is told. */
export interface DoctorOptions {
  readonly config?: string | undefined;
  readonly json: boolean;
  /** Ids of security groups that the gateway is reached through. */
  readonly securityGroup?: readonly string[] | undefined;
}

interface Diagnosis {
  readonly checks: readonly Check[];
  /** `false`: the rest could not be looked at. */
  readonly configured: boolean;
}

const TONES: Readonly<Record<CheckLevel, Tone>> = { ok: "good", warn: "warning", fail: "bad" };

/** Exit code 0: nothing fails; 1: something does; 2: the configuration does. */
export async function doctor(options: DoctorOptions, context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const { checks, configured } = await diagnose(options, context);
  const hasFailed = checks.some(({ level }) => level === "fail");
  if (options.json) {
    output.json({ healthy: !hasFailed, checks });
  } else {
    for (const check of checks) {
      printCheck(check, context);
    }
  }
  return configured ? (hasFailed ? 1 : 0) : 2;
}

async function diagnose(options: DoctorOptions, context: CommandContext): Promise<Diagnosis> {
  const { machine } = context;
  const checks: Check[] = [...machineChecks(machine)];
  const loaded = attempt("configuration", checks, () =>
    loadConfig(configSources(context, options.config)),
  );
  if (loaded === undefined) {
    return { checks, configured: false };
  }
  checks.push({ name: "configuration", level: "ok", finding: sourceText(loaded) });
  const scripts = attempt("flows, trunks, routes", checks, () =>
    loadCallScripts(loaded.config, context),
  );
  if (scripts !== undefined) {
    checks.push({ name: "flows, trunks, routes", level: "ok", finding: scriptsText(scripts) });
    checks.push(...admissionChecks(loaded.config, scripts.trunks.trunks));
  }
  checks.push(...(await portChecks(loaded.config, machine)));
  const world = { machine, files: context.files, nowMs: context.clock.wallMs() };
  checks.push(...limitChecks(loaded.config, machine));
  checks.push(...(await certificateChecks(loaded.config, world)));
  checks.push(...(await storeChecks(loaded.config, machine)));
  checks.push(...(await busChecks(loaded.config, machine)));
  checks.push(...(await modelChecks(loaded.config, machine)));
  checks.push(...(await assistChecks(loaded.config, machine)));
  if (scripts !== undefined) {
    checks.push(...(await trunkChecks(loaded.config, scripts, machine)));
  }
  checks.push(
    ...(await awsChecks({
      config: loaded.config,
      context,
      trunks: scripts?.trunks.trunks ?? [],
      securityGroups: options.securityGroup ?? [],
    })),
  );
  return { checks, configured: scripts !== undefined };
}

function sourceText({ file, variables }: LoadedConfig): string {
  const overridden = variables.length === 0 ? "" : ` with ${variables.join(", ")}`;
  return `${file ?? "defaults, no file"}${overridden}`;
}

function scriptsText(scripts: CallScripts): string {
  const { flows, trunks, routeCount, flowsFolder, routesFile } = scripts;
  const names = trunks.trunks.map(({ name }) => name).join(", ");
  const flowsText = `${[...flows.keys()].join(", ")} in ${flowsFolder}`;
  return `${flowsText}; ${names === "" ? "no trunks" : `trunks ${names}`}; ${routeCount} in ${routesFile}`;
}

function printCheck({ name, level, finding, advice }: Check, { output }: CommandContext): void {
  const mark = output.tint(TONES[level], level.padEnd(4));
  output.data(`${mark}  ${name}: ${finding}`);
  if (advice !== undefined) {
    output.data(`      -> ${advice}`);
  }
}
