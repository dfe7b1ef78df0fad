/** A model sink that writes down what reached it, in order. */
import type {
  ModelFailure,
  ModelSink,
  ModelUsage,
  Speaker,
} from "../../src/ports/realtime-model.ts";

/** One call to the sink. Audio is copied. */
export type SinkEntry =
  | { readonly kind: "ready" }
  | { readonly kind: "audio"; readonly itemId: string; readonly bytes: Uint8Array }
  | { readonly kind: "audioDone"; readonly itemId: string }
  | { readonly kind: "speechStarted" }
  | { readonly kind: "speechStopped" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "expiring"; readonly remainingMs: number }
  | { readonly kind: "usage"; readonly usage: ModelUsage }
  | {
      readonly kind: "transcript";
      readonly speaker: Speaker;
      readonly text: string;
      readonly itemId: string;
      readonly final: boolean;
    }
  | {
      readonly kind: "toolCall";
      readonly toolCallId: string;
      readonly name: string;
      readonly argumentsJson: string;
    }
  | { readonly kind: "failed"; readonly failure: ModelFailure };

/** Remembers everything; `onEntry` may answer from within the call, as the engine does. */
export class RecordingSink implements ModelSink {
  readonly entries: SinkEntry[] = [];
  onEntry: (entry: SinkEntry) => void = () => undefined;

  /** Every entry of one kind. */
  all<K extends SinkEntry["kind"]>(kind: K): Extract<SinkEntry, { kind: K }>[] {
    return this.entries.filter(
      (entry): entry is Extract<SinkEntry, { kind: K }> => entry.kind === kind,
    );
  }

  /** `speaker: text`, in order. */
  get transcript(): string[] {
    return this.all("transcript").map(({ speaker, text }) => `${speaker}: ${text}`);
  }

  /** Items that began to sound, in order. */
  get itemIds(): string[] {
    return [...new Set(this.all("audio").map(({ itemId }) => itemId))];
  }

  /** All audio of one item. */
  audioOf(itemId: string): Uint8Array {
    const pieces = this.all("audio").filter((entry) => entry.itemId === itemId);
    return Buffer.concat(pieces.map(({ bytes }) => bytes));
  }

  onReady(): void {
    this.#add({ kind: "ready" });
  }

  onAudio(bytes: Uint8Array, itemId: string): void {
    this.#add({ kind: "audio", itemId, bytes: Uint8Array.from(bytes) });
  }

  onAudioDone(itemId: string): void {
    this.#add({ kind: "audioDone", itemId });
  }

  onSpeechStarted(): void {
    this.#add({ kind: "speechStarted" });
  }

  onSpeechStopped(): void {
    this.#add({ kind: "speechStopped" });
  }

  onInterrupted(): void {
    this.#add({ kind: "interrupted" });
  }

  onExpiring(remainingMs: number): void {
    this.#add({ kind: "expiring", remainingMs });
  }

  onUsage(usage: ModelUsage): void {
    this.#add({ kind: "usage", usage });
  }

  onTranscript(speaker: Speaker, text: string, itemId: string, final: boolean): void {
    this.#add({ kind: "transcript", speaker, text, itemId, final });
  }

  onToolCall(toolCallId: string, name: string, argumentsJson: string): void {
    this.#add({ kind: "toolCall", toolCallId, name, argumentsJson });
  }

  onFailed(failure: ModelFailure): void {
    this.#add({ kind: "failed", failure });
  }

  #add(entry: SinkEntry): void {
    this.entries.push(entry);
    this.onEntry(entry);
  }
}
