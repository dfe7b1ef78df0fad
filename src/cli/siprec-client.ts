/** `trunkline siprec send`: a recording client that sends a stereo WAV as two paced streams, and reports. */
import type { UserAgent } from "../app/user-agent.ts";
import { userAgentLegId } from "../app/user-agent.ts";
import { after, type Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { MediaClock } from "../media/media-clock.ts";
import { RtpLeg } from "../media/rtp-leg.ts";
import type { Anchor } from "../ports/media-anchor.ts";
import type { SipDialog } from "../ports/signaling-server.ts";
import { LocalSession } from "../sdp/local-session.ts";
import type { Direction } from "../sdp/session-description.ts";
import { labelled, siprecBody, siprecHeaders, siprecMetadata } from "./siprec-body.ts";
import { SIPREC_FORMS, type SiprecDialect } from "./siprec-dialects.ts";

/** What is sent. */
export interface RecordingToSend {
  readonly uri: string;
  readonly dialect: SiprecDialect;
  /** Of Amazon Connect, in the header that it uses; absent: none. */
  readonly contactId?: string | undefined;
  /** The customer's and the agent's, 8 kHz. */
  readonly channels: readonly Int16Array[];
  /** As long as the WAV, or this. */
  readonly lengthMs: number;
}

/** What it runs on. */
export interface RecordingClientContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly agent: UserAgent;
  /** Aborts when the person at the terminal gives up. */
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** What became of it. */
export interface RecordingReport {
  readonly uri: string;
  readonly answered: boolean;
  readonly status: number;
  readonly reason?: string;
  readonly sipCallId?: string;
  readonly setupMs: number;
  readonly durationMs: number;
  readonly endedBy?: "us" | "peer";
  readonly streams: readonly SentStream[];
}

/** One stream. */
export interface SentStream {
  readonly label: string;
  /** The label that the answer has on this m-line; `null`: none. */
  readonly answeredLabel: string | null;
  readonly accepted: boolean;
  readonly packetsSent: number;
}

const SPEECH = { encoding: "pcm16", rateHz: 8000 } as const;

/** A refusal is a report, not an error. */
export async function sendRecording(
  recording: RecordingToSend,
  context: RecordingClientContext,
): Promise<RecordingReport> {
  const { agent, random } = context;
  const anchors: Anchor[] = [];
  for (let i = 0; i < recording.channels.length; i += 1) {
    anchors.push(await agent.anchors.allocate(userAgentLegId(random)));
  }
  const client = new RecordingClient(recording, context, anchors);
  try {
    return await client.run();
  } finally {
    await client.close();
  }
}

class RecordingClient {
  readonly #recording: RecordingToSend;
  readonly #context: RecordingClientContext;
  readonly #session: LocalSession;
  readonly #anchors: readonly Anchor[];
  readonly #legs: readonly RtpLeg[];
  #answer = "";

  constructor(
    recording: RecordingToSend,
    context: RecordingClientContext,
    anchors: readonly Anchor[],
  ) {
    const { clock, logger } = context;
    this.#recording = recording;
    this.#context = context;
    this.#anchors = anchors;
    this.#session = new LocalSession(Math.floor(clock.wallMs() / 1000));
    const mediaClock = new MediaClock({
      clock,
      onTickError: (error) => logger.error("the audio clock failed", { error }),
    });
    const delegate = {
      onDigit: () => undefined,
      onMediaStarted: () => undefined,
      onMediaTimedOut: () => undefined,
      onMediaResumed: () => undefined,
    };
    this.#legs = anchors.map((anchor) => new RtpLeg({ ...context, anchor, mediaClock, delegate }));
  }

  async run(): Promise<RecordingReport> {
    const { clock, progress } = this.#context;
    const { uri, dialect } = this.#recording;
    const { opensLater = false } = SIPREC_FORMS[dialect];
    const invitedUs = clock.nowUs();
    const elapsedMs = (): number => Math.round((clock.nowUs() - invitedUs) / 1000);
    let dialog: SipDialog;
    try {
      dialog = await this.#invite();
    } catch (error) {
      return refused(uri, error, elapsedMs());
    }
    const setupMs = elapsedMs();
    progress(`recording taken after ${setupMs} ms`);
    const answeredUs = clock.nowUs();
    let endedBy: "us" | "peer";
    try {
      this.#agree(dialog.remoteSdp);
      if (opensLater) {
        this.#agree(await dialog.reoffer(this.#offer("sendonly")));
      }
      this.#speak();
      endedBy = await this.#wait(dialog);
    } finally {
      await dialog.bye();
    }
    const durationMs = Math.round((clock.nowUs() - answeredUs) / 1000);
    const { sipCallId } = dialog;
    const head = { uri, answered: true, status: 200, sipCallId, setupMs, durationMs, endedBy };
    return { ...head, streams: this.#sent() };
  }

  async close(): Promise<void> {
    await Promise.all(this.#legs.map((leg) => leg.close()));
  }

  #invite(): Promise<SipDialog> {
    const { agent, clock, signal } = this.#context;
    const { uri, dialect, contactId } = this.#recording;
    const startedAt = new Date(clock.wallMs()).toISOString();
    const offer = this.#offer(SIPREC_FORMS[dialect].opensLater === true ? "inactive" : "sendonly");
    return agent.signaling.invite({
      uri: /^sips:|;transport=/i.test(uri) ? uri : `${uri};transport=tcp`,
      callingUser: "recorder",
      sdp: siprecBody(dialect, offer, siprecMetadata(dialect, startedAt)),
      headers: {
        ...siprecHeaders(dialect, contactId),
        Contact: "<sip:recorder@localhost>;+sip.src",
      },
      signal,
    });
  }

  #offer(direction: Direction): string {
    const transports = this.#anchors.map(({ localAddress, localPort, localRtcpPort }) => ({
      address: localAddress,
      port: localPort,
      rtcpPort: localRtcpPort,
    }));
    return labelled(
      this.#recording.dialect,
      this.#session.offer({ transports, direction, telephoneEvent: false }),
    );
  }

  /** Throws SDP_* for an answer that is none to our offer. */
  #agree(answer: string): void {
    this.#answer = answer;
    for (const stream of this.#session.applyAnswer(answer).streams) {
      this.#legs[stream.mediaIndex]?.updateRemote(stream);
    }
  }

  #speak(): void {
    const listener = { onItemStarted: () => undefined, onItemPlayed: () => undefined };
    for (const [index, leg] of this.#legs.entries()) {
      const samples = this.#recording.channels[index] ?? new Int16Array(0);
      const voice = leg.mouth.open({ format: SPEECH, maxMs: samples.length / 8 + 1, listener });
      const { buffer, byteOffset, byteLength } = samples;
      voice.queue.push(new Uint8Array(buffer, byteOffset, byteLength), "speech");
      voice.queue.finish("speech");
      leg.start();
    }
  }

  #wait(dialog: SipDialog): Promise<"us" | "peer"> {
    const { clock, signal } = this.#context;
    return new Promise((resolve) => {
      const timer = after(clock, this.#recording.lengthMs, () => resolve("us"));
      const finish = (endedBy: "us" | "peer"): void => {
        timer.cancel();
        resolve(endedBy);
      };
      signal.addEventListener("abort", () => finish("us"), { once: true });
      if (signal.aborted) {
        finish("us");
      }
      dialog.setDelegate({
        onEnded: () => finish("peer"),
        onReoffer: () => Promise.resolve({ kind: "refuse", status: 488 }),
        onInfo: () => undefined,
      });
    });
  }

  #sent(): readonly SentStream[] {
    const sections = this.#answer.split(/^m=/m).slice(1);
    return this.#legs.map((leg, index) => {
      const section = sections[index] ?? "";
      return {
        label: SIPREC_FORMS[this.#recording.dialect].labels[index] ?? "",
        answeredLabel: /^a=label:(\S+)/m.exec(section)?.[1] ?? null,
        accepted: !/^\S+ 0 /.test(section) && section !== "",
        packetsSent: leg.stats().packetsSent,
      };
    });
  }
}

function refused(uri: string, error: unknown, setupMs: number): RecordingReport {
  if (!(error instanceof GatewayError)) {
    throw error;
  }
  const { status, reason } = error.details;
  return {
    uri,
    answered: false,
    status: typeof status === "number" ? status : 0,
    reason: String(reason ?? error.message),
    setupMs,
    durationMs: 0,
    streams: [],
  };
}
