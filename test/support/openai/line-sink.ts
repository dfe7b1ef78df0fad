/** A sink that writes down what reaches it, as lines a test can compare. */
import type {
  ModelFailure,
  ModelSink,
  ModelUsage,
  Speaker,
} from "../../../src/ports/realtime-model.ts";

/** One answer's audio, as heard. */
export interface HeardAnswer {
  readonly itemId: string;
  bytes: number;
  done: boolean;
}

/** What a session told its owner. */
export class LineSink implements ModelSink {
  /** Facts in order; audio only by its first piece. */
  readonly lines: string[] = [];
  readonly answers: HeardAnswer[] = [];
  readonly audio: Buffer[] = [];
  readonly failures: ModelFailure[] = [];
  readonly usages: ModelUsage[] = [];
  readonly finals: { readonly speaker: Speaker; readonly text: string }[] = [];
  /** Runs after a fact was written down. */
  onFact: (line: string) => void = () => undefined;

  /** The lines without what was used. */
  get heard(): readonly string[] {
    return this.lines.filter((line) => !line.startsWith("usage "));
  }

  onReady(): void {
    this.#write("ready");
  }

  onAudio(bytes: Uint8Array, itemId: string): void {
    this.audio.push(Buffer.from(bytes));
    const answer = this.answers.find((known) => known.itemId === itemId);
    if (answer === undefined) {
      this.answers.push({ itemId, bytes: bytes.length, done: false });
      this.#write(`audio ${itemId}`);
    } else {
      answer.bytes += bytes.length;
    }
  }

  onAudioDone(itemId: string): void {
    const answer = this.answers.find((known) => known.itemId === itemId);
    if (answer !== undefined) {
      answer.done = true;
    }
    this.#write(`audioDone ${itemId}`);
  }

  onSpeechStarted(): void {
    this.#write("speechStarted");
  }

  onSpeechStopped(): void {
    this.#write("speechStopped");
  }

  onInterrupted(): void {
    this.#write("interrupted");
  }

  onExpiring(remainingMs: number): void {
    this.#write(`expiring in ${remainingMs} ms`);
  }

  onUsage(usage: ModelUsage): void {
    this.usages.push(usage);
    this.#write(`usage ${JSON.stringify(usage)}`);
  }

  onTranscript(speaker: Speaker, text: string, _itemId: string, final: boolean): void {
    if (final) {
      this.finals.push({ speaker, text });
      this.#write(`${speaker}: ${text}`);
    }
  }

  onToolCall(toolCallId: string, name: string, argumentsJson: string): void {
    this.#write(`tool ${toolCallId} ${name} ${argumentsJson}`);
  }

  onFailed(failure: ModelFailure): void {
    this.failures.push(failure);
    this.#write(`failed ${failure.code}`);
  }

  #write(line: string): void {
    this.lines.push(line);
    this.onFact(line);
  }
}
