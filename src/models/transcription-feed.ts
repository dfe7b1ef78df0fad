/** The audio of a transcription on its way to whichever connection there is: kept while there is none, sent again where nothing was heard of it. */
import { withoutChannel } from "./channel-mixer.ts";
import { KeptAudio } from "./kept-audio.ts";
import type { AudioFrame, FrameSource } from "./transcriber.ts";
import type { TranscriberLink } from "./transcriber-link.ts";

/** Of audio that waited, what goes at a time: six times as fast as it was spoken. Unverified: what services take. */
const FRAMES_AT_A_TIME = 3;
/** More than this waiting in the connection, and audio is kept here instead. */
const MAX_BUFFERED_BYTES = 64 * 1024;
/** How much of what was sent may be sent again. */
const RESEND_MS = 3000;

/** Of one transcription. */
export class TranscriptionFeed {
  readonly #source: FrameSource;
  readonly #channels: number;
  readonly #kept = new KeptAudio();
  /** What connections before this one have understood: it is not sent again. */
  readonly #heardUntilMs = new Map<number, number>();

  constructor(source: FrameSource, channels: number) {
    this.#source = source;
    this.#channels = channels;
  }

  /** Takes what is complete by now; whether nobody speaks in the last of it. */
  pull(nowUs: number): boolean {
    let quiet = false;
    for (let frame = this.#source.pull(nowUs); frame !== undefined; ) {
      this.#kept.push(frame);
      quiet = frame.quiet;
      frame = this.#source.pull(nowUs);
    }
    return quiet;
  }

  send(link: TranscriberLink): void {
    this.#send(link, FRAMES_AT_A_TIME);
  }

  /** Sends all there is, as far as the connection takes it. */
  flush(link: TranscriberLink): void {
    this.#send(link, Number.POSITIVE_INFINITY);
  }

  /** Goes back to where nothing was heard of this lost connection, and no further than is likely to have been on its way. */
  rewind(link: TranscriberLink): void {
    const { sentUntilMs } = link;
    if (sentUntilMs === undefined) {
      return;
    }
    this.remember(link);
    const earliestMs = sentUntilMs - RESEND_MS;
    const channels = Array.from({ length: this.#channels }, (_, channel) => channel);
    const heard = this.#heardUntilMs;
    const resumeMs = channels.map((each) => Math.max(heard.get(each) ?? 0, earliestMs));
    this.#kept.rewind(Math.min(...resumeMs));
  }

  /** What a connection understood that is over, or soon will be. */
  remember({ heardUntilMs }: TranscriberLink): void {
    for (const [channel, untilMs] of heardUntilMs) {
      this.#heardUntilMs.set(channel, Math.max(untilMs, this.#heardUntilMs.get(channel) ?? 0));
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { ...this.#source.toJSON(), ...this.#kept.toJSON() };
  }

  #send(link: TranscriberLink, maxFrames: number): void {
    for (let sent = 0; sent < maxFrames && link.bufferedBytes < MAX_BUFFERED_BYTES; sent += 1) {
      const frame = this.#kept.next();
      if (frame === undefined) {
        return;
      }
      link.send(frame, this.#bytesOf(frame));
    }
  }

  /** What was understood already is not sent again. */
  #bytesOf({ startMs, durationMs, bytes }: AudioFrame): Buffer {
    let rest = bytes;
    for (const [channel, untilMs] of this.#channels > 1 ? this.#heardUntilMs : []) {
      if (startMs + durationMs <= untilMs) {
        rest = withoutChannel(rest, channel, this.#channels);
      }
    }
    return rest;
  }
}
