/** Amazon Transcribe as the ears of recording sessions: plain, or with what Call Analytics makes of the conversation. */
import type { Clock } from "../core/clock.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type {
  AudioFormat,
  ModelCapabilities,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
  RealtimeModel,
} from "../ports/realtime-model.ts";
import { ChannelMixer } from "./channel-mixer.ts";
import { ListeningSeat } from "./listening-seat.ts";
import { ListeningTable } from "./listening-table.ts";
import { TranscribeConnection } from "./transcribe-connection.ts";
import type { TranscribeStreamFactory } from "./transcribe-stream.ts";
import type { TranscriberFactory } from "./transcriber.ts";

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** The service ends a stream after 4 hours. */
const MAX_SESSION_MS = 4 * 60 * 60_000;
const FORMATS: readonly AudioFormat[] = [{ encoding: "pcm16", rateHz: 8000 }];

/** What transcriptions can be told; the service knows no more of a call. */
const CAPABILITIES: ModelCapabilities = {
  formats: FORMATS,
  serverTurns: false,
  nativeDuplex: true,
  arbitrated: false,
  truncation: false,
  transcripts: true,
  tools: false,
  speaksText: false,
  history: false,
  usage: false,
  continuousAudio: true,
  // Streams are renewed behind the engine's back: two legs may share one.
  maxSessionMs: undefined,
  listensOnly: true,
};

/** How the service is reached, and how it listens. */
export interface TranscribeModelOptions {
  readonly name: string;
  readonly region: string;
  /** For the description; `undefined`: the service of the region. */
  readonly endpoint?: string | undefined;
  /** For the description. */
  readonly languages: readonly string[];
  /** Call Analytics in place of plain transcription. */
  readonly analytics: boolean;
  /** `joined`: two streams of a call are the channels of one. */
  readonly channels: "joined" | "separate";
  /** For stand-ins with a shorter limit than the service. */
  readonly maxSessionMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly openStream: TranscribeStreamFactory;
}

/** Opens a transcription for each call, or for each stream. */
export class TranscribeModel implements RealtimeModel {
  readonly name: string;
  readonly capabilities = CAPABILITIES;
  readonly #options: TranscribeModelOptions;
  /** Those that still have a place, by call. */
  readonly #gathering = new Map<CallId, ListeningTable>();

  constructor(options: TranscribeModelOptions) {
    this.name = options.name;
    this.#options = options;
  }

  open({ callId, format, heard }: ModelSessionOptions, sink: ModelSink): ModelSession {
    const streams = heard?.streams ?? 1;
    const table = this.#tableFor(callId, streams, heard === undefined);
    const seat = new ListeningSeat({ table, role: heard?.role ?? "unknown", sink, format });
    seat.start();
    if (!table.hasPlace) {
      this.#forget(callId, table);
    }
    return seat;
  }

  describe(): string {
    const { analytics, channels, endpoint, languages, region } = this.#options;
    const where = endpoint === undefined ? region : `${region} at ${new URL(endpoint).host}`;
    const what = analytics ? "Transcribe Call Analytics" : "Transcribe";
    return `${this.name}: Amazon ${what} in ${where}, ${languages.join(" or ")}, channels ${channels}`;
  }

  /** A session of no recording, such as a probe, waits for nobody. */
  #tableFor(callId: CallId, streams: number, isAlone: boolean): ListeningTable {
    const known = this.#gathering.get(callId);
    if (known?.hasPlace === true) {
      return known;
    }
    const { analytics, channels, clock, logger, maxSessionMs, random } = this.#options;
    const isShared = channels === "joined" && streams > 1;
    const table: ListeningTable = new ListeningTable({
      clock,
      random,
      logger: logger.child({ callId, model: this.name }),
      places: isShared ? 2 : 1,
      needsRoles: analytics,
      waitsForRoles: analytics && !isAlone,
      maxSessionMs: maxSessionMs ?? MAX_SESSION_MS,
      createSource: (open, originUs) => new ChannelMixer(open, originUs),
      connect: (count) => this.#connector(count),
      onOver: () => this.#forget(callId, table),
    });
    if (isShared) {
      this.#gathering.set(callId, table);
    }
    return table;
  }

  #connector(channels: 1 | 2): TranscriberFactory {
    const { analytics, clock, connectTimeoutMs, logger, openStream, random } = this.#options;
    const request = {
      channels,
      roles: analytics ? (["customer", "agent"] as const) : undefined,
      sessionId: random.uuid(),
    };
    return (listener) =>
      new TranscribeConnection({
        clock,
        openStream,
        request,
        connectTimeoutMs: connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
        listener,
        onMalformed: () => logger.debug("an event of the transcription could not be read"),
      });
  }

  #forget(callId: CallId, table: ListeningTable): void {
    if (this.#gathering.get(callId) === table) {
      this.#gathering.delete(callId);
    }
  }
}
