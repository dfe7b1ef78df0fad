/** Builds what follows contacts that Amazon Connect transcribes or streams; its clients are loaded only where they are configured. */
import { ContactDesk } from "../call/contacts/contact-desk.ts";
import { ContactDirectory, type ContactPoller } from "../call/contacts/contact-directory.ts";
import type { AgentHelp } from "../call/recording/recording-service.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Scope } from "../core/scope.ts";
import type { Bus } from "../ports/bus.ts";
import type { CallStore } from "../ports/call-store.ts";
import type { ChatStreaming } from "../ports/chat-streaming.ts";
import type { ContactSources } from "../ports/contact-sources.ts";
import type { Config } from "./config.ts";
import { awsAccess } from "./config-aws.ts";

/** What it runs on. */
export interface ContactParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly bus: Bus;
  readonly store: CallStore;
  readonly scope: Scope;
  readonly help: AgentHelp;
}

const DEFAULT_CONTACTS = 500;
const DEFAULT_SILENCE_MS = 1_800_000;

/** The stream is read from now on. */
export async function composeContacts(
  config: Config,
  parts: ContactParts,
): Promise<ContactSources> {
  const { metrics, scope } = parts;
  const { contactLens } = config.assist;
  const desk = new ContactDesk({
    ...parts,
    maxContacts: contactLens?.maxContacts ?? DEFAULT_CONTACTS,
    silenceMs: contactLens === undefined ? DEFAULT_SILENCE_MS : contactLens.silenceSeconds * 1000,
  });
  scope.defer("contacts", () => desk.close());
  const poller = await composeLens(config, parts, desk);
  const streaming = await createChatStreaming(config, parts.clock);
  if (streaming !== undefined) {
    scope.defer("chat streaming", () => streaming.close());
  }
  return new ContactDirectory({ metrics, desk, poller, streaming });
}

async function composeLens(
  config: Config,
  { clock, logger, metrics, scope }: ContactParts,
  listener: ContactDesk,
): Promise<ContactPoller | undefined> {
  const { contactLens } = config.assist;
  if (contactLens === undefined) {
    return undefined;
  }
  const access = awsAccess(config.aws);
  const { instanceId, streamArn, streamPollMs, pollMs } = contactLens;
  const shared = { clock, logger, metrics, instanceId, listener };
  if (streamArn !== undefined) {
    const { KinesisStreamApi } = await import("../ingress/kinesis-api.ts");
    const { ContactLensStream } = await import("../ingress/contact-lens-stream.ts");
    const api = new KinesisStreamApi(access, streamArn);
    const stream = new ContactLensStream({ ...shared, api, pollMs: streamPollMs });
    scope.defer("contact lens stream", () => stream.close());
    stream.start();
  }
  const { ContactLensPoll } = await import("../ingress/contact-lens-poll.ts");
  const poll = new ContactLensPoll({ ...shared, access, pauseMs: pollMs });
  scope.defer("contact lens", () => poll.close());
  return poll;
}

/** Whoever gets one closes it; `undefined`: it is not configured. */
export async function createChatStreaming(
  { aws, assist: { chatStreaming } }: Pick<Config, "aws" | "assist">,
  clock: Clock,
): Promise<(ChatStreaming & { close(): void }) | undefined> {
  if (chatStreaming === undefined) {
    return undefined;
  }
  const { ContactStreaming } = await import("../connect/contact-streaming.ts");
  return new ContactStreaming({ clock, access: awsAccess(aws), ...chatStreaming });
}
