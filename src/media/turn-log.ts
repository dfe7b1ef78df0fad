/** What the caller heard, one row each: when it was asked for, came, was heard and ended, and what it took. */
import type { Clock } from "../core/clock.ts";
import type { TurnTiming } from "../ports/media-facts.ts";
import type { ModelUsage } from "../ports/realtime-model.ts";
import type { PlayoutItem } from "./playout-item.ts";
import { addUsage, type TurnUsage } from "./turn-usage.ts";

/** A model that never finishes its answers must not fill the memory. */
const MAX_OPEN_TURNS = 256;

/** Why something is said. */
export type TurnSource = NonNullable<TurnTiming["source"]>;

/** What the caller said last, until it is answered. */
interface Question {
  voiceAtMs: number | undefined;
  turnEndedAtMs: number | undefined;
  /** Of tools that are done. */
  toolMs: number | undefined;
  answered: boolean;
}

interface OpenTurn {
  readonly source: TurnSource;
  readonly model: string | undefined;
  readonly question: Readonly<Question>;
  readonly firstModelAudioAtMs: number;
  firstPacketAtMs: number | undefined;
  /** Until when something else was being said. */
  waitedUntilMs: number | undefined;
  truncatedToMs: number | undefined;
}

const UNASKED: Readonly<Question> = {
  voiceAtMs: undefined,
  turnEndedAtMs: undefined,
  toolMs: undefined,
  answered: true,
};

/** Stamps what is said on one leg. Wall times, as they go into the record. */
export class TurnLog {
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenTurn>();
  readonly #tools = new Set<string>();
  /** Since when at least one tool runs. */
  #toolsSinceMs = 0;
  #question: Question = { ...UNASKED };
  #usage: TurnUsage = {};
  /** Texts that the model was ordered to say and has not begun. */
  #says = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A packet with the caller's voice arrived. What was said before it and answered is over. */
  onCallerVoice(): void {
    if (this.#question.answered) {
      this.#question = { ...UNASKED, answered: false };
    }
    this.#question.voiceAtMs = this.#clock.wallMs();
  }

  /** What the caller was heard to say over an answer was nothing to be answered. */
  onDismissed(): void {
    if (this.#tools.size === 0) {
      this.#question = { ...UNASKED };
    }
  }

  /** The model decided that the caller's turn is over. */
  onTurnEnded(): void {
    this.#question.turnEndedAtMs = this.#clock.wallMs();
  }

  /** The model called a tool: what it says next is an answer, too, whatever it has said before. */
  onToolCalled(toolCallId: string): void {
    if (this.#tools.size === 0) {
      this.#toolsSinceMs = this.#clock.wallMs();
    }
    this.#tools.add(toolCallId);
    this.#question.answered = false;
  }

  /** The tool's output is on its way to the model. */
  onToolAnswered(toolCallId: string): void {
    if (this.#tools.delete(toolCallId)) {
      this.#question.answered = false;
      if (this.#tools.size === 0) {
        this.#question.toolMs = this.#toolMs(this.#clock.wallMs() - this.#toolsSinceMs);
      }
    }
  }

  /** Another model takes over: what it says answers what the one before had not finished answering. */
  onModelReplaced(): void {
    const isAnswering = [...this.#open.values()].some(({ source }) => source === "answer");
    if (isAnswering || !this.#question.answered) {
      this.#question = { ...this.#question, turnEndedAtMs: undefined, answered: false };
    }
  }

  /** The model is told to say something that the caller did not ask for. */
  onSayOrdered(): void {
    this.#says += 1;
  }

  /** The provider counted. */
  onUsage(usage: ModelUsage, costUsd: number | undefined): void {
    this.#usage = addUsage(this.#usage, usage, costUsd);
  }

  /**
   * Audio of something new came. What the caller said before is answered by the first answer only; fillers come between
   * the two, and what an operator ordered has nothing to do with it. Without a `model`, the gateway itself speaks.
   */
  onAudio(itemId: string, why: TurnSource, model?: string): void {
    if (this.#open.has(itemId)) {
      return;
    }
    const source = why === "answer" ? this.#answerOrSaid() : why;
    if (this.#open.size >= MAX_OPEN_TURNS) {
      this.#open.delete(this.#open.keys().next().value ?? itemId);
    }
    this.#open.set(itemId, {
      source,
      model,
      question: this.#questionFor(source),
      firstModelAudioAtMs: this.#clock.wallMs(),
      firstPacketAtMs: undefined,
      waitedUntilMs: undefined,
      truncatedToMs: undefined,
    });
  }

  /** Its first packet was sent. */
  onStarted(itemId: string): void {
    const turn = this.#open.get(itemId);
    if (turn !== undefined) {
      turn.firstPacketAtMs = this.#clock.wallMs();
    }
  }

  /** The model was told that only so much of it was heard. */
  onTruncated(itemId: string, playedMs: number): void {
    const turn = this.#open.get(itemId);
    if (turn !== undefined) {
      turn.truncatedToMs = playedMs;
    }
  }

  /** It is over; `undefined` when nothing of it was heard. */
  end(item: PlayoutItem, interrupted: boolean): TurnTiming | undefined {
    const turn = this.#open.get(item.itemId);
    this.#open.delete(item.itemId);
    if (turn?.firstPacketAtMs === undefined) {
      return undefined;
    }
    const endedAtMs = this.#clock.wallMs();
    for (const other of this.#open.values()) {
      if (other.firstPacketAtMs === undefined) {
        other.waitedUntilMs = endedAtMs;
      }
    }
    const { question, waitedUntilMs, firstModelAudioAtMs } = turn;
    const used = turn.model === undefined ? {} : this.#usage;
    this.#usage = turn.model === undefined ? this.#usage : {};
    return {
      itemId: item.itemId,
      source: turn.source,
      model: turn.model,
      lastCallerVoiceAtMs: question.voiceAtMs,
      turnEndedAtMs: question.turnEndedAtMs,
      firstModelAudioAtMs,
      firstPacketAtMs: turn.firstPacketAtMs,
      waitedMs: waitedUntilMs === undefined ? undefined : waitedUntilMs - firstModelAudioAtMs,
      toolMs: question.toolMs,
      endedAtMs,
      playedMs: item.playedMs,
      unheardMs: item.unheardMs,
      interrupted,
      truncatedToMs: turn.truncatedToMs,
      ...used,
    };
  }

  /** A model does not tell what it says because it was ordered to: what it says while no question waits for an answer. */
  #answerOrSaid(): TurnSource {
    const { answered, turnEndedAtMs } = this.#question;
    if (this.#says === 0 || (!answered && turnEndedAtMs !== undefined)) {
      return "answer";
    }
    this.#says -= 1;
    return "say";
  }

  #questionFor(source: TurnSource): Readonly<Question> {
    if (source === "say" || source === "inject") {
      return UNASKED;
    }
    if (this.#question.answered) {
      return UNASKED;
    }
    const runningMs = this.#tools.size === 0 ? 0 : this.#clock.wallMs() - this.#toolsSinceMs;
    const toolMs = runningMs === 0 ? this.#question.toolMs : this.#toolMs(runningMs);
    const question = { ...this.#question, toolMs };
    if (source === "answer") {
      this.#question.answered = true;
    }
    return question;
  }

  /** All tools since the caller's turn, with those that ran for `moreMs` last. */
  #toolMs(moreMs: number): number {
    return (this.#question.toolMs ?? 0) + moreMs;
  }
}
