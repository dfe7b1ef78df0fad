/** Whose turn it is: whether the caller waits for an answer, since when, and whether one is under way. */

/** A caller who speaks again within this time was not finished; later, they ask where the answer is. */
const CONTINUATION_MS = 1500;
/** Speech that a model did not react to within this time was nothing to be answered, such as a cough. */
const UNNOTICED_MS = 3000;
/** What a model heard end and never answered is not waited for longer than this. */
const UNANSWERED_MS = 15_000;
/** Shorter sounds may be left unanswered without the model being suspected. */
const SPEECH_MIN_MS = 600;
/** Voice is over after this much silence. */
const VOICE_END_MS = 500;

/** `rest`: nothing is owed. `heard`: the caller speaks, or has. `answering`: audio of the answer has come. */
type Phase = "rest" | "heard" | "answering";

/** Follows one conversation. Times are microseconds of the clock. */
export class AnswerDue {
  #phase: Phase = "rest";
  #lastVoiceUs = -1;
  /** Voice within the turn, and when the caller began to wait. */
  #voicedMs = 0;
  #dueUs = -1;
  /** When the caller heard something of the answer under way, or could have. */
  #audioUs = -1;
  /** The model itself said that the turn is over, or owes an answer to something else than speech. */
  #sure = false;
  readonly #openTools = new Set<string>();
  readonly #openItems = new Set<string>();

  /** The caller's speech, or an answer to it, is not finished. */
  get unanswered(): boolean {
    return this.#phase !== "rest";
  }

  get answering(): boolean {
    return this.#phase === "answering";
  }

  /** More audio of an answer is announced, or a tool runs. */
  get underWay(): boolean {
    return this.#openItems.size > 0 || this.#openTools.size > 0;
  }

  /** The caller speaks, or paused only now. */
  isTalking(nowUs: number): boolean {
    return this.#lastVoiceUs >= 0 && nowUs - this.#lastVoiceUs < VOICE_END_MS * 1000;
  }

  /** The model knows that it owes something. */
  get certain(): boolean {
    return this.#sure || this.#openItems.size > 0;
  }

  /** How long the caller has been waiting for audio of an answer that is owed; -1: they are not. */
  waitedMs(nowUs: number): number {
    if (this.#openTools.size > 0 || this.isTalking(nowUs)) {
      return -1;
    }
    if (this.#phase === "answering") {
      return this.#openItems.size === 0 ? -1 : (nowUs - this.#audioUs) / 1000;
    }
    return this.#suspicious ? this.#waitingMs(nowUs) : -1;
  }

  /** One frame with the caller's voice: whether it begins a turn, or speech over an answer. */
  onVoice(nowUs: number, frameMs: number): "turn" | "overlap" | "none" {
    const wasTalking = this.isTalking(nowUs);
    this.#lastVoiceUs = nowUs;
    if (this.#phase === "answering") {
      return wasTalking ? "none" : "overlap";
    }
    const begins = this.#phase === "rest";
    if (begins) {
      this.#start("heard");
    }
    const pausedMs = this.#dueUs < 0 ? 0 : (nowUs - this.#dueUs) / 1000;
    if (pausedMs < CONTINUATION_MS) {
      this.#voicedMs += frameMs;
      this.#dueUs = nowUs;
    }
    return begins ? "turn" : "none";
  }

  /** A key was pressed: it begins a turn, whose answer nobody can be sure of. `true` when nothing was owed before. */
  onDigit(nowUs: number): boolean {
    const begins = this.#phase !== "heard";
    if (begins) {
      this.#start("heard");
      this.#dueUs = nowUs;
    }
    return begins;
  }

  /** The model heard the turn end, or owes something for another reason. */
  onOwed(nowUs: number): void {
    if (this.#phase === "rest" || (this.#phase === "answering" && this.#openItems.size === 0)) {
      this.#start("heard");
    }
    if (this.#phase === "heard" && !this.#sure) {
      this.#sure = true;
      this.#dueUs = nowUs;
    }
  }

  onAnswerAudio(itemId: string, nowUs: number): void {
    this.#openItems.add(itemId);
    this.#phase = "answering";
    this.#audioUs = nowUs;
  }

  /** The caller hears something of an answer. */
  onPlaying(nowUs: number): void {
    this.#audioUs = nowUs;
  }

  /** `true` when with it the caller's turn is answered. */
  onAnswerDone(itemId: string): boolean {
    return this.#openItems.delete(itemId) && this.#settle();
  }

  /** The caller took the floor: what they say now is the turn. */
  onCut(nowUs: number): void {
    this.#openItems.clear();
    this.#start("heard");
    this.#voicedMs = 0;
    this.#dueUs = nowUs;
  }

  /** What the caller said needs no answer. */
  onDismissed(): boolean {
    return this.#phase === "heard" && this.#openTools.size === 0 && this.#rest();
  }

  onToolCall(toolCallId: string): void {
    this.#openTools.add(toolCallId);
  }

  /** The model goes on with its answer. */
  onToolResult(toolCallId: string, nowUs: number): void {
    if (this.#openTools.delete(toolCallId) && this.#openTools.size === 0) {
      this.#start("heard");
      this.#sure = true;
      this.#dueUs = nowUs;
    }
  }

  /** A session that is gone finishes nothing; what it owed is owed by the next one, from now on. */
  onModelGone(session: { owns(id: string): boolean }, nowUs: number): void {
    forget(this.#openItems, session);
    forget(this.#openTools, session);
    if (this.#phase !== "rest" && !this.underWay) {
      this.#phase = "heard";
      this.#dueUs = nowUs;
    }
  }

  /** `true` when the caller's speech turned out to be nothing that is answered. */
  expire(nowUs: number, patienceMs: number | undefined): boolean {
    if (this.#phase !== "heard" || this.#openTools.size > 0 || this.isTalking(nowUs)) {
      return false;
    }
    const certain = this.#sure ? UNANSWERED_MS : UNNOTICED_MS;
    const limitMs =
      this.#suspicious && patienceMs !== undefined ? Math.max(certain, patienceMs) : certain;
    return this.#waitingMs(nowUs) > limitMs && this.#rest();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      phase: this.#phase,
      openAnswers: this.#openItems.size,
      openTools: this.#openTools.size,
    };
  }

  get #suspicious(): boolean {
    return this.#sure || this.#voicedMs >= SPEECH_MIN_MS;
  }

  #waitingMs(nowUs: number): number {
    return this.#phase !== "heard" || this.#dueUs < 0 ? -1 : (nowUs - this.#dueUs) / 1000;
  }

  #start(phase: Phase): void {
    this.#phase = phase;
    this.#sure = false;
    this.#voicedMs = 0;
    this.#dueUs = -1;
  }

  #settle(): boolean {
    return this.#phase === "answering" && !this.underWay && this.#rest();
  }

  #rest(): true {
    this.#start("rest");
    return true;
  }
}

function forget(ids: Set<string>, session: { owns(id: string): boolean }): void {
  for (const id of ids) {
    if (session.owns(id)) {
      ids.delete(id);
    }
  }
}
