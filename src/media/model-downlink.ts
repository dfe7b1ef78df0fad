/** From models to the leg's ear: queues their answers, swallows what comes after a cut, and times what is heard. */
import type { Logger } from "../core/logger.ts";
import type { LegFact } from "../ports/media-facts.ts";
import type { BargeInMode } from "../ports/media-host.ts";
import type { AudioFormat } from "../ports/realtime-model.ts";
import { EchoDetector } from "./echo-detector.ts";
import type { FloorPlayout } from "./floor-playout.ts";
import { LateAudio } from "./late-audio.ts";
import type { ModelChannel } from "./model-channel.ts";
import type { PlayoutItem, PlayoutListener } from "./playout-item.ts";
import type { PlayoutVoice } from "./playout-voice.ts";
import type { RtpLeg } from "./rtp-leg.ts";
import type { TurnLog } from "./turn-log.ts";

/** Hears what became of answers. */
export interface ModelDownlinkDelegate {
  /** All of an answer was heard. */
  onPlayed(item: PlayoutItem): void;
  /** The caller spoke over an answer. */
  onCut(item: PlayoutItem): void;
}

/** What it plays to, and who hears of it. */
export interface ModelDownlinkOptions {
  readonly logger: Logger;
  readonly leg: RtpLeg;
  /** The ledger of the leg. */
  readonly turns: TurnLog;
  /** Absent: `reversible`, which needs to know what was sent. */
  readonly bargeIn?: BargeInMode | undefined;
  readonly delegate: ModelDownlinkDelegate;
  readonly report: (fact: LegFact) => void;
}

/** The mouth of the models on a leg; without `open`, nothing is played. */
export class ModelDownlink implements FloorPlayout {
  readonly #options: ModelDownlinkOptions;
  readonly #turns: TurnLog;
  /** Of what is sent while models speak. */
  readonly echo = new EchoDetector();
  readonly #lateAudio = new LateAudio();
  /** Of all sessions that still have something to say, in the order in which they are heard. */
  #voices: PlayoutVoice[] = [];
  #warnedFull = false;

  constructor(options: ModelDownlinkOptions) {
    this.#options = options;
    this.#turns = options.turns;
  }

  get busy(): boolean {
    for (const { queue } of this.#voices) {
      if (queue.busy) {
        return true;
      }
    }
    return false;
  }

  /** Something of an answer is there to be heard. */
  get playing(): boolean {
    const voices = this.#voices;
    for (let i = 0; i < voices.length; i += 1) {
      if ((voices[i] as PlayoutVoice).queue.queuedMs > 0) {
        return true;
      }
    }
    return false;
  }

  get itemId(): string | undefined {
    return this.#voices.find(({ queue }) => queue.busy)?.queue.itemId;
  }

  get endsInMs(): number | undefined {
    const ends = this.#voices.map(({ queue }) => queue.endsInMs ?? Number.POSITIVE_INFINITY);
    const endsInMs = ends.reduce((sum, ms) => sum + ms, 0);
    return Number.isFinite(endsInMs) ? endsInMs : undefined;
  }

  pause(): void {
    this.#options.leg.mouth.pause();
  }

  resume(): void {
    this.#options.leg.mouth.resume();
  }

  /** Takes over the leg's mouth. */
  open(format: AudioFormat): PlayoutVoice {
    const voice = this.#options.leg.mouth.open({ format, leads: true, listener: this.#listener });
    this.#voices = [voice];
    const { bargeIn = "reversible", leg } = this.#options;
    leg.mouth.sent = bargeIn === "reversible" ? this.echo : undefined;
    return voice;
  }

  /** A voice for the next session: it is heard when those before it have nothing left. */
  follow(format: AudioFormat): PlayoutVoice {
    const voice = this.#options.leg.mouth.follow({ format, leads: true, listener: this.#listener });
    this.#voices = this.#voices.filter(({ queue }) => queue.busy);
    this.#voices.push(voice);
    return voice;
  }

  /** A piece of an answer; `false`: nobody hears it. */
  push({ voice, model }: ModelChannel, bytes: Uint8Array, itemId: string): boolean {
    if (voice === undefined || this.#lateAudio.swallows(itemId, bytes.length)) {
      return false;
    }
    this.#turns.onAudio(itemId, "answer", model.name);
    if (voice.queue.push(bytes, itemId) > 0 && !this.#warnedFull) {
      this.#warnedFull = true;
      this.#options.logger.warn("playout is full, the newest audio is dropped");
    }
    return true;
  }

  cut(): readonly PlayoutItem[] {
    const cut = this.#voices.flatMap((voice) => voice.clear());
    for (const item of cut) {
      this.#lateAudio.remember(item.itemId);
      this.#turns.onTruncated(item.itemId, Math.floor(item.playedMs));
      this.#options.delegate.onCut(item);
    }
    return cut;
  }

  reportCut(item: PlayoutItem): void {
    this.#reportTurn(item, true);
  }

  /** Puts what was heard of the answers under way into the record. */
  close(): void {
    for (const { queue } of this.#voices) {
      for (const item of queue.clear()) {
        this.#reportTurn(item, false);
      }
    }
    this.#voices = [];
    this.#options.leg.mouth.sent = undefined;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { lateDroppedBytes: this.#lateAudio.droppedBytes };
  }

  readonly #listener: PlayoutListener = {
    onItemStarted: (itemId) => this.#turns.onStarted(itemId),
    onItemPlayed: (item) => {
      this.#reportTurn(item, false);
      this.#options.delegate.onPlayed(item);
    },
  };

  #reportTurn(item: PlayoutItem, interrupted: boolean): void {
    const turn = this.#turns.end(item, interrupted);
    if (turn !== undefined) {
      this.#options.report({ kind: "turnPlayed", turn });
    }
  }
}
