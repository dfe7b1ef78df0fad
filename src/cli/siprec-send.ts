/** Runs `trunkline siprec send` for a person or a program: the WAV, progress, report, exit code. */
import { startUserAgent } from "../app/user-agent.ts";
import { GatewayError } from "../core/errors.ts";
import { silentLogger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { readChannels } from "./call-audio.ts";
import { hostOfSipUri } from "./call-uri.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { type RecordingReport, sendRecording } from "./siprec-client.ts";
import type { SiprecDialect } from "./siprec-dialects.ts";

/** Options of `trunkline siprec send`. */
export interface SiprecSendOptions {
  readonly file: string;
  readonly to: string;
  readonly dialect: SiprecDialect;
  readonly contactId?: string | undefined;
  readonly seconds?: number | undefined;
  readonly json: boolean;
}

/** 0: the recording was taken; 1: it was not. Ctrl-C hangs up. Rejects with AUDIO_FILE_INVALID. */
export async function runSiprecSend(
  { file, to, dialect, contactId, seconds, json }: SiprecSendOptions,
  { output, clock, random }: CommandContext & { readonly random: Random },
): Promise<ExitCode> {
  const channels = await readChannels(file);
  if (channels.length !== 2) {
    const details = { file, found: `${channels.length} channels`, expected: "2: customer, agent" };
    throw new GatewayError("AUDIO_FILE_INVALID", details);
  }
  const signal = new AbortController();
  const onInterrupt = (): void => signal.abort();
  process.once("SIGINT", onInterrupt);
  const peerHost = hostOfSipUri(to) ?? "";
  const tls = { caFile: undefined, verify: true };
  const agent = await startUserAgent({ clock, random, logger: silentLogger, peerHost, tls });
  try {
    output.note(`sending ${file} to ${to}`);
    const report = await sendRecording(
      {
        uri: to,
        dialect,
        contactId,
        channels,
        lengthMs: seconds === undefined ? (channels[0]?.length ?? 0) / 8 : seconds * 1000,
      },
      {
        clock,
        random,
        logger: silentLogger,
        agent,
        signal: signal.signal,
        progress: (line) => output.note(line),
      },
    );
    if (json) {
      output.json(report);
    } else {
      output.data(describe(report));
    }
    return report.answered ? 0 : 1;
  } finally {
    process.off("SIGINT", onInterrupt);
    await agent.close();
  }
}

function describe(report: RecordingReport): string {
  const { uri, status, reason, setupMs, durationMs, endedBy, streams } = report;
  if (!report.answered) {
    return `${uri} did not take the recording (${status}: ${reason ?? ""}) after ${setupMs} ms`;
  }
  const seconds = (durationMs / 1000).toFixed(1);
  return [
    `${uri} took the recording after ${setupMs} ms, ended by ${endedBy ?? "us"} after ${seconds} s`,
    ...streams.map(({ label, accepted, answeredLabel, packetsSent }) => {
      const echoed = answeredLabel === label ? "label echoed" : `label ${answeredLabel ?? "gone"}`;
      return accepted
        ? `stream ${label}: ${packetsSent} packets sent, ${echoed}`
        : `stream ${label}: refused, ${echoed}`;
    }),
  ].join("\n");
}
