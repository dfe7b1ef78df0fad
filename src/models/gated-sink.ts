/** A sink that can be shut, so that nothing reaches its owner once a session is over. */
import type {
  ModelFailure,
  ModelFinding,
  ModelSink,
  ModelUsage,
  Speaker,
  UtteranceDetails,
} from "../ports/realtime-model.ts";

/** Passes everything on until it is shut. */
export class GatedSink implements ModelSink {
  readonly #sink: ModelSink;
  #open = true;

  constructor(sink: ModelSink) {
    this.#sink = sink;
  }

  /** Nothing passes any more; idempotent. */
  shut(): void {
    this.#open = false;
  }

  onReady(): void {
    if (this.#open) {
      this.#sink.onReady();
    }
  }

  onAudio(bytes: Uint8Array, itemId: string): void {
    if (this.#open) {
      this.#sink.onAudio(bytes, itemId);
    }
  }

  onAudioDone(itemId: string): void {
    if (this.#open) {
      this.#sink.onAudioDone(itemId);
    }
  }

  onSpeechStarted(): void {
    if (this.#open) {
      this.#sink.onSpeechStarted();
    }
  }

  onSpeechStopped(): void {
    if (this.#open) {
      this.#sink.onSpeechStopped();
    }
  }

  onInterrupted(): void {
    if (this.#open) {
      this.#sink.onInterrupted();
    }
  }

  onExpiring(remainingMs: number): void {
    if (this.#open) {
      this.#sink.onExpiring(remainingMs);
    }
  }

  onUsage(usage: ModelUsage): void {
    if (this.#open) {
      this.#sink.onUsage(usage);
    }
  }

  onTranscript(
    speaker: Speaker,
    text: string,
    itemId: string,
    final: boolean,
    details?: UtteranceDetails,
  ): void {
    if (this.#open) {
      this.#sink.onTranscript(speaker, text, itemId, final, details);
    }
  }

  onFinding(finding: ModelFinding): void {
    if (this.#open) {
      this.#sink.onFinding?.(finding);
    }
  }

  onFaltered(failure: ModelFailure): void {
    if (this.#open) {
      this.#sink.onFaltered?.(failure);
    }
  }

  onRecovered(): void {
    if (this.#open) {
      this.#sink.onRecovered?.();
    }
  }

  onToolCall(toolCallId: string, name: string, argumentsJson: string): void {
    if (this.#open) {
      this.#sink.onToolCall(toolCallId, name, argumentsJson);
    }
  }

  /** The last thing that passes. */
  onFailed(failure: ModelFailure): void {
    if (this.#open) {
      this.#open = false;
      this.#sink.onFailed(failure);
    }
  }
}
