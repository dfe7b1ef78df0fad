/** A conversation as it stands, whichever session carries it: what was said, what is owed, and the speech nobody answered. */
import type { Clock } from "../core/clock.ts";
import type { HistoryEntry, Speaker } from "../ports/realtime-model.ts";
import { AnswerDue } from "./answer-due.ts";
import type { BlockPool } from "./byte-fifo.ts";
import { CallerSpeech } from "./caller-speech.ts";
import { ConversationHistory } from "./conversation-history.ts";
import type { IngressFrame } from "./ingress-frame.ts";
import type { PlayoutItem } from "./playout-item.ts";

const SAMPLES_PER_MS = 8;
/** Keys that are kept for the next session. */
const MAX_DIGITS = 32;

/** What a conversation is made of. */
export interface ConversationOptions {
  readonly clock: Clock;
  readonly pool: BlockPool;
  /** See `Continuity.answerTimeoutMs`. */
  readonly answerTimeoutMs: number | undefined;
}

/** Outlives the sessions of a leg. */
export class Conversation {
  readonly #clock: Clock;
  readonly #answerTimeoutMs: number | undefined;
  readonly #speech: CallerSpeech;
  readonly #history = new ConversationHistory();
  readonly #due = new AnswerDue();
  #digits = "";
  #greeted = false;
  /** Where what is not part of the question begins, which the answer under way is for. */
  #overlapPosition = 0;
  /** The caller has spoken over the answer under way. */
  #overlaps = false;
  #keepsSpeech = true;

  constructor(options: ConversationOptions) {
    this.#clock = options.clock;
    this.#answerTimeoutMs = options.answerTimeoutMs;
    this.#speech = new CallerSpeech(options.pool);
  }

  /** What the caller said, or the answer to it, is not finished. */
  get unanswered(): boolean {
    return this.#due.unanswered;
  }

  /** Nobody speaks, and nobody waits for an answer; what is still played does not count. */
  get settled(): boolean {
    const nowUs = this.#clock.nowUs();
    return !this.#due.unanswered && !this.#due.underWay && !this.#due.isTalking(nowUs);
  }

  /** Audio of the answer to the caller's turn has come. */
  get answering(): boolean {
    return this.#due.answering;
  }

  /** The caller is in the middle of something that no model has begun to answer. */
  get callerSpeaks(): boolean {
    const { unanswered, answering, underWay } = this.#due;
    return unanswered && !answering && !underWay && this.#due.isTalking(this.#clock.nowUs());
  }

  /** The model lets the caller wait longer than it may. */
  get overdue(): boolean {
    const limitMs = this.#answerTimeoutMs;
    return limitMs !== undefined && this.#due.waitedMs(this.#clock.nowUs()) >= limitMs;
  }

  /** The same for what the model said itself that it would answer. */
  get certainlyOverdue(): boolean {
    return this.#due.certain && this.overdue;
  }

  /** The caller has said something, or all of a greeting was. */
  get begun(): boolean {
    return this.#history.begun || this.#greeted;
  }

  /** What was said and needs no repeating; speech that is still to be answered is replayed instead. */
  handover(): readonly HistoryEntry[] {
    return this.#history.entries({ withoutLastTurn: this.#due.unanswered && this.#replayable });
  }

  /** Gives the caller's unanswered speech, or at least what was heard just now. */
  replay(to: (frame: IngressFrame) => void): void {
    this.#speech.replay(to);
  }

  /** Keys of the turn that is still to be answered. */
  get digits(): string {
    return this.#digits;
  }

  /** One frame of the caller; `voiced`: they speak in it. */
  onFrame(frame: IngressFrame, voiced: boolean): void {
    if (voiced) {
      this.#onVoice(frame.sampleCount / SAMPLES_PER_MS);
    }
    if (this.#keepsSpeech) {
      this.#speech.push(frame, voiced);
    }
  }

  /** Whether speech is kept for another session; where there can be none, it is not worth its memory. */
  keepSpeech(isWanted: boolean): void {
    if (this.#keepsSpeech && !isWanted) {
      this.#speech.close();
    }
    this.#keepsSpeech = isWanted;
  }

  onDigit(digit: string): void {
    if (this.#due.onDigit(this.#clock.nowUs())) {
      this.#beginTurn();
    }
    this.#digits = (this.#digits + digit).slice(-MAX_DIGITS);
  }

  /** The model heard the caller's turn end, or has a greeting to speak. */
  onOwed(): void {
    this.#due.onOwed(this.#clock.nowUs());
  }

  onTranscript(speaker: Speaker, text: string, itemId: string, final: boolean): void {
    this.#history.onTranscript(speaker, text, itemId, final);
  }

  onAnswerAudio(itemId: string): void {
    if (!this.#due.answering) {
      this.#overlapPosition = this.#speech.position;
      this.#overlaps = false;
    }
    this.#due.onAnswerAudio(itemId, this.#clock.nowUs());
  }

  onAnswerDone(itemId: string): void {
    if (this.#due.onAnswerDone(itemId)) {
      this.#greeted = true;
      this.#onAnswered();
    }
  }

  /** The caller took the floor from this answer. */
  onCut({ itemId, playedMs, unheardMs }: PlayoutItem): void {
    const totalMs = playedMs + unheardMs;
    this.#history.onCut(itemId, totalMs > 0 ? playedMs / totalMs : 0);
    if (this.#due.answering || !this.#due.unanswered) {
      this.#speech.dropBefore(this.#overlapPosition);
      this.#due.onCut(this.#clock.nowUs());
      this.#beginTurn();
    }
  }

  /** What the caller said over an answer was nothing. */
  onDismissed(): void {
    if (this.#due.onDismissed()) {
      this.#onAnswered();
    }
  }

  onToolCall(toolCallId: string): void {
    this.#due.onToolCall(toolCallId);
  }

  onToolResult(toolCallId: string): void {
    this.#due.onToolResult(toolCallId, this.#clock.nowUs());
  }

  /** What a session left undone is the next one's to do. */
  onModelGone(session: { owns(id: string): boolean }): void {
    this.#due.onModelGone(session, this.#clock.nowUs());
  }

  /** Once per ptime; `playing`: the caller hears something of a model. */
  onTick(nowUs: number, playing: boolean): void {
    if (playing) {
      this.#due.onPlaying(nowUs);
    }
    if (this.#due.expire(nowUs, this.#answerTimeoutMs)) {
      this.#onAnswered();
    }
  }

  close(): void {
    this.#speech.close();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      ...this.#due.toJSON(),
      unansweredSpeechMs: this.#speech.keptMs,
      history: this.#history.toJSON(),
    };
  }

  /** Without a turn of the caller, there is a greeting, which is given again; else only what was recorded can be. */
  get #replayable(): boolean {
    return this.#speech.keptMs > 0 || this.#digits !== "" || !this.begun;
  }

  #onVoice(frameMs: number): void {
    const began = this.#due.onVoice(this.#clock.nowUs(), frameMs);
    if (began === "turn") {
      this.#beginTurn();
    } else if (began === "overlap") {
      this.#overlapPosition = this.#speech.position;
      this.#overlaps = true;
    }
  }

  #beginTurn(): void {
    this.#digits = "";
    this.#history.beginTurn();
  }

  #onAnswered(): void {
    this.#digits = "";
    if (this.#overlaps && this.#due.isTalking(this.#clock.nowUs())) {
      this.#speech.dropBefore(this.#overlapPosition);
    } else {
      this.#speech.clear();
    }
  }
}
