/** Who said what with Nova Sonic: each piece of an answer is planned first, and told again once it was spoken. */
import type { ModelSink } from "../ports/realtime-model.ts";

/** Texts of ours that the service may tell us again as the caller's. */
const MAX_OWN_TEXTS = 16;

/** The transcript of one session. */
export class NovaTranscripts {
  readonly #sink: ModelSink;
  /** Pieces that were planned and not yet spoken, oldest first. */
  readonly #planned: string[] = [];
  readonly #ownTexts: string[] = [];
  #answerId = "";
  #pieces = 0;
  #callerSerial = 0;

  constructor(sink: ModelSink) {
    this.#sink = sink;
  }

  /** What we write in the caller's place is not what they said. */
  addOwnText(text: string): void {
    this.#ownTexts.push(text.trim());
    if (this.#ownTexts.length > MAX_OWN_TEXTS) {
      this.#ownTexts.shift();
    }
  }

  isOwnText(text: string): boolean {
    return this.#ownTexts.includes(text.trim());
  }

  onCaller(text: string, final: boolean): void {
    this.#sink.onTranscript("caller", text, `caller-${this.#callerSerial}`, final);
    if (final) {
      this.#callerSerial += 1;
    }
  }

  onPlanned(text: string, answerId: string): void {
    const pieceId = this.#nextPieceId(answerId);
    this.#planned.push(pieceId);
    this.#sink.onTranscript("model", text, pieceId, false);
  }

  onSpoken(text: string, answerId: string): void {
    const pieceId = this.#planned.shift() ?? this.#nextPieceId(answerId);
    this.#sink.onTranscript("model", text, pieceId, true);
  }

  /** What was planned will not be spoken. */
  onInterruption(): void {
    this.#planned.length = 0;
  }

  /** The first piece has the name of its answer. */
  #nextPieceId(answerId: string): string {
    this.#pieces = answerId === this.#answerId ? this.#pieces + 1 : 1;
    this.#answerId = answerId;
    return this.#pieces === 1 ? answerId : `${answerId}.${this.#pieces}`;
  }
}
