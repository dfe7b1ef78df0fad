/** The caller's audio on its way to the service: never waits, never grows. */
import type { AudioEnvelope } from "./masked-frame.ts";
import type { ModelSocket } from "./model-socket.ts";

/** More than this waiting in the socket, and audio is dropped: late audio is worth less than none. */
const MAX_BUFFERED_BYTES = 256 * 1024;

/** The uplink of one session. */
export class ModelUplink {
  readonly #envelope: AudioEnvelope;
  #socket: ModelSocket | undefined;
  #sentBytes = 0;
  #droppedBytes = 0;
  #earlyBytes = 0;

  /** `envelope`: the message of the protocol that carries audio. */
  constructor(envelope: AudioEnvelope) {
    this.#envelope = envelope;
  }

  /** From now on audio is sent. */
  start(socket: ModelSocket | undefined): void {
    this.#socket = socket;
  }

  stop(): void {
    this.#socket = undefined;
  }

  push(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket === undefined) {
      this.#earlyBytes += bytes.length;
    } else if (socket.bufferedBytes > MAX_BUFFERED_BYTES) {
      this.#droppedBytes += bytes.length;
    } else if (bytes.length > 0) {
      this.#sentBytes += bytes.length;
      socket.sendAudio(this.#envelope, bytes);
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      uplinkBytes: this.#sentBytes,
      uplinkDroppedBytes: this.#droppedBytes,
      uplinkEarlyBytes: this.#earlyBytes,
    };
  }
}
