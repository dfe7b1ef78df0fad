/** Leg ↔ model: hands the caller's audio to the session, its answers to the leg, and tells what comes of it. */
import type { LegFact } from "../ports/media-facts.ts";
import type { StreamRole } from "../ports/realtime-model.ts";
import { Conversation } from "./conversation.ts";
import { Floor } from "./floor.ts";
import { GapFiller } from "./gap-filler.ts";
import type { IngressSink } from "./ingress-decoder.ts";
import type { IngressFrame } from "./ingress-frame.ts";
import { ModelChannel } from "./model-channel.ts";
import type { ModelChannelDelegate } from "./model-channel-delegate.ts";
import { ModelDownlink } from "./model-downlink.ts";
import { chooseFormat } from "./model-format.ts";
import type { ModelLinkOptions } from "./model-link-options.ts";
import { ModelSuccession } from "./model-succession.ts";
import type { NewChannel } from "./model-succession-options.ts";
import type { PlayoutItem } from "./playout-item.ts";
import { silenced } from "./silenced-sink.ts";
import { costOf } from "./turn-usage.ts";

/** The models of a leg, one after the other. */
export class ModelLink implements IngressSink {
  readonly #options: ModelLinkOptions;
  readonly #conversation: Conversation;
  readonly #downlink: ModelDownlink;
  readonly #floor: Floor;
  readonly #filler: GapFiller;
  readonly #sessions: ModelSuccession;
  #closed = false;

  constructor(options: ModelLinkOptions) {
    const { clock, pool, continuity, models } = options;
    const report = (fact: LegFact): void => this.#report(fact);
    this.#options = options;
    this.#conversation = new Conversation({
      clock,
      pool,
      answerTimeoutMs: continuity?.answerTimeoutMs,
    });
    this.#downlink = new ModelDownlink({
      ...options,
      report,
      delegate: {
        onPlayed: ({ itemId }) => this.#sessions.owner(itemId)?.played(itemId),
        onCut: (item) => this.#onCut(item),
      },
    });
    this.#floor = new Floor({
      clock,
      playout: this.#downlink,
      mode: options.bargeIn ?? "reversible",
      capabilities: () => this.#sessions.active.model.capabilities,
      echo: this.#downlink.echo,
      dismiss: () => this.#sessions.active.dismissSpeech(),
      onNothingOwed: () => {
        this.#conversation.onDismissed();
        options.turns.onDismissed();
      },
      report,
    });
    this.#filler = new GapFiller({
      clock,
      filler: continuity?.filler,
      isPlaying: () => options.leg.mouth.busy,
      say: options.sayFiller,
    });
    this.#sessions = new ModelSuccession({
      clock,
      models,
      talks: options.mode === "talk",
      conversation: this.#conversation,
      downlink: this.#downlink,
      create: (channel) => this.#createChannel(channel),
      report,
    });
  }

  /** Opens the session and takes over the leg's ears, and in mode `talk` its mouth. */
  open(): void {
    this.#options.leg.setSink(this);
    this.#sessions.open();
  }

  /** Hears the caller; called by ingress. */
  onAudio(frame: IngressFrame): void {
    const sound = this.#floor.onCallerFrame(frame);
    if (sound === "speech") {
      this.#options.turns.onCallerVoice();
    }
    this.#conversation.onFrame(frame, sound === "speech");
    // A model that interrupts itself would take its own echo for the caller.
    const deafens = sound === "echo" && !this.#sessions.active.model.capabilities.arbitrated;
    this.#sessions.pushFrame(deafens ? silenced(frame) : frame, this.#options.clock.nowUs());
  }

  onTick(nowUs: number): void {
    this.#floor.onTick();
    this.#conversation.onTick(nowUs, this.#downlink.playing);
    this.#sessions.onTick(nowUs);
    this.#conversation.keepSpeech(this.#sessions.mayReplay(nowUs));
    this.#filler.onTick(nowUs);
    this.#sessions.replaceIfSilent();
  }

  pushDigit(digit: string): void {
    this.#floor.onDigit();
    this.#conversation.onDigit(digit);
    this.#sessions.active.pushDigit(digit);
  }

  toolResult(toolCallId: string, outputJson: string): void {
    this.#options.turns.onToolAnswered(toolCallId);
    this.#conversation.onToolResult(toolCallId);
    this.#sessions.owner(toolCallId)?.toolResult(toolCallId, outputJson);
  }

  /** Of a model that listens: who is on the stream. */
  tellRole(role: StreamRole): void {
    this.#sessions.active.tellRole(role);
  }

  /** Whether `say` is heard. */
  get speaksText(): boolean {
    return this.#options.mode === "talk" && this.#sessions.active.model.capabilities.speaksText;
  }

  say(text: string): void {
    this.#options.turns.onSayOrdered();
    this.#sessions.active.say(text);
  }

  /** Idempotent. Reports what was heard of the answer under way, and nothing afterwards. */
  close(): void {
    if (this.#closed) {
      return;
    }
    this.#downlink.close();
    this.#closed = true;
    this.#options.leg.setSink(undefined);
    this.#sessions.close();
    this.#conversation.close();
  }

  describe(): string {
    return this.#sessions.active.describe();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      describe: this.describe(),
      mode: this.#options.mode,
      ...this.#sessions.toJSON(),
      conversation: this.#conversation.toJSON(),
      ...this.#floor.toJSON(),
      ...this.#downlink.toJSON(),
    };
  }

  readonly #delegate: ModelChannelDelegate<ModelChannel> = {
    onReady: (channel) => {
      this.#sessions.onReady(channel);
      if (channel === this.#sessions.active && channel.greets) {
        this.#conversation.onOwed();
      }
      if (!this.#conversation.unanswered) {
        this.#filler.onFilled();
      }
    },
    onAudio: (channel, bytes, itemId) => {
      if (this.#downlink.push(channel, bytes, itemId)) {
        this.#conversation.onAnswerAudio(itemId);
        this.#filler.onFilled();
      }
    },
    onAudioDone: (channel, itemId) => {
      channel.voice?.queue.finish(itemId);
      this.#conversation.onAnswerDone(itemId);
    },
    onSpeechStarted: (channel) => {
      if (this.#sessions.active === channel) {
        this.#floor.onSpeechStarted();
      }
    },
    onSpeechStopped: (channel) => {
      if (this.#sessions.active === channel) {
        this.#options.turns.onTurnEnded();
        if (this.#floor.onSpeechStopped()) {
          this.#conversation.onOwed();
        }
      }
    },
    onInterrupted: () => this.#floor.onInterrupted(),
    onExpiring: (channel, remainingMs) => this.#sessions.onExpiring(channel, remainingMs),
    onUsage: ({ model }, usage) => {
      const costUsd = costOf(usage, model.prices);
      this.#options.turns.onUsage(usage, costUsd);
      this.#report({ kind: "modelUsed", model: model.name, usage, costUsd });
    },
    onTranscript: (_channel, speaker, text, itemId, final, details) => {
      this.#conversation.onTranscript(speaker, text, itemId, final);
      this.#report({ kind: "transcriptAdded", speaker, text, itemId, final, details });
      if (speaker === "caller") {
        this.#floor.onCallerWords(text, itemId, final);
      }
    },
    onToolCall: (_channel, toolCallId, name, argumentsJson) => {
      this.#options.turns.onToolCalled(toolCallId);
      this.#conversation.onToolCall(toolCallId);
      this.#report({ kind: "toolCalled", toolCallId, name, argumentsJson });
    },
    onFinding: (_channel, finding) => this.#report({ kind: "findingAdded", finding }),
    onFaltered: ({ model }, { code, reason }) =>
      this.#report({ kind: "modelFaltered", model: model.name, code, reason }),
    onRecovered: ({ model }) => this.#report({ kind: "modelRecovered", model: model.name }),
    onFailed: (channel, { code, reason }) => this.#sessions.onFailed(channel, code, reason),
  };

  #createChannel({ model, ordinal, history, resumption, greets }: NewChannel): ModelChannel {
    const { plan, leg } = this.#options;
    const said = [...(plan.history ?? []), ...history];
    return new ModelChannel({
      ...this.#options,
      model,
      ordinal,
      format: chooseFormat(model.capabilities.formats, leg.stream?.law),
      plan: {
        ...plan,
        greeting: greets ? plan.greeting : undefined,
        history: said.length > 0 ? said : undefined,
        resumption: resumption ?? plan.resumption,
      },
      delegate: this.#delegate,
    });
  }

  /** The model forgets what was not heard, and so do those that follow it. */
  #onCut(item: PlayoutItem): void {
    this.#sessions.owner(item.itemId)?.interrupt(item.itemId, item.playedMs);
    this.#conversation.onCut(item);
  }

  #report(fact: LegFact): void {
    if (!this.#closed) {
      this.#options.report(fact);
    }
    if (fact.kind === "modelReplaced") {
      this.#options.turns.onModelReplaced();
      this.#filler.onReplaced();
    }
  }
}
