/** The audio of a call of the built-in user agent: one leg, its script, its ears. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { MediaClock } from "../media/media-clock.ts";
import { RtpLeg } from "../media/rtp-leg.ts";
import type { Anchor } from "../ports/media-anchor.ts";
import type { LegStream } from "../ports/media-host.ts";
import type { SipDialog } from "../ports/signaling-server.ts";
import type { LocalSession } from "../sdp/local-session.ts";
import type { CallRecorder } from "./call-recorder.ts";
import type { CallReport } from "./call-report.ts";
import { CallScript, type CallScriptOptions } from "./call-script.ts";

/** What the leg is made of; it releases the anchor. */
export interface CallLegOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  readonly anchor: Anchor;
  readonly session: LocalSession;
  readonly recorder: CallRecorder | undefined;
}

/** What the caller is to do. */
export type CallTask = Pick<CallScriptOptions, "say" | "dtmf" | "stayMs">;

/** The part of the report that the conversation gives. */
export type Conversation = Pick<
  CallReport,
  "durationMs" | "endedBy" | "greeting" | "turns" | "rtp"
>;

const SPEECH = { encoding: "pcm16", rateHz: 8000 } as const;

/** One conversation. */
export class CallLeg {
  readonly #options: CallLegOptions;
  readonly #leg: RtpLeg;
  #listening = false;

  constructor(options: CallLegOptions) {
    const { clock, logger, progress } = options;
    this.#options = options;
    this.#leg = new RtpLeg({
      ...options,
      mediaClock: new MediaClock({
        clock,
        onTickError: (error) => logger.error("the audio clock failed", { error }),
      }),
      delegate: {
        onDigit: (digit) => progress(`heard key ${digit}`),
        onMediaStarted: () => progress("audio arrives"),
        onMediaTimedOut: () => progress("no audio arrives"),
        onMediaResumed: () => progress("audio arrives again"),
      },
    });
  }

  /** Hears, and sends silence to, the peer: with the answer, or before it (RFC 3960 Early Media and Ringing Tone Generation). */
  listen(stream: LegStream): void {
    const { recorder } = this.#options;
    if (!this.#listening) {
      this.#listening = true;
      if (recorder !== undefined) {
        this.#leg.egressTaps.add(recorder.sent);
        this.#leg.ingressTaps.add(recorder.heard);
      }
      this.#leg.start();
    }
    this.#leg.updateRemote(stream);
  }

  /** Talks until the script or the peer ends it, and ends the dialog. */
  async run(task: CallTask, dialog: SipDialog): Promise<Conversation> {
    const { clock } = this.#options;
    const answeredUs = clock.nowUs();
    const { script, endedBy } = await this.#talk(task, dialog);
    const durationMs = Math.round((clock.nowUs() - answeredUs) / 1000);
    script.stop();
    await dialog.bye();
    const { packetsSent, packetsReceived, packetsLost, packetsLate, jitterMs } = this.#leg.stats();
    await this.close();
    return {
      durationMs,
      endedBy,
      ...(script.greeting === undefined ? {} : { greeting: script.greeting }),
      turns: script.turns,
      rtp: { packetsSent, packetsReceived, packetsLost, packetsLate, jitterMs },
    };
  }

  /** Idempotent. */
  close(): Promise<void> {
    return this.#leg.close();
  }

  #talk(
    task: CallTask,
    dialog: SipDialog,
  ): Promise<{ script: CallScript; endedBy: "us" | "peer" }> {
    const { clock, signal } = this.#options;
    const leg = this.#leg;
    return new Promise((resolve) => {
      const finish = (endedBy: "us" | "peer"): void => resolve({ script, endedBy });
      const script = new CallScript({
        ...task,
        clock,
        speak: (pcm) => this.#speak(pcm),
        press: (digits) => leg.sendDigits(digits),
        onDone: () => finish("us"),
      });
      leg.ingressTaps.add(script.heard);
      leg.egressTaps.add(script.sent);
      dialog.setDelegate({
        onEnded: () => finish("peer"),
        onReoffer: (sdp) => Promise.resolve(this.#reoffered(sdp)),
        onInfo: () => undefined,
      });
      signal.addEventListener("abort", () => finish("us"), { once: true });
      script.start();
    });
  }

  #speak(pcm: Int16Array): void {
    const listener = { onItemStarted: () => undefined, onItemPlayed: () => undefined };
    const maxMs = pcm.length / 8;
    const voice = this.#leg.mouth.open({ format: SPEECH, maxMs, listener });
    voice.queue.push(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), "speech");
    voice.queue.finish("speech");
  }

  #reoffered(sdp: string | undefined) {
    if (sdp === undefined) {
      return { kind: "refuse", status: 488 } as const;
    }
    const {
      localAddress: address,
      localPort: port,
      localRtcpPort: rtcpPort,
    } = this.#options.anchor;
    const answer = this.#options.session.answer(sdp, { transports: [{ address, port, rtcpPort }] });
    this.#leg.updateRemote(answer.audio);
    return { kind: "accept", sdp: answer.sdp } as const;
  }
}
