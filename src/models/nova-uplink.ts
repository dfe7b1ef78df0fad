/** The caller's audio on its way to Nova Sonic: never waits, never grows. */
import type { NovaStream } from "./nova-stream.ts";
import { audioInput } from "./nova-wire.ts";

/** More than this waiting for the connection, and audio is dropped: late audio is worth less than none. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** This much waiting means that the connection takes nothing. */
const STUCK_BYTES = 32 * 1024;

/** The uplink of one session. */
export class NovaUplink {
  #stream: NovaStream | undefined;
  readonly #counts = { uplinkBytes: 0, uplinkDroppedBytes: 0, uplinkEarlyBytes: 0 };

  get isStuck(): boolean {
    return (this.#stream?.bufferedBytes ?? 0) > STUCK_BYTES;
  }

  /** From now on audio is sent: what was said before anybody listened would be answered out of place. */
  start(stream: NovaStream | undefined): void {
    this.#stream = stream;
  }

  stop(): void {
    this.#stream = undefined;
  }

  /** Sends whole samples. */
  push(bytes: Uint8Array): void {
    const stream = this.#stream;
    const whole = bytes.length % 2 === 0 ? bytes : bytes.subarray(0, -1);
    if (stream === undefined) {
      this.#counts.uplinkEarlyBytes += whole.length;
    } else if (stream.bufferedBytes > MAX_BUFFERED_BYTES) {
      this.#counts.uplinkDroppedBytes += whole.length;
    } else if (whole.length > 0) {
      this.#counts.uplinkBytes += whole.length;
      stream.send(audioInput(whole));
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { ...this.#counts };
  }
}
