/** `trunkline calls say`, `inject`, `mute`, `dtmf`: what a call of a running gateway is to do. */
import { readFile } from "node:fs/promises";
import { GatewayError } from "../core/errors.ts";
import type { RecordAction } from "../ports/call-directory.ts";
import type { CallsOptions } from "./calls.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { type ApiRequest, askGateway } from "./gateway-api.ts";

/** What each action is, when it is done. */
export const RECORD_WORDS: Readonly<Record<RecordAction, string>> = {
  pause: "the recording is paused",
  resume: "the recording goes on",
  stop: "the recording is stopped",
  consent: "consent is noted",
};

/** Options of `calls say`. */
export interface SayOptions extends CallsOptions {
  readonly by: "model" | "voice";
}

/** Options of `calls inject`. */
export interface InjectOptions extends CallsOptions {
  /** The file has no header, but samples of so many a second. */
  readonly rate?: string | undefined;
}

/** Has a text spoken. */
export async function sayText(
  id: string,
  text: string,
  options: SayOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const done = `call ${id} hears it from the ${options.by === "model" ? "model" : "gateway"}`;
  const content = jsonOf({ text, by: options.by });
  return await operate({ id, command: "say", content, done }, options, context);
}

/** Plays a file. */
export async function injectAudio(
  id: string,
  file: string,
  options: InjectOptions,
  context: CommandContext,
): Promise<ExitCode> {
  let body: Uint8Array;
  try {
    body = await readFile(file);
  } catch (error) {
    const details = { file, expected: "a readable file" };
    throw new GatewayError("AUDIO_FILE_INVALID", details, { cause: error });
  }
  const { rate } = options;
  const contentType = rate === undefined ? "audio/wav" : `audio/pcm;rate=${rate}`;
  const content = { contentType, body };
  return await operate(
    { id, command: "inject", content, done: `call ${id} hears it` },
    options,
    context,
  );
}

/** Mutes somebody, or ends that. */
export async function muteCall(
  id: string,
  mute: { readonly who: "caller" | "model"; readonly on: boolean },
  options: CallsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const done = `the ${mute.who} of call ${id} is ${mute.on ? "muted" : "heard again"}`;
  return await operate({ id, command: "mute", content: jsonOf(mute), done }, options, context);
}

/** Pauses, resumes or stops a recording, or notes consent to it. */
export async function recordCall(
  id: string,
  action: RecordAction,
  options: CallsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const done = `call ${id}: ${RECORD_WORDS[action]}`;
  const content = jsonOf({ action });
  return await operate({ id, command: "recording", content, done }, options, context);
}

/** Presses keys. */
export async function pressKeys(
  id: string,
  digits: string,
  options: CallsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const done = `the keys are pressed in call ${id}`;
  const content = jsonOf({ digits });
  return await operate({ id, command: "dtmf", content, done }, options, context);
}

type Content = Pick<ApiRequest, "contentType" | "body">;

interface Operation {
  readonly id: string;
  /** The last part of the path. */
  readonly command: string;
  readonly content: Content;
  /** For people, when the call has taken it. */
  readonly done: string;
}

function jsonOf(value: unknown): Content {
  return { contentType: "application/json", body: JSON.stringify(value) };
}

async function operate(
  { id, command, content, done }: Operation,
  options: CallsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const path = `/calls/${encodeURIComponent(id)}/${command}`;
  const answer = await askGateway(options, context, { method: "POST", path, ...content });
  if (options.json) {
    context.output.json(answer);
  } else {
    context.output.note(done);
  }
  return 0;
}
