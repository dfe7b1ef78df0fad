/** Leg ↔ model: hands the caller's audio to the session, its answers to the leg, and tells what comes of it. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { LegFact } from "../ports/media-facts.ts";
import type { ModelSessionPlan, RealtimeModel } from "../ports/realtime-model.ts";
import type { BlockPool } from "./byte-fifo.ts";
import { Floor } from "./floor.ts";
import type { IngressSink } from "./ingress-decoder.ts";
import type { IngressFrame } from "./ingress-frame.ts";
import { ModelChannel, type ModelChannelDelegate } from "./model-channel.ts";
import { ModelDownlink } from "./model-downlink.ts";
import { chooseFormat } from "./model-format.ts";
import type { RtpLeg } from "./rtp-leg.ts";
import type { TurnLog } from "./turn-log.ts";
import { costOf } from "./turn-usage.ts";

/** What is linked, and who hears of it. */
export interface ModelLinkOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leg: RtpLeg;
  readonly model: RealtimeModel;
  readonly mode: "talk" | "listen";
  readonly plan: ModelSessionPlan;
  readonly pool: BlockPool;
  /** The ledger of the leg. */
  readonly turns: TurnLog;
  readonly uplinkBatchMs?: number | undefined;
  /** Called synchronously; never after `close`. */
  readonly report: (fact: LegFact) => void;
}

/** A model on a leg. */
export class ModelLink implements IngressSink {
  readonly #options: ModelLinkOptions;
  readonly #downlink: ModelDownlink;
  readonly #floor: Floor;
  readonly #channel: ModelChannel;
  #closed = false;

  constructor(options: ModelLinkOptions) {
    const { clock, logger, leg, model, turns } = options;
    const report = (fact: LegFact): void => this.#report(fact);
    this.#options = options;
    this.#channel = new ModelChannel({
      ...options,
      format: chooseFormat(model.capabilities.formats, leg.stream?.law),
      ordinal: 1,
      delegate: this.#delegate,
    });
    this.#downlink = new ModelDownlink({
      logger,
      leg,
      turns,
      report,
      delegate: {
        onPlayed: (item) => this.#channel.played(item.itemId),
        onCut: (item) => this.#channel.interrupt(item.itemId, item.playedMs),
      },
    });
    this.#floor = new Floor({ clock, playout: this.#downlink, report });
  }

  /** Opens the session and takes over the leg's ears, and in mode `talk` its mouth. */
  open(): void {
    const { leg, mode } = this.#options;
    if (mode === "talk") {
      this.#downlink.open(this.#channel.voiceFormat);
    }
    leg.setSink(this);
    this.#channel.open();
  }

  /** Hears the caller; called by ingress. */
  onAudio(frame: IngressFrame): void {
    if (this.#floor.onCallerFrame(frame)) {
      this.#options.turns.onCallerVoice();
    }
    this.#channel.pushFrame(frame);
  }

  onTick(nowUs: number): void {
    this.#channel.onTick(nowUs);
  }

  pushDigit(digit: string): void {
    this.#floor.onDigit();
    this.#channel.pushDigit(digit);
  }

  toolResult(toolCallId: string, outputJson: string): void {
    this.#options.turns.onToolAnswered(toolCallId);
    this.#channel.toolResult(toolCallId, outputJson);
  }

  /** Whether `say` is heard. */
  get speaksText(): boolean {
    return this.#options.mode === "talk" && this.#channel.model.capabilities.speaksText;
  }

  say(text: string): void {
    this.#options.turns.onSayOrdered();
    this.#channel.say(text);
  }

  /** Idempotent. Reports what was heard of the answer under way, and nothing afterwards. */
  close(): void {
    if (this.#closed) {
      return;
    }
    this.#downlink.close();
    this.#closed = true;
    this.#options.leg.setSink(undefined);
    this.#channel.close();
  }

  describe(): string {
    return this.#channel.describe();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      describe: this.describe(),
      mode: this.#options.mode,
      ...this.#channel.toJSON(),
      ...this.#floor.toJSON(),
      ...this.#downlink.toJSON(),
    };
  }

  readonly #delegate: ModelChannelDelegate = {
    onReady: ({ model, ageMs }) =>
      this.#report({ kind: "modelReady", model: model.name, afterMs: Math.round(ageMs) }),
    onAudio: ({ model }, bytes, itemId) => this.#downlink.push(bytes, itemId, model.name),
    onAudioDone: (_channel, itemId) => this.#downlink.finish(itemId),
    onSpeechStarted: () => this.#floor.onSpeechStarted(),
    onSpeechStopped: () => {
      this.#options.turns.onTurnEnded();
      this.#floor.onSpeechStopped();
    },
    onInterrupted: () => this.#floor.onInterrupted(),
    onExpiring: () => undefined,
    onUsage: ({ model }, usage) => {
      const costUsd = costOf(usage, model.prices);
      this.#options.turns.onUsage(usage, costUsd);
      this.#report({ kind: "modelUsed", model: model.name, usage, costUsd });
    },
    onTranscript: (_channel, speaker, text, itemId, final) =>
      this.#report({ kind: "transcriptAdded", speaker, text, itemId, final }),
    onToolCall: (_channel, toolCallId, name, argumentsJson) => {
      this.#options.turns.onToolCalled(toolCallId);
      this.#report({ kind: "toolCalled", toolCallId, name, argumentsJson });
    },
    onFailed: (_channel, { code, reason }) => {
      this.#report({ kind: "modelFailed", code, reason });
      this.#downlink.finishAll();
    },
  };

  #report(fact: LegFact): void {
    if (!this.#closed) {
      this.#options.report(fact);
    }
  }
}
