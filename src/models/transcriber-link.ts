/** One connection of a transcription: which part of the call's timeline it was sent, and what it has understood of it so far. */
import type { ModelFailure, ModelUsage } from "../ports/realtime-model.ts";
import type {
  AudioFrame,
  HeardUtterance,
  Transcriber,
  TranscriberFactory,
  TranscriberListener,
} from "./transcriber.ts";

/** Gaps in what was sent that are remembered; they come only when audio had to be dropped. */
const MAX_SPANS = 64;
/** Utterances under way at a time; a service that ends none must not fill the memory. */
const MAX_OPEN = 32;

/** Hears of a connection in terms of the call. */
export interface TranscriberLinkDelegate {
  onOpen(link: TranscriberLink): void;
  /** Its times are milliseconds of the call, its id is unique in the call. */
  onUtterance(link: TranscriberLink, utterance: HeardUtterance): void;
  onCategory(name: string): void;
  onUsage(usage: ModelUsage): void;
  onExpiring(link: TranscriberLink, remainingMs: number): void;
  /** Once. */
  onFailed(link: TranscriberLink, failure: ModelFailure): void;
}

/** What it is made of. */
export interface TranscriberLinkOptions {
  /** Among the connections of the transcription, from 1. */
  readonly ordinal: number;
  readonly openedUs: number;
  readonly connect: TranscriberFactory;
  readonly delegate: TranscriberLinkDelegate;
}

/** Connects when it is made. */
export class TranscriberLink implements TranscriberListener {
  readonly openedUs: number;
  readonly #options: TranscriberLinkOptions;
  readonly #transcriber: Transcriber;
  /** Where a gapless part of what was sent begins: in the connection, and in the call. */
  readonly #spans: { readonly sentMs: number; readonly startMs: number }[] = [];
  readonly #open = new Map<string, HeardUtterance>();
  readonly #heardUntilMs = new Map<number, number>();
  #sentMs = 0;
  #nextMs: number | undefined;
  #state: "connecting" | "open" | "ended" | "over" = "connecting";

  constructor(options: TranscriberLinkOptions) {
    this.openedUs = options.openedUs;
    this.#options = options;
    this.#transcriber = options.connect(this);
  }

  get state(): "connecting" | "open" | "ended" | "over" {
    return this.#state;
  }

  get bufferedBytes(): number {
    return this.#transcriber.bufferedBytes;
  }

  /** Up to which time of the call each channel was understood; none where nothing was said. */
  get heardUntilMs(): ReadonlyMap<number, number> {
    return this.#heardUntilMs;
  }

  /** Milliseconds of the call up to which audio was sent. */
  get sentUntilMs(): number | undefined {
    return this.#nextMs;
  }

  /** @param bytes in place of the frame's own. */
  send(frame: AudioFrame, bytes: Buffer): void {
    if (frame.startMs !== this.#nextMs) {
      this.#spans.push({ sentMs: this.#sentMs, startMs: frame.startMs });
      if (this.#spans.length > MAX_SPANS) {
        this.#spans.splice(0, 1);
      }
    }
    this.#sentMs += frame.durationMs;
    this.#nextMs = frame.startMs + frame.durationMs;
    this.#transcriber.send(bytes);
  }

  /** The service may finish what it is at; what comes of it is still told. */
  end(): void {
    if (this.#state === "connecting" || this.#state === "open") {
      this.#state = "ended";
      this.#transcriber.end();
    }
  }

  /** Nothing is told any more; idempotent. */
  abort(): void {
    if (this.#state !== "over") {
      this.#state = "over";
      this.#transcriber.abort();
    }
  }

  /** What nobody will finish, made final as far as it was understood. */
  takeUnfinished(): readonly HeardUtterance[] {
    const unfinished = [...this.#open.values()].map((said) => ({ ...said, final: true }));
    this.#open.clear();
    return unfinished;
  }

  onOpen(): void {
    if (this.#state === "connecting") {
      this.#state = "open";
      this.#options.delegate.onOpen(this);
    }
  }

  onUtterance(heard: HeardUtterance): void {
    if (this.#state === "over") {
      return;
    }
    const { ordinal, delegate } = this.#options;
    const utterance = {
      ...heard,
      id: ordinal === 1 ? heard.id : `${ordinal}.${heard.id}`,
      startMs: this.#toCallMs(heard.startMs),
      endMs: this.#toCallMs(heard.endMs),
    };
    const { channel, id, final, endMs } = utterance;
    this.#heardUntilMs.set(channel, Math.max(endMs, this.#heardUntilMs.get(channel) ?? 0));
    if (final) {
      this.#open.delete(id);
    } else if (this.#open.has(id) || this.#open.size < MAX_OPEN) {
      this.#open.set(id, utterance);
    }
    delegate.onUtterance(this, utterance);
  }

  onCategory(name: string): void {
    if (this.#state !== "over") {
      this.#options.delegate.onCategory(name);
    }
  }

  onUsage(usage: ModelUsage): void {
    if (this.#state !== "over") {
      this.#options.delegate.onUsage(usage);
    }
  }

  onExpiring(remainingMs: number): void {
    if (this.#state === "open") {
      this.#options.delegate.onExpiring(this, remainingMs);
    }
  }

  onFailed(failure: ModelFailure): void {
    if (this.#state !== "over") {
      this.#state = "over";
      this.#options.delegate.onFailed(this, failure);
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { ordinal } = this.#options;
    return {
      connection: ordinal,
      state: this.#state,
      sentMs: this.#sentMs,
      bufferedBytes: this.bufferedBytes,
    };
  }

  #toCallMs(sentMs: number): number {
    const span = this.#spans.findLast((each) => each.sentMs <= sentMs) ?? this.#spans[0];
    return span === undefined ? sentMs : span.startMs + (sentMs - span.sentMs);
  }
}
