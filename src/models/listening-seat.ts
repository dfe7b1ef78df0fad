/** One stream's session with a model that listens: what its leg pushes goes to the table, what is understood of it comes back. */
import type { AudioFormat, ModelSession, ModelSink, StreamRole } from "../ports/realtime-model.ts";
import { GatedSink } from "./gated-sink.ts";
import type { ListeningTable } from "./listening-table.ts";

/** What it is made of. */
export interface ListeningSeatOptions {
  readonly table: ListeningTable;
  readonly role: StreamRole;
  readonly sink: ModelSink;
  readonly format: AudioFormat;
}

/** `start` sits down. */
export class ListeningSeat implements ModelSession {
  readonly resumption = undefined;
  readonly sink: GatedSink;
  readonly #table: ListeningTable;
  #role: StreamRole;
  readonly #sampleBytes: 1 | 2;
  readonly #bytesPerMs: number;
  #closed = false;
  #heardBytes = 0;
  #earlyBytes = 0;

  constructor({ format, table, role, sink }: ListeningSeatOptions) {
    this.#sampleBytes = format.encoding === "pcm16" ? 2 : 1;
    this.#bytesPerMs = (format.rateHz / 1000) * this.#sampleBytes;
    this.#table = table;
    this.#role = role;
    this.sink = new GatedSink(sink);
  }

  /** Who is on the stream, as far as is known. */
  get role(): StreamRole {
    return this.#role;
  }

  start(): void {
    this.#table.join(this);
  }

  pushAudio(bytes: Uint8Array): void {
    if (this.#closed) {
      return;
    }
    const rest = bytes.length % this.#sampleBytes;
    const whole = rest === 0 ? bytes : bytes.subarray(0, -rest);
    if (this.#table.write(this, whole)) {
      this.#heardBytes += whole.length;
    } else {
      this.#earlyBytes += whole.length;
    }
  }

  tellRole(role: StreamRole): void {
    if (!this.#closed) {
      this.#role = role;
      this.#table.onRole();
    }
  }

  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.sink.shut();
      this.#table.leave(this);
    }
  }

  pushDigit(): void {}

  interrupt(): void {}

  dismissSpeech(): void {}

  played(): void {}

  toolResult(): void {}

  say(): void {}

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      role: this.#role,
      channel: this.#table.channelOf(this),
      heardMs: this.#heardBytes / this.#bytesPerMs,
      earlyMs: this.#earlyBytes / this.#bytesPerMs,
      transcription: this.#table.toJSON(),
    };
  }
}
