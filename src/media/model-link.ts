/** Leg ↔ model session: format, uplink, downlink, barge-in, and the facts that come of it. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { LegFact } from "../ports/media-facts.ts";
import type {
  AudioFormat,
  ModelSession,
  ModelSessionPlan,
  ModelSink,
  RealtimeModel,
} from "../ports/realtime-model.ts";
import type { BlockPool } from "./byte-fifo.ts";
import { CallerVoice } from "./caller-voice.ts";
import type { IngressSink } from "./ingress-decoder.ts";
import type { IngressFrame } from "./ingress-frame.ts";
import { LateAudio } from "./late-audio.ts";
import { chooseFormat } from "./model-format.ts";
import type { PlayoutItem, PlayoutListener } from "./playout-item.ts";
import type { PlayoutVoice } from "./playout-voice.ts";
import type { RtpLeg } from "./rtp-leg.ts";
import { TurnLog } from "./turn-log.ts";
import { Uplink } from "./uplink.ts";

/** What is linked, and who hears of it. */
export interface ModelLinkOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leg: RtpLeg;
  readonly model: RealtimeModel;
  readonly mode: "talk" | "listen";
  readonly plan: ModelSessionPlan;
  readonly pool: BlockPool;
  readonly uplinkBatchMs?: number | undefined;
  /** Called synchronously; never after `close`. */
  readonly report: (fact: LegFact) => void;
}

/** One model on one leg. */
export class ModelLink implements IngressSink {
  readonly format: AudioFormat;
  readonly #options: ModelLinkOptions;
  readonly #uplink: Uplink;
  readonly #turns: TurnLog;
  readonly #callerVoice: CallerVoice;
  readonly #lateAudio = new LateAudio();
  #voice: PlayoutVoice | undefined;
  #session: ModelSession | undefined;
  #openedUs = 0;
  #state: "opening" | "ready" | "failed" | "closed" = "opening";
  #bargeIns = 0;
  #warnedFull = false;

  constructor(options: ModelLinkOptions) {
    this.#options = options;
    this.format = chooseFormat(options.model.capabilities.formats, options.leg.stream?.law);
    this.#turns = new TurnLog(options.clock);
    this.#callerVoice = new CallerVoice(options.clock);
    this.#uplink = new Uplink({
      clock: options.clock,
      format: this.format,
      batchMs: options.uplinkBatchMs,
      pool: options.pool,
      push: (bytes) => this.#session?.pushAudio(bytes),
    });
  }

  /** Opens the session and takes over the leg's ears, and in mode `talk` its mouth. */
  open(): void {
    const { leg, mode, model, plan, clock } = this.#options;
    this.#openedUs = clock.nowUs();
    if (mode === "talk") {
      const format = model.capabilities.outputFormat ?? this.format;
      this.#voice = leg.mouth.open({ format, listener: this.#playoutListener });
    }
    leg.setSink(this);
    this.#session = model.open({ ...plan, format: this.format }, this.#sink);
    if (this.#state === "ready") {
      this.#uplink.ready();
    }
  }

  /** Hears the caller; called by ingress. */
  onAudio(frame: IngressFrame): void {
    if (this.#callerVoice.push(frame)) {
      this.#turns.onCallerVoice();
    }
    this.#uplink.onAudio(frame);
  }

  onTick(nowUs: number): void {
    this.#uplink.onTick(nowUs);
  }

  /** A caller who presses a key has heard enough of what is being said. */
  pushDigit(digit: string): void {
    this.#reportBargeIn(this.#takeFloor(), undefined);
    this.#session?.pushDigit(digit);
  }

  toolResult(toolCallId: string, outputJson: string): void {
    this.#session?.toolResult(toolCallId, outputJson);
  }

  say(text: string): void {
    this.#session?.say(text);
  }

  /** Idempotent. Reports what was heard of the answer under way, and nothing afterwards. */
  close(): void {
    if (this.#state === "closed") {
      return;
    }
    for (const item of this.#voice?.queue.clear() ?? []) {
      this.#reportTurn(item, false);
    }
    this.#state = "closed";
    this.#options.leg.setSink(undefined);
    this.#uplink.close();
    this.#session?.close();
  }

  describe(): string {
    return `${this.#uplink.describe()} -> ${this.#options.model.name}`;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      describe: this.describe(),
      model: this.#options.model.name,
      mode: this.#options.mode,
      state: this.#state,
      format: this.format,
      uplink: this.#uplink.toJSON(),
      bargeIns: this.#bargeIns,
      lateDroppedBytes: this.#lateAudio.droppedBytes,
      callerVoice: this.#callerVoice.toJSON(),
      session: this.#session?.toJSON(),
    };
  }

  readonly #playoutListener: PlayoutListener = {
    onItemStarted: (itemId) => this.#turns.onStarted(itemId),
    onItemPlayed: (item) => {
      this.#reportTurn(item, false);
      this.#session?.played(item.itemId);
    },
  };

  readonly #sink: ModelSink = {
    onReady: () => this.#onReady(),
    onAudio: (bytes, itemId) => this.#onModelAudio(bytes, itemId),
    onAudioDone: (itemId) => this.#voice?.queue.finish(itemId),
    onSpeechStarted: () => this.#onSpeechStarted(),
    onSpeechStopped: () => this.#report({ kind: "speechStopped" }),
    onInterrupted: () => this.#reportBargeIn(this.#takeFloor(), this.#callerVoice.sinceOnsetMs()),
    onExpiring: () => undefined,
    onUsage: () => undefined,
    onTranscript: (speaker, text, itemId, final) =>
      this.#report({ kind: "transcriptAdded", speaker, text, itemId, final }),
    onToolCall: (toolCallId, name, argumentsJson) =>
      this.#report({ kind: "toolCalled", toolCallId, name, argumentsJson }),
    onFailed: (failure) => {
      if (this.#state === "opening" || this.#state === "ready") {
        this.#state = "failed";
        this.#uplink.close();
        this.#report({ kind: "modelFailed", code: failure.code, reason: failure.reason });
        this.#voice?.queue.finishAll();
      }
    },
  };

  #onReady(): void {
    if (this.#state !== "opening") {
      return;
    }
    this.#state = "ready";
    const { clock, model } = this.#options;
    const afterMs = Math.round((clock.nowUs() - this.#openedUs) / 1000);
    this.#report({ kind: "modelReady", model: model.name, afterMs });
    if (this.#session !== undefined) {
      this.#uplink.ready();
    }
  }

  #onModelAudio(bytes: Uint8Array, itemId: string): void {
    if (this.#voice === undefined || this.#state === "closed") {
      return;
    }
    if (this.#lateAudio.swallows(itemId, bytes.length)) {
      return;
    }
    this.#turns.onModelAudio(itemId);
    if (this.#voice.queue.push(bytes, itemId) > 0 && !this.#warnedFull) {
      this.#warnedFull = true;
      this.#options.logger.warn("playout is full, the newest audio is dropped");
    }
  }

  /** Silence first, then the model, then the record: nothing is queued behind audio. */
  #onSpeechStarted(): void {
    if (this.#state === "closed") {
      return;
    }
    const cleared = this.#takeFloor();
    this.#report({ kind: "speechStarted" });
    this.#reportBargeIn(cleared, this.#callerVoice.sinceOnsetMs());
  }

  /** Drops what waits to be heard, and tells the model how much of it was. */
  #takeFloor(): readonly PlayoutItem[] {
    const busy = this.#voice?.queue.busy === true;
    const cleared = busy ? (this.#voice?.queue.clear() ?? []) : [];
    for (const item of cleared) {
      this.#lateAudio.remember(item.itemId);
      this.#session?.interrupt(item.itemId, Math.floor(item.playedMs));
    }
    return cleared;
  }

  #reportBargeIn(cleared: readonly PlayoutItem[], sinceVoiceMs: number | undefined): void {
    const heard = cleared[0];
    if (heard === undefined) {
      return;
    }
    this.#bargeIns += 1;
    this.#report({
      kind: "bargedIn",
      itemId: heard.itemId,
      playedMs: heard.playedMs,
      unheardMs: cleared.reduce((sum, item) => sum + item.unheardMs, 0),
      sinceVoiceMs,
    });
    for (const item of cleared) {
      this.#reportTurn(item, true);
    }
  }

  #reportTurn(item: PlayoutItem, interrupted: boolean): void {
    const turn = this.#turns.end(item, interrupted);
    if (turn !== undefined) {
      this.#report({ kind: "turnPlayed", turn });
    }
  }

  #report(fact: LegFact): void {
    if (this.#state !== "closed") {
      this.#options.report(fact);
    }
  }
}
