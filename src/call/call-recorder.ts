/** The recording of one call: begins when there is consent, follows its legs, pauses and stops, and ends with it. */
import { type Clock, sleep } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { LegId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { RecordAction } from "../ports/call-directory.ts";
import type { CallRecord, ConsentNote } from "../ports/call-store.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { MediaHost } from "../ports/media-host.ts";
import type { Recording, RecordingChannel, RecordingStore } from "../ports/recording-store.ts";
import type { CallRecordBuilder } from "./call-record.ts";
import type { RecordingPolicy } from "./recording-policy.ts";

/** What a recorder works with. */
export interface CallRecorderOptions {
  readonly store: RecordingStore;
  readonly policy: RecordingPolicy;
  readonly host: MediaHost;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly record: CallRecordBuilder;
}

/** Where the audio of a leg goes; a side that is absent goes nowhere. */
export interface RecordedLeg {
  readonly legId: LegId;
  readonly heard?: RecordingChannel | undefined;
  readonly said?: RecordingChannel | undefined;
}

/** A record does not wait longer for the end of a file. */
const FINISH_MS = 3000;

/** Nothing is kept before `begin`, nor without consent. */
export class CallRecorder {
  readonly #options: CallRecorderOptions;
  #legs: readonly RecordedLeg[] = [];
  #consent: ConsentNote;
  #begun = false;
  #ended = false;
  #recording: Recording | undefined;
  #clientPaused = false;
  #onTrouble: (ok: boolean) => void = () => undefined;

  constructor(options: CallRecorderOptions) {
    const { policy, record } = options;
    this.#options = options;
    const state = policy.consent === "required" ? "missing" : policy.consent;
    this.#consent = { state, by: "flow", atMs: undefined };
    record.setRecordedParts(() => this.parts);
  }

  /** What the call record says of it. */
  get parts(): Pick<CallRecord, "consent" | "recording"> {
    const recording = this.#recording?.summary;
    return { consent: this.#consent, ...(recording === undefined ? {} : { recording }) };
  }

  /** Told when audio cannot be written, and when it can again. */
  set onTrouble(onTrouble: (ok: boolean) => void) {
    this.#onTrouble = onTrouble;
  }

  /** The call is answered. */
  begin(): void {
    this.#begun = true;
    this.#openIfAllowed();
  }

  /** All legs that are recorded from now on. */
  follow(legs: readonly RecordedLeg[]): void {
    const before = new Map(this.#legs.map((leg) => [leg.legId, leg]));
    this.#legs = legs;
    for (const leg of legs) {
      const was = before.get(leg.legId);
      if (was === undefined || was.heard !== leg.heard || was.said !== leg.said) {
        this.#attach(leg);
      }
    }
  }

  onFact(fact: MediaFact): void {
    if (fact.kind === "digitReceived" && fact.digit === this.#options.policy.consentKey) {
      this.agree("caller");
    }
  }

  /** Somebody agreed; only where that was missing does it change anything. */
  agree(by: ConsentNote["by"]): void {
    if (this.#consent.state === "missing") {
      this.#consent = { state: "given", by, atMs: this.#options.clock.wallMs() };
      this.#openIfAllowed();
    }
  }

  /** The recording client keeps its people from being recorded for now. */
  set clientPaused(paused: boolean) {
    this.#clientPaused = paused;
    if (paused) {
      this.#recording?.pause("client");
    } else {
      this.#recording?.resume("client");
    }
  }

  /** Throws RECORDING_NOT_ACTIVE. */
  operate(action: RecordAction): void {
    if (action === "consent" && this.#consent.state === "missing") {
      this.agree("operator");
    } else if (action === "stop" && this.#consent.state === "missing") {
      this.#consent = { state: "refused", by: "operator", atMs: this.#options.clock.wallMs() };
    } else {
      this.#control(action);
    }
  }

  /** Never rejects; a file that takes longer is told of as it is. */
  async finish(): Promise<Pick<CallRecord, "consent" | "recording">> {
    this.#ended = true;
    const recording = this.#recording;
    if (recording !== undefined) {
      const limit = new AbortController();
      const patience = sleep(this.#options.clock, FINISH_MS, limit.signal).catch(() => undefined);
      await Promise.race([recording.finish().finally(() => limit.abort()), patience]);
    }
    return this.parts;
  }

  #control(action: RecordAction): void {
    const recording = this.#recording;
    const { state } = recording?.summary ?? { state: "finished" };
    if (recording === undefined || (state !== "recording" && state !== "paused")) {
      throw new GatewayError("RECORDING_NOT_ACTIVE", { reason: this.#whyNot() });
    }
    if (action === "pause") {
      recording.pause("operator");
    } else if (action === "resume") {
      recording.resume("operator");
    } else if (action === "stop") {
      void recording.finish();
    } else {
      throw new GatewayError("RECORDING_NOT_ACTIVE", { reason: "nobody needs to consent" });
    }
  }

  #whyNot(): string {
    if (this.#consent.state === "missing") {
      return "consent is missing";
    }
    return this.#consent.state === "refused" ? "consent was refused" : "it was stopped";
  }

  #openIfAllowed(): void {
    const { state } = this.#consent;
    const isAllowed = state !== "missing" && state !== "refused";
    if (!this.#begun || this.#ended || !isAllowed || this.#recording !== undefined) {
      return;
    }
    const { store, record, logger } = this.#options;
    const { callId, flow, mode } = record.origin;
    this.#recording = store.open(
      {
        recordingId: callId,
        callId,
        flow,
        channels:
          mode === "assist"
            ? { left: "customer", right: "agent" }
            : { left: "caller", right: "model" },
      },
      { onTrouble: (ok) => this.#onTrouble(ok) },
    );
    logger.info("recording begins", { consent: state });
    if (this.#clientPaused) {
      this.#recording.pause("client");
    }
    for (const leg of this.#legs) {
      this.#attach(leg);
    }
  }

  #attach({ legId, heard, said }: RecordedLeg): void {
    if (this.#recording === undefined) {
      return;
    }
    const { host, record, logger } = this.#options;
    const { callId } = record.origin;
    host
      .execute({ kind: "record", callId, legId, recordingId: callId, heard, said })
      .catch((error: unknown) => logger.debug("a leg ended before it was recorded", { error }));
  }
}
