/** The caller's audio on its way to Gemini Live, which is told when it pauses: its ear would wait for more otherwise. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import { AUDIO_ENVELOPE, AUDIO_STREAM_END } from "./gemini-wire.ts";
import type { ModelSocket } from "./model-socket.ts";
import { ModelUplink } from "./model-uplink.ts";

/** A longer pause is to be told; https://ai.google.dev/gemini-api/docs/live-guide, Voice Activity Detection. */
const PAUSE_MS = 1000;

/** The uplink of one session. */
export class GeminiUplink {
  readonly #clock: Clock;
  readonly #uplink = new ModelUplink(AUDIO_ENVELOPE);
  #socket: ModelSocket | undefined;
  #timer: Timer | undefined;
  #lastUs = 0;
  #pauses = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on audio is sent. */
  start(socket: ModelSocket | undefined): void {
    this.#socket = socket;
    this.#uplink.start(socket);
  }

  stop(): void {
    this.#socket = undefined;
    this.#uplink.stop();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  push(bytes: Uint8Array): void {
    this.#uplink.push(bytes);
    if (this.#socket !== undefined) {
      this.#lastUs = this.#clock.nowUs();
      this.#timer ??= after(this.#clock, PAUSE_MS, () => this.#look());
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { ...this.#uplink.toJSON(), uplinkPauses: this.#pauses };
  }

  /** One timer for as long as audio flows, whatever its pieces. */
  #look(): void {
    const restMs = PAUSE_MS - (this.#clock.nowUs() - this.#lastUs) / 1000;
    if (restMs > 0) {
      this.#timer = after(this.#clock, restMs, () => this.#look());
    } else {
      this.#timer = undefined;
      this.#pauses += 1;
      this.#socket?.send(AUDIO_STREAM_END);
    }
  }
}
