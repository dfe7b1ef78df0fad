/** Transcription by OpenAI as the ears of recording sessions: one session for each stream, which never answers. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type {
  AudioFormat,
  ModelCapabilities,
  ModelPrices,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
  RealtimeModel,
} from "../ports/realtime-model.ts";
import { ListeningSeat } from "./listening-seat.ts";
import { ListeningTable } from "./listening-table.ts";
import { createSocketFactory, type ModelSocketFactory } from "./model-socket.ts";
import { OpenAiTranscriber } from "./openai-transcriber.ts";
import { transcriptionUrl } from "./openai-transcription-wire.ts";
import { OPENAI_FORMATS, type Transcription, type TurnDetection } from "./openai-wire.ts";
import { PlainFrames } from "./plain-frames.ts";

const DEFAULT_URL = "wss://api.openai.com/v1/realtime";
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** As for any session of the service: unverified for those that transcribe. */
const MAX_SESSION_MS = 60 * 60_000;
/** Only text comes. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

const CAPABILITIES: ModelCapabilities = {
  formats: OPENAI_FORMATS,
  serverTurns: true,
  nativeDuplex: true,
  arbitrated: false,
  truncation: false,
  transcripts: true,
  tools: false,
  speaksText: false,
  history: false,
  usage: true,
  continuousAudio: true,
  // Sessions are renewed behind the engine's back, with the audio that was not written down yet.
  maxSessionMs: undefined,
  listensOnly: true,
};

/** How the service is reached, and how it listens. */
export interface OpenAiTranscriptionOptions {
  readonly name: string;
  /** `ws:` or `wss:`. */
  readonly url?: string | undefined;
  /** Sent with the request of a session, and nowhere else. */
  readonly apiKey: string;
  readonly transcription: Transcription;
  readonly turnDetection: TurnDetection;
  readonly noiseReduction?: "near_field" | "far_field" | undefined;
  /** At most the service's own limit, which is the default. */
  readonly maxSessionMs?: number | undefined;
  readonly prices?: ModelPrices | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly connectTimeoutMs?: number | undefined;
  /** Opens the sockets; `undefined`: real ones. */
  readonly openSocket?: ModelSocketFactory | undefined;
}

/** Opens a transcription for each stream. */
export class OpenAiTranscriptionModel implements RealtimeModel {
  readonly name: string;
  readonly capabilities = CAPABILITIES;
  readonly prices: ModelPrices | undefined;
  readonly #options: OpenAiTranscriptionOptions;
  readonly #openSocket: ModelSocketFactory;

  constructor(options: OpenAiTranscriptionOptions) {
    this.name = options.name;
    this.prices = options.prices;
    this.#options = options;
    this.#openSocket = options.openSocket ?? createSocketFactory(options.random);
  }

  open({ callId, format, heard }: ModelSessionOptions, sink: ModelSink): ModelSession {
    const { clock, maxSessionMs, random } = this.#options;
    const logger = this.#options.logger.child({ callId, model: this.name });
    const table = new ListeningTable({
      clock,
      random,
      logger,
      places: 1,
      needsRoles: false,
      waitsForRoles: false,
      maxSessionMs: Math.min(maxSessionMs ?? MAX_SESSION_MS, MAX_SESSION_MS),
      createSource: (_open, originUs) => new PlainFrames(format, originUs),
      connect: () => (listener) =>
        new OpenAiTranscriber({ ...this.#sessionParts(format), logger, listener }),
      onOver: () => undefined,
    });
    const seat = new ListeningSeat({ table, role: heard?.role ?? "unknown", sink, format });
    seat.start();
    return seat;
  }

  describe(): string {
    const { transcription, url = DEFAULT_URL } = this.#options;
    const host = URL.canParse(url) ? new URL(url).host : "an invalid URL";
    return `${this.name}: ${transcription.model} at ${host}, transcription only, G.711 as it comes`;
  }

  #sessionParts(format: AudioFormat) {
    const { apiKey, clock, connectTimeoutMs, noiseReduction, transcription, turnDetection, url } =
      this.#options;
    return {
      clock,
      openSocket: this.#openSocket,
      request: () => ({
        url: transcriptionUrl(url ?? DEFAULT_URL),
        headers: { Authorization: `Bearer ${apiKey}` },
        maxMessageBytes: MAX_MESSAGE_BYTES,
      }),
      connectTimeoutMs: connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
      settings: { format, transcription, turnDetection, noiseReduction },
    };
  }
}
