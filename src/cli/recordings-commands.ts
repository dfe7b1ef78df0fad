/** `trunkline recordings …`: what lies in the folder of recordings. */
import type { Command } from "commander";
import { loadConfig } from "../app/config.ts";
import { decryptToWav, type KnownRecording, listRecordings } from "../app/recordings.ts";
import { CONFIG_FLAG, CONFIG_HELP, JSON_HELP } from "./common-options.ts";
import { type CommandContext, configSources, type ExitCode } from "./context.ts";
import { table } from "./output.ts";

interface RecordingsOptions {
  readonly config?: string | undefined;
  readonly json: boolean;
}

/** Adds the commands; `onExit` hears the exit code of the one that ran. */
export function addRecordings(
  program: Command,
  context: CommandContext,
  onExit: (code: ExitCode) => void,
): void {
  const recordings = program.command("recordings").description("files of calls that were recorded");
  const add = (name: string, description: string): Command =>
    recordings
      .command(name)
      .description(description)
      .option(CONFIG_FLAG, CONFIG_HELP)
      .option("--json", JSON_HELP, false);
  add("list", "all recordings of the folder, oldest first").action(
    async (options: RecordingsOptions) => onExit(await list(options, context)),
  );
  add("show", "one recording, as JSON")
    .argument("<call-id>")
    .action(async (id: string, options: RecordingsOptions) =>
      onExit(await show(id, options, context)),
    );
  add("decrypt", "check an encrypted recording, and write it as a WAV file")
    .argument("<file>", "a file that ends with .wav.enc")
    .requiredOption("--out <file>", "WAV file to write; it must not be there")
    .action(async (file: string, options: RecordingsOptions & { readonly out: string }) =>
      onExit(await decrypt(file, options, context)),
    );
}

async function found(
  { config }: RecordingsOptions,
  context: CommandContext,
): Promise<readonly KnownRecording[]> {
  const loaded = loadConfig(configSources(context, config));
  return await listRecordings(loaded.config.recordings.folder);
}

async function list(options: RecordingsOptions, context: CommandContext): Promise<ExitCode> {
  const recordings = await found(options, context);
  if (options.json) {
    context.output.json({ recordings });
    return 0;
  }
  if (recordings.length === 0) {
    context.output.note("no recordings");
    return 0;
  }
  const rows = recordings.map((one) => [
    one.callId,
    new Date(one.startedAtMs).toISOString(),
    `${Math.round(one.durationMs / 1000)} s`,
    one.state,
    one.keyId ?? "plain",
    one.upload?.state === "done" ? one.upload.uri : one.file,
  ]);
  const header = ["CALL", "START", "LENGTH", "STATE", "KEY", "FILE"];
  for (const line of table([header, ...rows])) {
    context.output.data(line);
  }
  return 0;
}

async function show(
  id: string,
  options: RecordingsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const recording = (await found(options, context)).find(({ callId }) => callId === id);
  if (recording === undefined) {
    throw new Error(`there is no recording of the call ${id} in the folder`);
  }
  context.output.json(recording);
  return 0;
}

async function decrypt(
  file: string,
  { out, config, json }: RecordingsOptions & { readonly out: string },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = loadConfig(configSources(context, config));
  const result = await decryptToWav(loaded.config, file, out);
  if (json) {
    context.output.json({ file, out, ...result });
    return 0;
  }
  const { keyId, durationMs, recovered } = result;
  const cut = recovered ? "; the gateway was killed while it recorded, so the end is missing" : "";
  const seconds = (durationMs / 1000).toFixed(1);
  context.output.note(`${out}: ${seconds} s, opened with the key ${keyId}${cut}`);
  return 0;
}
