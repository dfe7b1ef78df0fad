/**
 * Makes texts of GPT-Live's transcripts, which are pieces with times and without ends.
 *
 * What the model says belongs to the answer being spoken, or to the next one, and is final when that is over. What the
 * caller says is final after a pause in it on the session's own timeline, when the model's words begin, or when nothing
 * more came for a while; its items are named `live-caller-1`, `live-caller-2` …
 */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { ModelSink, Speaker } from "../ports/realtime-model.ts";

/** A pause of the caller, in the session's time, after which a new item begins. */
const PAUSE_MS = 1200;
/** Nothing more came for so long: what there is, is final. */
const IDLE_MS = 2000;

interface GrowingText {
  readonly itemId: string;
  text: string;
  endMs: number;
  timer: Timer;
}

/** A piece of a transcript; times are of the session. */
export interface TranscriptPiece {
  readonly delta: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The transcripts of one session. */
export class LiveTranscripts {
  readonly #clock: Clock;
  readonly #sink: ModelSink;
  readonly #growing = new Map<Speaker, GrowingText>();
  #callerItems = 0;

  constructor(clock: Clock, sink: ModelSink) {
    this.#clock = clock;
    this.#sink = sink;
  }

  onCallerText(piece: TranscriptPiece): void {
    const growing = this.#growing.get("caller");
    if (growing !== undefined && piece.startMs - growing.endMs > PAUSE_MS) {
      this.#finish("caller");
    }
    if (!this.#growing.has("caller")) {
      this.#callerItems += 1;
    }
    this.#add("caller", `live-caller-${this.#callerItems}`, piece);
  }

  /** @param answering the answer is being spoken, so that its end makes the text final. */
  onModelText(piece: TranscriptPiece, itemId: string, answering: boolean): void {
    this.#finish("caller");
    if (this.#growing.get("model")?.itemId !== itemId) {
      this.#finish("model");
    }
    this.#add("model", itemId, piece);
    if (answering) {
      this.#growing.get("model")?.timer.cancel();
    }
  }

  onAnswerEnded(itemId: string): void {
    if (this.#growing.get("model")?.itemId === itemId) {
      this.#finish("model");
    }
  }

  stop(): void {
    for (const { timer } of this.#growing.values()) {
      timer.cancel();
    }
    this.#growing.clear();
  }

  #add(speaker: Speaker, itemId: string, { delta, endMs }: TranscriptPiece): void {
    const before = this.#growing.get(speaker);
    before?.timer.cancel();
    const text = `${before?.text ?? ""}${delta}`;
    const timer = after(this.#clock, IDLE_MS, () => this.#finish(speaker));
    this.#growing.set(speaker, { itemId, text, endMs, timer });
    this.#sink.onTranscript(speaker, text, itemId, false);
  }

  #finish(speaker: Speaker): void {
    const growing = this.#growing.get(speaker);
    if (growing !== undefined) {
      growing.timer.cancel();
      this.#growing.delete(speaker);
      this.#sink.onTranscript(speaker, growing.text, growing.itemId, true);
    }
  }
}
