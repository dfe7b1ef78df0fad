/** The audio engine on this thread. */
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { LocalVoice } from "../ports/local-voice.ts";
import type { MediaAnchor } from "../ports/media-anchor.ts";
import type { LegStats, MediaFact } from "../ports/media-facts.ts";
import type {
  LegAddress,
  MediaCommand,
  MediaHost,
  MediaHostDelegate,
  MediaResult,
} from "../ports/media-host.ts";
import type { RealtimeModel } from "../ports/realtime-model.ts";
import type { RecordingInputs } from "../ports/recording-store.ts";
import { BlockPool } from "./byte-fifo.ts";
import type { HostContext } from "./host-context.ts";
import { HostTotals } from "./host-totals.ts";
import { MediaClock } from "./media-clock.ts";
import { MediaSession } from "./media-session.ts";

/** What the engine needs. It closes the anchors when it closes. */
export interface InlineHostOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly anchors: MediaAnchor;
  /** By configured name. */
  readonly models: ReadonlyMap<string, RealtimeModel>;
  /** The machine's own voice. */
  readonly voice?: LocalVoice | undefined;
  /** Where legs are recorded; absent: nowhere. */
  readonly recordings?: RecordingInputs | undefined;
  /** A leg without RTP for so long is reported. */
  readonly mediaTimeoutMs?: number | undefined;
  /** Audio per message to a model, 20 … 100. */
  readonly uplinkBatchMs?: number | undefined;
}

/** {@link MediaHost} without threads. */
export class InlineHost implements MediaHost {
  readonly #context: HostContext;
  readonly #sessions = new Map<CallId, MediaSession>();
  #delegate: MediaHostDelegate | undefined;
  #closing: Promise<void> | undefined;
  #delegateFailures = 0;

  constructor(options: InlineHostOptions) {
    const { clock, logger } = options;
    this.#context = {
      ...options,
      voice: options.voice,
      recordings: options.recordings,
      mediaTimeoutMs: options.mediaTimeoutMs,
      uplinkBatchMs: options.uplinkBatchMs,
      mediaClock: new MediaClock({
        clock,
        onTickError: (error) => logger.error("a leg failed in its tick and is silent", { error }),
      }),
      pool: new BlockPool(),
      totals: new HostTotals(),
      report: (fact) => this.#report(fact),
    };
  }

  setDelegate(delegate: MediaHostDelegate): void {
    this.#delegate = delegate;
  }

  execute<C extends MediaCommand>(command: C): Promise<MediaResult<C>> {
    return this.#execute(command) as Promise<MediaResult<C>>;
  }

  dump(callId: CallId): Readonly<Record<string, unknown>> | undefined {
    return this.#sessions.get(callId)?.toJSON();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      calls: this.#sessions.size,
      ...this.#context.totals.sum(this.#stats()),
      srtpRefused: this.#context.totals.srtpRefused,
      delegateFailures: this.#delegateFailures,
      clock: this.#context.mediaClock.toJSON(),
      memory: this.#context.pool.toJSON(),
      anchors: this.#context.anchors.toJSON(),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #release(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
    await this.#context.anchors.close();
  }

  #execute(command: MediaCommand): Promise<LegAddress | undefined> {
    const session = this.#sessions.get(command.callId);
    if (command.kind === "closeLeg") {
      return session?.closeLeg(command.legId).then(() => undefined) ?? Promise.resolve(undefined);
    }
    if (command.kind === "openLeg" && this.#closing === undefined) {
      return (session ?? this.#openSession(command.callId)).openLeg(command.legId, command.peer);
    }
    if (session === undefined || command.kind === "openLeg") {
      return Promise.reject(new GatewayError("MEDIA_LEG_UNKNOWN", { legId: command.legId }));
    }
    return session.execute(command).then(() => undefined);
  }

  #openSession(callId: CallId): MediaSession {
    const session = new MediaSession(callId, this.#context, () => {
      if (this.#sessions.get(callId) === session) {
        this.#sessions.delete(callId);
      }
    });
    this.#sessions.set(callId, session);
    return session;
  }

  *#stats(): Iterable<LegStats> {
    for (const session of this.#sessions.values()) {
      yield* session.stats();
    }
  }

  /** The delegate must not throw; if it does, audio goes on. */
  #report(fact: MediaFact): void {
    try {
      this.#delegate?.onFact(fact);
    } catch (error) {
      this.#delegateFailures += 1;
      this.#context.logger.error("the media delegate threw", { factKind: fact.kind, error });
    }
  }
}
