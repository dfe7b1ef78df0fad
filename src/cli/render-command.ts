/** `trunkline render`: configuration files of the programs beside the gateway, from its own. */
import { Argument, type Command } from "commander";
import { type Config, loadConfig } from "../app/config.ts";
import { type RenderedFile, renderDrachtio } from "../app/render-drachtio.ts";
import { renderRtpengine } from "../app/render-rtpengine.ts";
import { CONFIG_FLAG, CONFIG_HELP, JSON_HELP } from "./common-options.ts";
import { type CommandContext, configSources, type ExitCode } from "./context.ts";

type Program = "drachtio" | "rtpengine";

const RENDERERS: Readonly<Record<Program, (config: Config) => RenderedFile>> = {
  drachtio: renderDrachtio,
  rtpengine: renderRtpengine,
};

interface RenderOptions {
  readonly config?: string;
  readonly json: boolean;
}

/** Adds the command; the file goes to stdout, what its reader has to know to stderr. */
export function addRender(
  program: Command,
  context: CommandContext,
  onExit: (code: ExitCode) => void,
): void {
  program
    .command("render")
    .description("print the configuration file of drachtio-server or rtpengine, from ours")
    .addArgument(new Argument("<program>", "whose").choices(Object.keys(RENDERERS)))
    .option(CONFIG_FLAG, CONFIG_HELP)
    .option("--json", JSON_HELP, false)
    .action((name: Program, options: RenderOptions) => onExit(render(name, options, context)));
}

function render(name: Program, options: RenderOptions, context: CommandContext): ExitCode {
  const { output } = context;
  const { config } = loadConfig(configSources(context, options.config));
  const { text, notes } = RENDERERS[name](config);
  if (options.json) {
    output.json({ program: name, text, notes });
    return 0;
  }
  for (const note of notes) {
    output.note(note);
  }
  output.data(text.trimEnd());
  return 0;
}
