/** Whether the peer's RTP has begun, stays away, or is back. */

/** Hears of changes; called synchronously. */
export interface MediaWatchListener {
  onMediaStarted(): void;
  /** No RTP for so long, though the peer should send; once, and again after it came back. */
  onMediaTimedOut(silentMs: number): void;
  onMediaResumed(): void;
}

/** Watches one leg; driven by its packets and ticks, so it holds no timer. */
export class MediaWatch {
  readonly #listener: MediaWatchListener;
  readonly #timeoutUs: number;
  #expecting = false;
  #sinceUs = 0;
  #started = false;
  #timedOut = false;

  constructor(listener: MediaWatchListener, timeoutMs: number) {
    this.#listener = listener;
    this.#timeoutUs = timeoutMs * 1000;
  }

  /** The peer should send from now on. */
  expect(nowUs: number): void {
    this.#expecting = true;
    this.#timedOut = false;
    this.#sinceUs = nowUs;
  }

  /** The peer need not send: hold. */
  rest(): void {
    this.#expecting = false;
  }

  onPacket(nowUs: number): void {
    this.#sinceUs = nowUs;
    if (!this.#started) {
      this.#started = true;
      this.#listener.onMediaStarted();
    }
    if (this.#timedOut) {
      this.#timedOut = false;
      this.#listener.onMediaResumed();
    }
  }

  onTick(nowUs: number): void {
    const silentUs = nowUs - this.#sinceUs;
    if (this.#expecting && !this.#timedOut && silentUs >= this.#timeoutUs) {
      this.#timedOut = true;
      this.#listener.onMediaTimedOut(Math.round(silentUs / 1000));
    }
  }

  toJSON(): Readonly<Record<string, boolean>> {
    return { started: this.#started, timedOut: this.#timedOut };
  }
}
