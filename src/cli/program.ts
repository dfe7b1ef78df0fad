/** The command line: commands, options, help, and what each exit code means. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { codeOf, GatewayError } from "../core/errors.ts";
import { hostOfSipUri } from "./call-uri.ts";
import { addCalls } from "./calls-commands.ts";
import { CONFIG_FLAG, CONFIG_HELP, JSON_HELP } from "./common-options.ts";
import { addConnect, type RunConnect } from "./connect-commands.ts";
import { addConnectStream } from "./connect-stream.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { addFlows, type RunFlows } from "./flows-commands.ts";
import { addInspection } from "./inspection-commands.ts";
import { addRecordings } from "./recordings-commands.ts";
import { addRender } from "./render-command.ts";
import { addSipServer, type SipServerCommandOptions } from "./sip-server-command.ts";
import { addSiprec, type SendSiprec } from "./siprec-command.ts";
import { addTrunks, type RunTrunks } from "./trunks-commands.ts";

/** Options of `trunkline start`. */
export interface StartOptions {
  /** The configuration file; `undefined`: TRUNKLINE_CONFIG, ./gateway.yaml, or none. */
  readonly config?: string | undefined;
}

/** Options of `trunkline call`. */
export interface CallOptions {
  /** A SIP URI, for example `sip:agent@127.0.0.1`. */
  readonly uri: string;
  /** A WAV file that is played to the other side. */
  readonly say?: string | undefined;
  /** A WAV file to write: left what was sent, right what was heard. */
  readonly record?: string | undefined;
  /** The longest duration of the call. */
  readonly seconds?: number | undefined;
  /** Keys to press: characters of `0-9*#A-D`, a comma waits. */
  readonly dtmf?: string | undefined;
  /** A file of authorities that vouch for the peer of a call over TLS. */
  readonly ca?: string | undefined;
  /** The peer of a call over TLS need not prove its name. */
  readonly insecure?: boolean | undefined;
  /** Encrypted audio, or no call. */
  readonly srtp?: boolean | undefined;
  /** Base address of the API of the gateway that is called. */
  readonly api?: string | undefined;
  /** Bearer token for it. */
  readonly token?: string | undefined;
  readonly json: boolean;
}

/** The commands that live elsewhere; one that is absent is not offered. */
export interface CommandImplementations {
  readonly start?: (options: StartOptions) => Promise<ExitCode>;
  readonly call?: (options: CallOptions) => Promise<ExitCode>;
  readonly sipServer?: (options: SipServerCommandOptions) => Promise<ExitCode>;
  readonly siprecSend?: SendSiprec;
  readonly trunks?: RunTrunks;
  readonly flows?: RunFlows;
  readonly connect?: RunConnect;
}

/** What the program is made of. */
export interface ProgramOptions {
  readonly context: CommandContext;
  readonly implementations: CommandImplementations;
  readonly version: string;
}

const MAX_CALL_SECONDS = 86_400;
const DIGITS = /^[0-9*#A-D,]{1,64}$/;

/** Builds the command line; `onExit` hears the exit code of the command that ran. */
export function createProgram(options: ProgramOptions, onExit: (code: ExitCode) => void): Command {
  const { output } = options.context;
  const program = new Command("trunkline")
    .description("A SIP/RTP media gateway that puts a realtime speech model on a phone call.")
    .version(options.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.data(text.trimEnd()),
      writeErr: (text) => output.note(text.trimEnd()),
      outputError: (text) => output.fail(text.trimEnd()),
    })
    .showHelpAfterError("(--help says more)")
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration.");
  addStart(program, options.implementations, onExit);
  addCall(program, options.implementations, onExit);
  if (options.implementations.sipServer !== undefined) {
    addSipServer(program, options.implementations.sipServer, onExit);
  }
  addInspection(program, options.context, onExit);
  addRender(program, options.context, onExit);
  addCalls(program, options.context, onExit);
  addConnectStream(program, options.context, onExit);
  addRecordings(program, options.context, onExit);
  addSiprec(program, options.context, options.implementations.siprecSend, onExit);
  if (options.implementations.trunks !== undefined) {
    addTrunks(program, options.implementations.trunks, onExit);
  }
  if (options.implementations.flows !== undefined) {
    addFlows(program, options.implementations.flows, onExit);
  }
  if (options.implementations.connect !== undefined) {
    addConnect(program, options.implementations.connect, onExit);
  }
  return program;
}

/** Runs a command line (without `node` and the script's path); never rejects. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions,
): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(options, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return exitCodeOf(error, options.context);
  }
}

/** Tells an error to the person at the terminal; the stack only with TRUNKLINE_DEBUG. */
export function exitCodeOf(error: unknown, { output, environment }: CommandContext): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : 2;
  }
  const isConfig = codeOf(error) === "CONFIG_INVALID";
  const isDebug = (environment["TRUNKLINE_DEBUG"] ?? "") !== "";
  output.fail(errorText(error, isDebug));
  return isConfig ? 2 : 1;
}

function errorText(error: unknown, isDebug: boolean): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  if (isDebug) {
    const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : "";
    return `${error.stack ?? error.message}${cause}`;
  }
  return error instanceof GatewayError ? `${error.code}: ${error.message}` : error.message;
}

function addStart(
  program: Command,
  { start }: CommandImplementations,
  onExit: (code: ExitCode) => void,
): void {
  if (start !== undefined) {
    program
      .command("start")
      .description("start the gateway")
      .option(CONFIG_FLAG, CONFIG_HELP)
      .action(async (options: StartOptions) => onExit(await start(options)));
  }
}

function addCall(
  program: Command,
  { call }: CommandImplementations,
  onExit: (code: ExitCode) => void,
): void {
  if (call !== undefined) {
    program
      .command("call")
      .description("place a SIP call, speak a WAV file, record what is heard, and report")
      .argument("<sip-uri>", "for example sip:agent@127.0.0.1", parseSipUri)
      .option("--say <file>", "WAV file to play")
      .option("--record <file>", "WAV file to write: left what was sent, right what was heard")
      .option("--seconds <n>", "hang up after this long", parseSeconds)
      .option("--dtmf <keys>", "keys to press: 0-9 * # A-D, a comma waits", parseDigits)
      .option("--ca <file>", "over TLS: authorities to believe beside the public ones, PEM")
      .option("--insecure", "over TLS: believe any certificate")
      .option("--srtp", "encrypt the audio, keys in the SDP (SDES)")
      .option("--api <url>", "API of the gateway that is called: prints what it measured, too")
      .option("--token <token>", "bearer token for it; better in TRUNKLINE_TOKEN")
      .option("--json", JSON_HELP, false)
      .action(async (uri: string, options: Omit<CallOptions, "uri">) =>
        onExit(await call({ ...options, uri })),
      );
  }
}

function parseSipUri(text: string): string {
  if (hostOfSipUri(text) === undefined) {
    throw new InvalidArgumentError("Expected a SIP URI such as sip:agent@127.0.0.1.");
  }
  return text;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || seconds <= 0 || seconds > MAX_CALL_SECONDS) {
    throw new InvalidArgumentError(`Expected a number above 0, up to ${MAX_CALL_SECONDS}.`);
  }
  return seconds;
}

function parseDigits(text: string): string {
  if (!DIGITS.test(text)) {
    throw new InvalidArgumentError("Expected 1 to 64 of 0-9, *, #, A-D and commas.");
  }
  return text;
}
