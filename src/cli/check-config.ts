/** `trunkline check-config`: validates the configuration, the flows, the trunks and the routes, with line and column. */
import { loadConfig } from "../app/config.ts";
import { loadCallScripts } from "../app/load-flows.ts";
import { GatewayError } from "../core/errors.ts";
import { type CommandContext, configSources, type ExitCode } from "./context.ts";

/** What is checked, and how it is told. */
export interface CheckConfigOptions {
  readonly config?: string | undefined;
  readonly json: boolean;
}

/** Says what the configuration holds; with `json`, problems are data as well. */
export function checkConfig(options: CheckConfigOptions, context: CommandContext): ExitCode {
  const { output } = context;
  try {
    const summary = summarise(options, context);
    if (options.json) {
      output.json({ valid: true, ...summary });
    } else {
      output.data(`${output.tint("good", "valid")}: ${sentence(summary)}`);
    }
    return 0;
  } catch (error) {
    if (!options.json || !(error instanceof GatewayError)) {
      throw error;
    }
    output.json({ valid: false, problems: problemsOf(error) });
    return 2;
  }
}

/** The problems of a CONFIG_INVALID, one line each. */
export function problemsOf(error: GatewayError): readonly string[] {
  const problems = error.details["problems"];
  return Array.isArray(problems) ? problems.map(String) : [error.message];
}

interface ConfigSummary {
  readonly file: string | null;
  readonly variables: readonly string[];
  readonly models: readonly string[];
  readonly flows: readonly string[];
  readonly trunks: readonly string[];
  readonly routes: number;
}

function summarise({ config: path }: CheckConfigOptions, context: CommandContext): ConfigSummary {
  const { config, file, variables } = loadConfig(configSources(context, path));
  const scripts = loadCallScripts(config, context);
  return {
    file: file ?? null,
    variables,
    models: Object.keys(config.models),
    flows: [...scripts.flows.keys()],
    trunks: scripts.trunks.trunks.map(({ name }) => name),
    routes: scripts.routeCount,
  };
}

function sentence({ file, variables, models, flows, trunks, routes }: ConfigSummary): string {
  const source = file ?? "defaults, no file";
  const overridden = variables.length === 0 ? "" : ` with ${variables.join(", ")}`;
  return (
    `${source}${overridden}; models ${models.join(", ")}; flows ${flows.join(", ")}; ` +
    `${trunks.length === 0 ? "no trunks" : `trunks ${trunks.join(", ")}`}; ` +
    `${routes} ${routes === 1 ? "route" : "routes"}`
  );
}
