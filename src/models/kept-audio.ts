/** What a transcription has yet to send, and what it sent just now: bounded, so that a service may fail for a while without loss. */
import type { AudioFrame } from "./transcriber.ts";

/** What waits while the service is away; older audio is dropped, as nobody could read what comes of it in time. */
export const WAITING_MAX_MS = 30_000;
/** What was sent and may be wanted once more. */
export const SENT_KEPT_MS = 5000;

/** Frames in order of time. */
export class KeptAudio {
  #frames: AudioFrame[] = [];
  /** How many of them were sent. */
  #sent = 0;
  #droppedMs = 0;
  #resentMs = 0;

  push(frame: AudioFrame): void {
    this.#frames.push(frame);
    while (this.waitingMs > WAITING_MAX_MS) {
      const [dropped] = this.#frames.splice(this.#sent, 1);
      this.#droppedMs += dropped?.durationMs ?? 0;
    }
  }

  /** What has yet to be sent. */
  get waitingMs(): number {
    const waiting = this.#frames.length - this.#sent;
    return waiting * (this.#frames[this.#sent]?.durationMs ?? 0);
  }

  /** The next one to be sent; from now on it was. */
  next(): AudioFrame | undefined {
    const frame = this.#frames[this.#sent];
    if (frame !== undefined) {
      this.#sent += 1;
      const [oldest] = this.#frames;
      if (oldest !== undefined && frame.startMs - oldest.startMs > SENT_KEPT_MS) {
        this.#frames.shift();
        this.#sent -= 1;
      }
    }
    return frame;
  }

  /** Everything from this time on, as far as it is kept, is to be sent once more. */
  rewind(fromMs: number): void {
    while (this.#sent > 0) {
      const last = this.#frames[this.#sent - 1] as AudioFrame;
      if (last.startMs + last.durationMs <= fromMs) {
        return;
      }
      this.#sent -= 1;
      this.#resentMs += last.durationMs;
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      waitingMs: this.waitingMs,
      droppedMs: this.#droppedMs,
      resentMs: this.#resentMs,
    };
  }
}
