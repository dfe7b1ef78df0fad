/** The successor of a session: opened behind its back with all that was said, until it can take over unnoticed. */
import type { Clock } from "../core/clock.ts";
import type { HistoryEntry } from "../ports/realtime-model.ts";
import type { Conversation } from "./conversation.ts";
import type { ModelChannel } from "./model-channel.ts";
import type { RenewalSchedule, RenewalStage } from "./renewal-schedule.ts";

/** Between attempts to open a successor: the first pause, doubled each time up to the longest. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 8000;
/** A successor that does not get ready is given up. */
const READY_LIMIT_MS = 5000;
/** While a conversation goes on and on, successors are not opened more often than this. */
const REOPEN_MS = 3000;

/** What it is told about, and with what it opens. */
export interface ModelRenewalOptions {
  readonly clock: Clock;
  readonly conversation: Conversation;
  /** The caller hears something of a model, or will. */
  readonly isPlaying: () => boolean;
  /** Makes a session of the model that is active, knowing this; not opened yet. */
  readonly create: (history: readonly HistoryEntry[]) => ModelChannel;
}

/** Watches one active session after the other. */
export class ModelRenewal {
  readonly #options: ModelRenewalOptions;
  #successor: ModelChannel | undefined;
  #known: readonly HistoryEntry[] = [];
  #openedUs = 0;
  #nextUs = 0;
  #failures = 0;

  constructor(options: ModelRenewalOptions) {
    this.#options = options;
  }

  get successor(): ModelChannel | undefined {
    return this.#successor;
  }

  /** Opens a successor when it is time, and returns it when it is to take over now. */
  onTick(schedule: RenewalSchedule, nowUs: number): ModelChannel | undefined {
    const stage = schedule.stage(nowUs);
    if (stage === "early") {
      return undefined;
    }
    if (this.#successor === undefined) {
      this.#openWhenDue(stage, nowUs);
      return undefined;
    }
    if (this.#successor.state !== "ready") {
      this.#giveUpWhenLate(nowUs);
      return undefined;
    }
    if (this.#mayTakeOver(stage)) {
      return this.take();
    }
    this.#closeWhenStale(stage, nowUs);
    return undefined;
  }

  /** Takes the successor out, when it is ready and knows all that was said. */
  takeIfFit(): ModelChannel | undefined {
    const fit = this.#successor?.state === "ready" && !this.#stale;
    return fit ? this.take() : undefined;
  }

  take(): ModelChannel | undefined {
    const successor = this.#successor;
    this.#successor = undefined;
    this.#failures = 0;
    return successor;
  }

  /** The successor failed: another one is tried later. */
  onFailed(): void {
    this.#successor = undefined;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS);
    this.#failures += 1;
    this.#nextUs = this.#options.clock.nowUs() + waitMs * 1000;
  }

  /** No successor is wanted any more. */
  close(): void {
    this.take()?.close();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { successor: this.#successor?.toJSON(), failedSuccessors: this.#failures };
  }

  /** Something was said since the successor was opened. */
  get #stale(): boolean {
    const now = this.#options.conversation.handover();
    return (
      now.length !== this.#known.length ||
      now.some((entry, i) => entry.text !== this.#known[i]?.text)
    );
  }

  #openWhenDue(stage: RenewalStage, nowUs: number): void {
    const { conversation, create } = this.#options;
    if (nowUs < this.#nextUs || (stage === "prepare" && !conversation.settled)) {
      return;
    }
    this.#known = conversation.handover();
    this.#openedUs = nowUs;
    this.#nextUs = nowUs + REOPEN_MS * 1000;
    this.#successor = create(this.#known);
    this.#successor.open();
  }

  #giveUpWhenLate(nowUs: number): void {
    if (nowUs - this.#openedUs > READY_LIMIT_MS * 1000) {
      this.#successor?.close();
      this.onFailed();
    }
  }

  #mayTakeOver(stage: RenewalStage): boolean {
    const { conversation, isPlaying } = this.#options;
    if (stage === "force") {
      return true;
    }
    const inPause = conversation.settled && !isPlaying();
    return (inPause || (stage === "press" && conversation.callerSpeaks)) && !this.#stale;
  }

  /** A successor that missed something is opened anew, in the next pause. */
  #closeWhenStale(stage: RenewalStage, nowUs: number): void {
    const again = nowUs >= this.#nextUs && this.#options.conversation.settled;
    if (stage !== "force" && again && this.#stale) {
      this.#successor?.close();
      this.#successor = undefined;
    }
  }
}
