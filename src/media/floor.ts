/** Who has the floor: pauses the model when the caller makes a sound, then takes it from the model, or gives it back. */
import type { Clock } from "../core/clock.ts";
import type { BargeInCause, LegFact } from "../ports/media-facts.ts";
import type { BargeInMode } from "../ports/media-host.ts";
import type { ModelCapabilities } from "../ports/realtime-model.ts";
import { CallerVoice } from "./caller-voice.ts";
import type { EchoDetector } from "./echo-detector.ts";
import type { CallerSound, DismissReason, FloorDecision } from "./floor-decision.ts";
import type { FloorPlayout } from "./floor-playout.ts";
import { FloorVerdict } from "./floor-verdict.ts";
import type { IngressFrame } from "./ingress-frame.ts";
import type { PlayoutItem } from "./playout-item.ts";
import { SoundEcho } from "./sound-echo.ts";

/** A caller who speaks so shortly before the end of an answer answers it. */
const ANSWERING_MS = 1500;
const SAMPLES_PER_MS = 8;

/** What the floor knows of its leg. */
export interface FloorOptions {
  readonly clock: Clock;
  readonly playout: FloorPlayout;
  readonly mode: BargeInMode;
  /** Of the model that speaks now. */
  readonly capabilities: () => ModelCapabilities;
  /** Is shown what is sent. */
  readonly echo: EchoDetector;
  /** Tells the model that what it heard was no interruption. */
  readonly dismiss: () => void;
  /** No answer to what the caller said will come. */
  readonly onNothingOwed: () => void;
  readonly report: (fact: LegFact) => void;
}

/**
 * In come the caller's frames, words and keys, and what the model thinks of the caller's turns; out go pauses and cuts of
 * playout and the facts that come of them.
 */
export class Floor {
  readonly #options: FloorOptions;
  readonly #callerVoice: CallerVoice;
  readonly #verdict = new FloorVerdict();
  readonly #soundEcho: SoundEcho;
  /** `undefined`: playout is not paused. */
  #pausedAtMs: number | undefined;
  /** The model heard speech over its answer. */
  #modelHeard = false;
  /** The model was told that what it hears is nothing. */
  #modelDismisses = false;
  #bargeIns = 0;
  #dismissed = 0;

  constructor(options: FloorOptions) {
    this.#options = options;
    this.#callerVoice = new CallerVoice(options.clock);
    this.#soundEcho = new SoundEcho(options.echo);
  }

  /** Takes one frame of the caller's line, and says what is in it. */
  onCallerFrame(frame: IngressFrame): CallerSound {
    const heard = this.#callerVoice.push(frame) ? "speech" : "none";
    if (this.#mode !== "reversible") {
      return heard;
    }
    const { voiced, levelDbfs } = this.#callerVoice;
    const echo = this.#soundEcho.push(frame, voiced);
    const ms = frame.sampleCount / SAMPLES_PER_MS;
    const { busy } = this.#options.playout;
    this.#decide(this.#verdict.onFrame({ ms, levelDbfs, voiced, echo }, this.#nowMs, busy));
    return echo ? "echo" : heard;
  }

  /** Once per ptime: verdicts are due though the caller sends nothing. */
  onTick(): void {
    if (this.#mode === "reversible") {
      this.#decide(this.#verdict.onTick(this.#nowMs, this.#options.playout.busy));
    }
  }

  /** The model heard the caller begin. Silence first, then the model, then the record: nothing is queued behind audio. */
  onSpeechStarted(): void {
    const { busy } = this.#options.playout;
    this.#modelDismisses = false;
    this.#modelHeard ||= busy;
    if (this.#mode === "immediate") {
      const cut = this.#take();
      this.#options.report({ kind: "speechStarted" });
      this.#reportBargeIn(cut, "model", this.#callerVoice.sinceOnsetMs());
      return;
    }
    const judges = this.#mode === "reversible";
    const decision = judges ? this.#verdict.onModelHeardSpeech(this.#nowMs, busy) : undefined;
    if (decision === "echo") {
      this.#reportDismissed("echo", 0);
    }
    if (decision === "echo" || decision === "late") {
      this.#dismissToModel(decision === "echo");
    } else {
      this.#decide(decision);
    }
    this.#options.report({ kind: "speechStarted" });
  }

  /** The model heard the caller end; `false`: of something that it will not answer. */
  onSpeechStopped(): boolean {
    const dismissed = this.#modelDismisses;
    this.#modelDismisses = false;
    this.#verdict.onModelHeardSilence(this.#nowMs);
    this.#options.report({ kind: "speechStopped" });
    return !dismissed;
  }

  /** The model stopped its answers by itself: what was to be heard of them is no longer what it said. */
  onInterrupted(): void {
    if (this.#mode !== "off") {
      this.#decide(this.#verdict.onModelStopped(this.#nowMs));
    }
  }

  /** What the model understood of the caller. A model that is not arbitrated knows by itself what was an interruption. */
  onCallerWords(text: string, itemId: string, final: boolean): void {
    const judges = this.#mode === "reversible" && this.#options.capabilities().arbitrated;
    if (judges) {
      this.#decide(this.#verdict.onWords(text, itemId, final, this.#nowMs));
    }
  }

  /** A caller who presses a key has heard enough of what is being said, whatever the mode. */
  onDigit(): void {
    this.#verdict.settle(this.#nowMs);
    this.#reportBargeIn(this.#take(), "key", undefined);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      bargeIn: {
        mode: this.#mode,
        real: this.#bargeIns,
        dismissed: this.#dismissed,
        paused: this.#pausedAtMs !== undefined,
        verdict: this.#verdict.toJSON(),
        echo: this.#options.echo.toJSON(),
      },
      callerVoice: this.#callerVoice.toJSON(),
    };
  }

  /** `model`: it hears while it speaks and decides by itself. */
  get #mode(): BargeInMode | "model" {
    return this.#options.capabilities().nativeDuplex ? "model" : this.#options.mode;
  }

  get #nowMs(): number {
    return this.#options.clock.nowUs() / 1000;
  }

  #decide(decision: FloorDecision | undefined): void {
    switch (decision?.kind) {
      case undefined:
        return;
      case "pause":
        this.#pausedAtMs = this.#nowMs;
        this.#options.playout.pause();
        return;
      case "resume":
        this.#giveBack(decision.reason);
        return;
      case "drop": {
        const sinceVoiceMs = this.#sinceVoiceMs;
        this.#reportBargeIn(this.#take(), decision.reason, sinceVoiceMs);
        return;
      }
    }
  }

  /** From the first voiced packet to silence. */
  get #sinceVoiceMs(): number {
    const pausedAtMs = this.#pausedAtMs;
    return pausedAtMs === undefined
      ? this.#callerVoice.sinceOnsetMs()
      : Math.round(pausedAtMs - this.#verdict.onsetMs);
  }

  #giveBack(reason: DismissReason): void {
    const pausedMs = Math.round(this.#nowMs - (this.#pausedAtMs ?? this.#nowMs));
    this.#pausedAtMs = undefined;
    this.#options.playout.resume();
    if (this.#modelHeard) {
      this.#dismissToModel(reason === "echo");
    } else {
      this.#options.onNothingOwed();
    }
    this.#reportDismissed(reason, pausedMs);
  }

  /** An answer that is nearly over may be answered already: such a "yes" is the model's to hear. */
  #dismissToModel(isEcho: boolean): void {
    const { capabilities, dismiss, onNothingOwed, playout } = this.#options;
    const { endsInMs } = playout;
    const answering = !isEcho && endsInMs !== undefined && endsInMs <= ANSWERING_MS;
    this.#modelHeard = false;
    if (capabilities().arbitrated && !answering) {
      this.#modelDismisses = this.#verdict.modelHearsSpeech;
      dismiss();
      onNothingOwed();
    }
  }

  #take(): readonly PlayoutItem[] {
    const { playout } = this.#options;
    const cut = playout.busy ? playout.cut() : [];
    if (this.#pausedAtMs !== undefined) {
      this.#pausedAtMs = undefined;
      playout.resume();
    }
    this.#modelHeard = false;
    return cut;
  }

  #reportDismissed(as: DismissReason, pausedMs: number): void {
    const { itemId } = this.#options.playout;
    if (itemId !== undefined) {
      this.#dismissed += 1;
      this.#options.report({ kind: "bargeInDismissed", itemId, pausedMs, as });
    }
  }

  #reportBargeIn(
    cut: readonly PlayoutItem[],
    by: BargeInCause,
    sinceVoiceMs: number | undefined,
  ): void {
    const heard = cut[0];
    if (heard === undefined) {
      return;
    }
    this.#bargeIns += 1;
    this.#options.report({
      kind: "bargedIn",
      itemId: heard.itemId,
      playedMs: heard.playedMs,
      unheardMs: cut.reduce((sum, item) => sum + item.unheardMs, 0),
      sinceVoiceMs,
      by,
    });
    for (const item of cut) {
      this.#options.playout.reportCut(item);
    }
  }
}
