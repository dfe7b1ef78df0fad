/** `trunkline connect stream`: has Amazon Connect send the messages of a chat to our topic, or stops that. */
import { type Command, InvalidArgumentError } from "commander";
import { createChatStreaming } from "../app/compose-contacts.ts";
import { loadConfig } from "../app/config.ts";
import { GatewayError } from "../core/errors.ts";
import { CONFIG_FLAG, CONFIG_HELP, JSON_HELP } from "./common-options.ts";
import { type CommandContext, configSources, type ExitCode } from "./context.ts";

/** Options of `connect stream`. */
export interface ConnectStreamOptions {
  readonly config?: string | undefined;
  /** Ends this streaming in place of beginning one. */
  readonly stop?: string | undefined;
  readonly json: boolean;
}

const CONTACT_ID = /^[0-9A-Za-z][0-9A-Za-z-]{0,127}$/;

/** Adds it to `connect`, which is made where nobody else did. */
export function addConnectStream(
  program: Command,
  context: CommandContext,
  onExit: (code: ExitCode) => void,
): void {
  const connect =
    program.commands.find((command) => command.name() === "connect") ??
    program.command("connect").description("contacts of Amazon Connect");
  connect
    .command("stream")
    .description("send the messages of a chat to the topic of assist.chatStreaming")
    .argument("<contact-id>", "a chat in progress", parseContactId)
    .option("--stop <streaming-id>", "end this streaming; beginning it printed its id")
    .option(CONFIG_FLAG, CONFIG_HELP)
    .option("--json", JSON_HELP, false)
    .action(async (contactId: string, options: ConnectStreamOptions) =>
      onExit(await streamContact(contactId, options, context)),
    );
}

/** Rejects with CONTACT_SOURCE_OFF, CONTACT_NOT_CHAT or CONTACT_STREAMING_FAILED. */
export async function streamContact(
  contactId: string,
  { config: file, stop, json }: ConnectStreamOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { config } = loadConfig(configSources(context, file));
  const streaming = await createChatStreaming(config, context.clock);
  if (streaming === undefined) {
    throw new GatewayError("CONTACT_SOURCE_OFF", { reason: "set assist.chatStreaming" });
  }
  try {
    const { output } = context;
    if (stop !== undefined) {
      await streaming.stop(contactId, stop);
      if (json) {
        output.json({ contactId, streamingId: stop, streaming: false });
      } else {
        output.note(`the messages of ${contactId} are sent no longer`);
      }
      return 0;
    }
    const streamingId = await streaming.start(contactId);
    if (json) {
      output.json({ contactId, streamingId, streaming: true });
    } else {
      output.data(streamingId);
      output.note(
        `the messages of ${contactId} are sent to the topic; --stop ${streamingId} ends it`,
      );
    }
    return 0;
  } finally {
    streaming.close();
  }
}

function parseContactId(text: string): string {
  if (!CONTACT_ID.test(text)) {
    throw new InvalidArgumentError("Expected the id of a contact of Amazon Connect.");
  }
  return text;
}
