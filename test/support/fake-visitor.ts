/** Somebody at a door that is not SIP, as a test plays them: a line of PCM, and what was heard and told. */

import type { SampleRateHz } from "../../src/audio/frame.ts";
import { fillSine } from "../../src/audio/signal.ts";
import type { CallId } from "../../src/core/ids.ts";
import type { Arrival, Visit, Visitor } from "../../src/ports/call-door.ts";
import type { Verdict } from "../../src/ports/call-store.ts";
import type { MediaFact } from "../../src/ports/media-facts.ts";
import type { PcmLine, PcmStreamPlan } from "../../src/ports/pcm-line.ts";
import type { Scenario } from "./scenario.ts";
import { toneHz, tonesIn } from "./tones.ts";

/** What may differ. */
export interface FakeVisitorOptions {
  readonly rateHz?: SampleRateHz;
  readonly plans?: readonly PcmStreamPlan[];
  readonly arrival?: Partial<Arrival>;
  /** `undefined`: at once. */
  readonly accept?: (signal: AbortSignal) => Promise<void>;
  readonly takesOver?: boolean;
}

/** Let in by `knock`. */
export class FakeVisitor implements Visitor {
  readonly line: PcmLine;
  readonly rateHz: SampleRateHz;
  readonly heard: number[] = [];
  readonly speech: boolean[] = [];
  readonly facts: MediaFact[] = [];
  readonly refusals: { readonly status: number; readonly reason: string }[] = [];
  readonly reasons: string[] = [];
  verdict: Verdict | undefined;
  visit: Visit | undefined;
  accepted: CallId | undefined;
  readonly handOver?: (reason: string) => boolean;
  readonly #scenario: Scenario;
  readonly #options: FakeVisitorOptions;

  constructor(scenario: Scenario, options: FakeVisitorOptions = {}) {
    this.#scenario = scenario;
    this.#options = options;
    this.rateHz = options.rateHz ?? 8000;
    this.line = scenario.pcm.openLine(options.plans ?? [this.#plan()]);
    if (options.takesOver !== undefined) {
      this.handOver = (reason) => {
        this.reasons.push(reason);
        return options.takesOver === true;
      };
    }
  }

  knock(): Visit {
    const arrival: Arrival = {
      door: "a2a",
      flow: "agent",
      model: undefined,
      contactId: "contact-1",
      callingNumber: "",
      calledNumber: "",
      attributes: {},
      about: "",
      streamArn: undefined,
      line: this.line,
      roles: undefined,
      ...this.#options.arrival,
    };
    this.visit = this.#scenario.door.enter(arrival, this);
    return this.visit;
  }

  async accept(callId: CallId, signal: AbortSignal): Promise<void> {
    await this.#options.accept?.(signal);
    this.accepted = callId;
  }

  refuse(status: number, reason: string): void {
    this.refusals.push({ status, reason });
  }

  onFact(fact: MediaFact): void {
    this.facts.push(fact);
  }

  onEnded(verdict: Verdict): void {
    this.verdict = verdict;
    this.line.close();
  }

  /** Speaks a tone in slices of `sliceMs`, in real time. */
  async speakTone(tone: number, ms: number, sliceMs = 20, stream = 0): Promise<void> {
    const bytes = tonePcm(tone, ms, this.rateHz);
    const sliceBytes = (this.rateHz / 1000) * sliceMs * 2;
    for (let start = 0; start < bytes.length; start += sliceBytes) {
      this.line.streams[stream]?.push(bytes.subarray(start, start + sliceBytes));
      await this.#scenario.clock.advanceMs(sliceMs);
    }
  }

  tonesHeard(): readonly number[] {
    return tonesIn(Int16Array.from(this.heard), this.rateHz);
  }

  #plan(): PcmStreamPlan {
    const onAudio = (samples: Int16Array, count: number, isSpeech: boolean): void => {
      this.heard.push(...samples.subarray(0, count));
      this.speech.push(isSpeech);
    };
    const { rateHz } = this;
    return {
      label: "caller",
      inputRateHz: rateHz,
      bufferMs: 1000,
      pace: "live",
      output: { rateHz, onAudio },
    };
  }
}

/** A tone as s16le. */
export function tonePcm(tone: number, ms: number, rateHz: number): Uint8Array {
  const samples = new Int16Array((rateHz / 1000) * ms);
  fillSine(samples, rateHz, toneHz(tone), 8000, 0);
  return new Uint8Array(samples.buffer);
}
