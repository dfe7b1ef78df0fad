/** The realtime speech model of OpenAI, and of services that speak its protocol. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type {
  ModelCapabilities,
  ModelPrices,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
  RealtimeModel,
} from "../ports/realtime-model.ts";
import { createSocketFactory, type ModelSocketFactory } from "./model-socket.ts";
import { OpenAiSession } from "./openai-session.ts";
import { OPENAI_FORMATS, type Transcription, type TurnDetection } from "./openai-wire.ts";

const DEFAULT_URL = "wss://api.openai.com/v1/realtime";
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** The service ends a session after 60 minutes. */
const MAX_SESSION_MS = 60 * 60_000;
/** Longer messages end the session; audio comes in pieces far smaller. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** How the model is reached, and how it behaves where a flow says nothing. */
export interface OpenAiModelOptions {
  readonly name: string;
  /** `ws:` or `wss:`; the model's name is added as a query parameter. */
  readonly url?: string | undefined;
  readonly model: string;
  /** Sent with the request of a session, and nowhere else. */
  readonly apiKey: string;
  /** `api-key`: the key goes into a header of this name; default: it is a bearer token. */
  readonly keyHeader?: "authorization" | "api-key" | undefined;
  /** For flows that name no voice; `undefined`: the service's own choice. */
  readonly voice?: string | undefined;
  /** `undefined`: nobody writes down what the caller says. */
  readonly transcription?: Transcription | undefined;
  readonly turnDetection?: TurnDetection | undefined;
  readonly noiseReduction?: "near_field" | "far_field" | undefined;
  /** Sessions are renewed after this; at most the service's own limit, which is the default. */
  readonly maxSessionMs?: number | undefined;
  readonly prices?: ModelPrices | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** From `open` to a session that takes audio. */
  readonly connectTimeoutMs?: number | undefined;
  /** Opens the sockets; `undefined`: real ones. */
  readonly openSocket?: ModelSocketFactory | undefined;
}

/** Opens sessions; holds no connection itself. */
export class OpenAiModel implements RealtimeModel {
  readonly name: string;
  readonly capabilities: ModelCapabilities;
  readonly prices: ModelPrices | undefined;
  readonly #options: OpenAiModelOptions;
  readonly #openSocket: ModelSocketFactory;

  constructor(options: OpenAiModelOptions) {
    this.name = options.name;
    this.prices = options.prices;
    this.#options = options;
    this.#openSocket = options.openSocket ?? createSocketFactory(options.random);
    this.capabilities = {
      formats: OPENAI_FORMATS,
      serverTurns: true,
      nativeDuplex: false,
      arbitrated: true,
      truncation: true,
      transcripts: true,
      tools: true,
      speaksText: true,
      history: true,
      usage: true,
      continuousAudio: false,
      maxSessionMs: Math.min(options.maxSessionMs ?? MAX_SESSION_MS, MAX_SESSION_MS),
    };
  }

  open(options: ModelSessionOptions, sink: ModelSink): ModelSession {
    const { clock, logger, noiseReduction, transcription, turnDetection, voice } = this.#options;
    const session = new OpenAiSession(
      {
        clock,
        logger: logger.child({ callId: options.callId, model: this.name }),
        openSocket: this.#openSocket,
        request: () => ({
          url: this.#sessionUrl(),
          headers: this.#keyHeaders(),
          maxMessageBytes: MAX_MESSAGE_BYTES,
        }),
        connectTimeoutMs: this.#options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
        session: options,
        settings: {
          voice: options.voice ?? voice,
          transcription,
          noiseReduction,
          turnDetection: turnDetection ?? { type: "server_vad" },
        },
      },
      sink,
    );
    session.start();
    return session;
  }

  describe(): string {
    return `${this.name}: ${this.#options.model} at ${this.#host()}, G.711 as it comes or PCM16 at 24 kHz`;
  }

  #keyHeaders(): Readonly<Record<string, string>> {
    const { apiKey, keyHeader } = this.#options;
    return keyHeader === "api-key" ? { "api-key": apiKey } : { Authorization: `Bearer ${apiKey}` };
  }

  #sessionUrl(): string {
    const url = new URL(this.#options.url ?? DEFAULT_URL);
    url.searchParams.set("model", this.#options.model);
    return url.href;
  }

  /** Without user part, path and query, which may hold secrets. */
  #host(): string {
    const url = this.#options.url ?? DEFAULT_URL;
    return URL.canParse(url) ? new URL(url).host : "an invalid URL";
  }
}
