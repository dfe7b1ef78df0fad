/** Which session carries a conversation: renewed before its limit, replaced by the next model when it fails. */
import { after, type Timer } from "../core/clock.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { HistoryEntry, RealtimeModel } from "../ports/realtime-model.ts";
import { SPEECH_MAX_MS } from "./caller-speech.ts";
import type { IngressFrame } from "./ingress-frame.ts";
import type { ModelChannel } from "./model-channel.ts";
import { ModelRenewal } from "./model-renewal.ts";
import type { ModelSuccessionOptions } from "./model-succession-options.ts";
import { RenewalSchedule } from "./renewal-schedule.ts";
import { RetiredSessions } from "./retired-sessions.ts";

/** A model that is not ready after this long is passed over, where there is another one. */
const OPENING_LIMIT_MS = 4000;

/** So long before a successor is opened, all that it could be given is kept, and a warning of the service may come earlier. */
const REPLAY_LEAD_MS = 2 * SPEECH_MAX_MS;

/** The sessions of one leg. */
export class ModelSuccession {
  readonly #options: ModelSuccessionOptions;
  readonly #renewal: ModelRenewal;
  readonly #retired = new RetiredSessions();
  /** Of the models, the one that is active. */
  #place = 0;
  #ordinal = 0;
  #active: ModelChannel;
  #schedule: RenewalSchedule;
  #openingTimer: Timer | undefined;
  /** The active session is given what the caller says. */
  #hearing = true;
  #exhausted = false;

  constructor(options: ModelSuccessionOptions) {
    const { clock, conversation, downlink } = options;
    this.#options = options;
    this.#renewal = new ModelRenewal({
      clock,
      conversation,
      isPlaying: () => downlink.busy,
      create: (history) => this.#create(this.#active.model, history, this.#active.resumption),
    });
    this.#active = this.#create(options.models[0], [], undefined);
    this.#schedule = new RenewalSchedule(clock.nowUs(), undefined);
  }

  /** The session that hears the caller, or will when it is ready. */
  get active(): ModelChannel {
    return this.#active;
  }

  /** Opens the first session. */
  open(): void {
    const { downlink, talks } = this.#options;
    if (talks) {
      this.#active.voice = downlink.open(this.#active.voiceFormat);
    }
    this.#openActive();
  }

  /** The session that gave this name, while it can still be told. */
  owner(id: string): ModelChannel | undefined {
    return this.#active.owns(id) ? this.#active : this.#retired.owner(id);
  }

  /** Whether another session may have to be given what the caller says now; without a known limit it may be asked for at any time. */
  mayReplay(nowUs: number): boolean {
    const { models, talks } = this.#options;
    const isLast = this.#place === models.length - 1;
    const hasLimit = this.#active.model.capabilities.maxSessionMs !== undefined;
    const isFarOff = hasLimit && !this.#schedule.isNear(nowUs, REPLAY_LEAD_MS);
    return talks && !(this.#hearing && isLast && isFarOff);
  }

  /** What the caller says. */
  pushFrame(frame: IngressFrame, nowUs: number): void {
    if (this.#hearing) {
      this.#active.pushFrame(frame, nowUs);
    }
  }

  onReady(channel: ModelChannel): void {
    if (channel === this.#active) {
      this.#openingTimer?.cancel();
      const afterMs = Math.round(channel.ageMs);
      this.#options.report({ kind: "modelReady", model: channel.model.name, afterMs });
      if (!this.#hearing) {
        this.#takeOver({ replaying: true });
      }
    }
  }

  onExpiring(channel: ModelChannel, remainingMs: number): void {
    if (channel === this.#active) {
      this.#schedule.onExpiring(this.#options.clock.nowUs(), remainingMs);
    }
  }

  /** A session ended by failure, or is given up. */
  onFailed(channel: ModelChannel, code: ErrorCode, reason: string): void {
    if (channel === this.#renewal.successor) {
      this.#renewal.onFailed();
    } else if (channel === this.#active && !this.#exhausted) {
      this.#replace(code, reason);
    } else {
      this.#settle(channel);
    }
  }

  /** A model that lets the caller wait too long has failed. */
  replaceIfSilent(): void {
    const channel = this.#active;
    const { conversation } = this.#options;
    if (channel.state !== "ready" || !conversation.overdue) {
      return;
    }
    // A model that listens while it speaks may have nothing to say to what only we took for speech.
    if (!channel.model.capabilities.nativeDuplex || conversation.certainlyOverdue) {
      channel.close();
      this.onFailed(channel, "MODEL_SILENT", "no audio of an answer in time");
    }
  }

  onTick(nowUs: number): void {
    this.#active.onTick(nowUs);
    this.#renewal.successor?.onTick(nowUs);
    if (this.#active.state !== "ready") {
      return;
    }
    const successor = this.#renewal.onTick(this.#schedule, nowUs);
    if (successor !== undefined) {
      this.#renew(successor, nowUs);
    }
    this.#retired.onTick(nowUs);
  }

  close(): void {
    this.#exhausted = true;
    this.#openingTimer?.cancel();
    this.#renewal.close();
    this.#retired.close();
    this.#active.close();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      sessions: this.#ordinal,
      ...this.#renewal.toJSON(),
      ...this.#active.toJSON(),
    };
  }

  #create(
    model: RealtimeModel,
    history: readonly HistoryEntry[],
    resumption: string | undefined,
  ): ModelChannel {
    this.#ordinal += 1;
    const greets = history.length === 0 && !this.#options.conversation.begun;
    return this.#options.create({ model, ordinal: this.#ordinal, history, resumption, greets });
  }

  #openActive(): void {
    const { clock, models } = this.#options;
    const channel = this.#active;
    if (this.#place < models.length - 1 || this.#ordinal > 1) {
      this.#openingTimer = after(clock, OPENING_LIMIT_MS, () => {
        channel.close();
        this.onFailed(channel, "MODEL_CONNECT_FAILED", "not ready in time");
      });
    }
    this.#follow(channel, clock.nowUs());
    channel.open();
  }

  /** Counts the lifetime of a session from before its opening. */
  #follow(channel: ModelChannel, openedUs: number): void {
    this.#schedule = new RenewalSchedule(openedUs, channel.model.capabilities.maxSessionMs);
  }

  /** The successor hears the caller from now on; an answer that has begun is heard to its end. */
  #renew(successor: ModelChannel, nowUs: number): void {
    const { conversation, report } = this.#options;
    const former = this.#active;
    this.#active = successor;
    this.#follow(successor, successor.openedUs);
    const answering = conversation.answering;
    if (!answering) {
      this.#settle(former);
      former.voice = undefined;
    }
    this.#retired.add(former, nowUs);
    report({ kind: "modelRenewed", model: successor.model.name });
    this.#takeOver({ replaying: !answering });
  }

  #takeOver({ replaying }: { readonly replaying: boolean }): void {
    const { conversation, downlink, talks } = this.#options;
    const channel = this.#active;
    this.#hearing = true;
    if (talks) {
      channel.voice = downlink.follow(channel.voiceFormat);
    }
    if (replaying) {
      channel.replay((to) => conversation.replay(to));
      for (const digit of conversation.digits) {
        channel.pushDigit(digit);
      }
    }
  }

  #replace(code: ErrorCode, reason: string): void {
    const { clock, conversation, models, report } = this.#options;
    const former = this.#active;
    this.#openingTimer?.cancel();
    this.#settle(former);
    const successor = this.#renewal.takeIfFit();
    this.#renewal.close();
    // A session that ended at its limit says nothing against its model.
    const expired = this.#schedule.stage(clock.nowUs()) !== "early" ? former.model : undefined;
    const next = successor?.model ?? expired ?? models[this.#place + 1];
    if (next === undefined) {
      this.#exhausted = true;
      report({ kind: "modelFailed", code, reason });
      return;
    }
    report({ kind: "modelReplaced", model: former.model.name, by: next.name, code, reason });
    if (successor !== undefined) {
      this.#active = successor;
      this.#follow(successor, successor.openedUs);
      this.#takeOver({ replaying: true });
      return;
    }
    this.#place += expired === undefined ? 1 : 0;
    this.#hearing = false;
    this.#active = this.#create(next, conversation.handover(), undefined);
    this.#openActive();
  }

  /** What a session left undone is over, or the next one's to do. */
  #settle(channel: ModelChannel): void {
    channel.voice?.queue.finishAll();
    this.#options.conversation.onModelGone(channel);
  }
}
