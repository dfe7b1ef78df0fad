/** `trunkline doctor --explain`: says of a pasted INVITE which decider answers what, and who takes the call. */
import { loadConfig } from "../app/config.ts";
import {
  type ExplainedCall,
  explainRequest,
  type RequestExplanation,
} from "../app/explain-request.ts";
import { loadCallScripts } from "../app/load-flows.ts";
import { systemRandom } from "../core/random.ts";
import { type CommandContext, configSources, type ExitCode } from "./context.ts";
import { type Tone, table } from "./output.ts";

/** What is explained, and how it is told. */
export interface ExplainCommandOptions {
  /** A file; `-`: what is piped in. */
  readonly explain: string;
  readonly from?: string | undefined;
  readonly config?: string | undefined;
  readonly json: boolean;
}

const PIPE = "/dev/stdin";
const TONES: Readonly<Record<string, Tone>> = { pass: "good", refuse: "bad", drop: "bad" };
const SOURCES: Readonly<Record<RequestExplanation["sourceFrom"], string>> = {
  given: "--from",
  trace: "as the trace says",
  via: "as its Via says; --from ADDRESS says it better",
  assumed: "assumed: its Via names no address; --from ADDRESS says where it comes from",
};

/** Exit code 0: explained, whatever the outcome; 2: there is nothing to explain, or the configuration is wrong. */
export function explain(options: ExplainCommandOptions, context: CommandContext): ExitCode {
  const { output, files, clock } = context;
  const { config } = loadConfig(configSources(context, options.config));
  const scripts = loadCallScripts(config, context);
  const text = readText(options.explain, context);
  const explanation =
    text === undefined
      ? undefined
      : explainRequest(text, { clock, random: systemRandom, config, scripts, from: options.from });
  if (explanation === undefined) {
    const known = text === undefined && !files.exists(options.explain);
    const wrong = known ? "does not exist or cannot be read" : "holds no SIP request";
    output.fail(`${options.explain} ${wrong}: paste an INVITE with all its lines`);
    return 2;
  }
  if (options.json) {
    output.json(explanation);
  } else {
    print(explanation, context);
  }
  return 0;
}

function readText(file: string, { files }: CommandContext): string | undefined {
  try {
    return files.read(file === "-" ? PIPE : file);
  } catch {
    return undefined;
  }
}

function print(explanation: RequestExplanation, { output }: CommandContext): void {
  const { method, source, sourceFrom, decisions } = explanation;
  const { address, port, transport } = source;
  const where = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  output.data(`${method} from ${where} over ${transport} (${SOURCES[sourceFrom]})`);
  const rows = table(decisions.map(({ decision, decider, why }) => [decision, decider, why]));
  for (const [index, { decision }] of decisions.entries()) {
    const row = rows[index] ?? "";
    output.data(
      `  ${output.tint(TONES[decision] ?? "warning", decision)}${row.slice(decision.length)}`,
    );
  }
  for (const line of outcomeLines(explanation)) {
    output.data(line);
  }
}

function outcomeLines(explanation: RequestExplanation): readonly string[] {
  const { admitted, answer, decisions, trunk, call } = explanation;
  const last = decisions.at(-1);
  const by = last === undefined ? "" : `, by ${last.decider}: ${last.why}`;
  if (!admitted) {
    return [`${answer ?? "no answer at all"}${by}`];
  }
  const over = trunk === null ? "over no trunk" : `over trunk ${trunk}`;
  return [`admitted ${over}`, ...(call === null ? [] : callLines(call))];
}

function callLines(call: ExplainedCall): readonly string[] {
  const { callingNumber, calledNumber, route, flow, model, offer } = call;
  const chosen =
    route === null ? "no route fits; the name that is dialled decides" : `route ${route}`;
  return [
    `  from "${callingNumber}" to "${calledNumber}"`,
    `  ${chosen}: ${flow}${model === null ? "" : ` with model ${model}`}`,
    `  its offer: ${offer}`,
  ];
}
