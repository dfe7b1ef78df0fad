/** One session with a model, on its leg: what it is fed, what it is told, and what it says to whoever made it. */
import type { Clock } from "../core/clock.ts";
import type {
  AudioFormat,
  ModelFailure,
  ModelFinding,
  ModelSession,
  ModelSessionPlan,
  ModelSink,
  RealtimeModel,
  StreamRole,
} from "../ports/realtime-model.ts";
import type { BlockPool } from "./byte-fifo.ts";
import type { IngressFrame } from "./ingress-frame.ts";
import type { ModelChannelDelegate } from "./model-channel-delegate.ts";
import type { PlayoutVoice } from "./playout-voice.ts";
import { SessionIds } from "./session-ids.ts";
import { SilenceFeed } from "./silence-feed.ts";
import { Uplink } from "./uplink.ts";

/** What a channel is made of. */
export interface ModelChannelOptions {
  readonly clock: Clock;
  readonly pool: BlockPool;
  readonly model: RealtimeModel;
  readonly format: AudioFormat;
  readonly plan: ModelSessionPlan;
  /** Among the sessions of the leg, from 1. */
  readonly ordinal: number;
  readonly uplinkBatchMs?: number | undefined;
  readonly delegate: ModelChannelDelegate<ModelChannel>;
}

/** The way to and from one session. */
export class ModelChannel {
  readonly model: RealtimeModel;
  readonly format: AudioFormat;
  /** Where its answers are queued; `undefined`: nobody hears them. */
  voice: PlayoutVoice | undefined;
  readonly #options: ModelChannelOptions;
  readonly #ids: SessionIds;
  readonly #uplink: Uplink;
  /** Where the session wants audio all the time. */
  readonly #silence: SilenceFeed | undefined;
  #session: ModelSession | undefined;
  #openedUs = 0;
  #state: "opening" | "ready" | "failed" | "closed" = "opening";

  constructor(options: ModelChannelOptions) {
    this.#options = options;
    this.model = options.model;
    this.format = options.format;
    this.#ids = new SessionIds(options.ordinal);
    this.#uplink = new Uplink({
      clock: options.clock,
      format: options.format,
      batchMs: options.uplinkBatchMs,
      pool: options.pool,
      push: (bytes) => this.#session?.pushAudio(bytes),
    });
    this.#silence = options.model.capabilities.continuousAudio
      ? new SilenceFeed((frame) => this.#uplink.onAudio(frame))
      : undefined;
  }

  get state(): "opening" | "ready" | "failed" | "closed" {
    return this.#state;
  }

  /** What the model speaks. */
  get voiceFormat(): AudioFormat {
    return this.model.capabilities.outputFormat ?? this.format;
  }

  /** It is to speak first. */
  get greets(): boolean {
    return this.#options.plan.greeting !== undefined;
  }

  get openedUs(): number {
    return this.#openedUs;
  }

  /** Since `open`. */
  get ageMs(): number {
    return (this.#options.clock.nowUs() - this.#openedUs) / 1000;
  }

  /** See `ModelSession.resumption`. */
  get resumption(): string | undefined {
    return this.#session?.resumption;
  }

  open(): void {
    const { clock, plan, format } = this.#options;
    this.#openedUs = clock.nowUs();
    this.#session = this.model.open({ ...plan, format }, this.#sink);
    if (this.#state === "ready") {
      this.#uplink.ready();
    }
  }

  /** What the caller says. */
  pushFrame(frame: IngressFrame, nowUs: number): void {
    if (this.#silence === undefined || this.#silence.takes(frame, nowUs)) {
      this.#uplink.onAudio(frame);
    }
  }

  /** Gives the session what the caller said before it was there, ahead of all that follows. */
  replay(from: (to: (frame: IngressFrame) => void) => void): void {
    from((frame) => this.#uplink.replay(frame));
    if (this.#state === "ready" && this.#session !== undefined) {
      this.#uplink.ready();
    }
  }

  onTick(nowUs: number): void {
    if (this.#state === "ready") {
      this.#silence?.onTick(nowUs);
    }
    this.#uplink.onTick(nowUs);
  }

  pushDigit(digit: string): void {
    this.#session?.pushDigit(digit);
  }

  say(text: string): void {
    this.#session?.say(text);
  }

  tellRole(role: StreamRole): void {
    this.#session?.tellRole?.(role);
  }

  /** Whether an answer or a tool call is this session's. */
  owns(id: string): boolean {
    return this.#ids.has(id);
  }

  toolResult(toolCallId: string, outputJson: string): void {
    this.#session?.toolResult(this.#ids.own(toolCallId), outputJson);
  }

  /** The caller spoke over an answer. */
  interrupt(itemId: string, playedMs: number): void {
    this.#session?.interrupt(this.#ids.own(itemId), Math.floor(playedMs));
  }

  /** What the caller said over an answer was nothing. */
  dismissSpeech(): void {
    this.#session?.dismissSpeech();
  }

  /** The caller heard all of an answer. */
  played(itemId: string): void {
    this.#session?.played(this.#ids.own(itemId));
  }

  /** Idempotent. */
  close(): void {
    if (this.#state !== "closed") {
      this.#state = "closed";
      this.#uplink.close();
      this.#session?.close();
    }
  }

  describe(): string {
    return `${this.#uplink.describe()} -> ${this.model.name}`;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      model: this.model.name,
      state: this.#state,
      format: this.format,
      uplink: this.#uplink.toJSON(),
      session: this.#session?.toJSON(),
    };
  }

  /** Nobody hears of a session that is over. */
  get #hearer(): ModelChannelDelegate<ModelChannel> | undefined {
    const alive = this.#state === "opening" || this.#state === "ready";
    return alive ? this.#options.delegate : undefined;
  }

  readonly #sink: ModelSink = {
    onReady: () => this.#onReady(),
    onAudio: (bytes, itemId) => this.#hearer?.onAudio(this, bytes, this.#ids.unique(itemId)),
    onAudioDone: (itemId) => this.#hearer?.onAudioDone(this, this.#ids.unique(itemId)),
    onSpeechStarted: () => this.#hearer?.onSpeechStarted(this),
    onSpeechStopped: () => this.#hearer?.onSpeechStopped(this),
    onInterrupted: () => this.#hearer?.onInterrupted(this),
    onExpiring: (remainingMs) => this.#hearer?.onExpiring(this, remainingMs),
    onUsage: (usage) => this.#hearer?.onUsage(this, usage),
    onTranscript: (speaker, text, itemId, final, details) =>
      this.#hearer?.onTranscript(this, speaker, text, this.#ids.unique(itemId), final, details),
    onFinding: (finding) => this.#hearer?.onFinding(this, this.#named(finding)),
    onFaltered: (failure) => this.#hearer?.onFaltered(this, failure),
    onRecovered: () => this.#hearer?.onRecovered(this),
    onToolCall: (toolCallId, name, argumentsJson) =>
      this.#hearer?.onToolCall(this, this.#ids.unique(toolCallId), name, argumentsJson),
    onFailed: (failure) => this.#onFailed(failure),
  };

  #named(finding: ModelFinding): ModelFinding {
    const { itemId } = finding;
    return itemId === undefined ? finding : { ...finding, itemId: this.#ids.unique(itemId) };
  }

  #onReady(): void {
    if (this.#state !== "opening") {
      return;
    }
    this.#state = "ready";
    this.#options.delegate.onReady(this);
    if (this.#session !== undefined) {
      this.#uplink.ready();
    }
  }

  #onFailed(failure: ModelFailure): void {
    const hearer = this.#hearer;
    if (hearer !== undefined) {
      this.#state = "failed";
      this.#uplink.close();
      hearer.onFailed(this, failure);
    }
  }
}
