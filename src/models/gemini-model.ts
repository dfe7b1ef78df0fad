/** Google's Gemini Live: hears 16 kHz, speaks 24 kHz, and decides by itself when the caller interrupts. */
import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type {
  ModelCapabilities,
  ModelPrices,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
  RealtimeModel,
} from "../ports/realtime-model.ts";
import { GeminiFailures } from "./gemini-failures.ts";
import { GeminiSession } from "./gemini-session.ts";
import { type ActivityDetection, GEMINI_HEARS, GEMINI_SPEAKS } from "./gemini-wire.ts";
import { createSocketFactory, type ModelSocketFactory } from "./model-socket.ts";

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** Longer messages end the session; those too long to be speech are skipped long before. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** How the model is reached, and how it behaves where a flow says nothing. */
export interface GeminiModelOptions {
  readonly name: string;
  /** `ws:` or `wss:`, with the path of BidiGenerateContent. */
  readonly url: string;
  readonly model: string;
  /** Sent in a header, as Google's own clients do; never part of the URL. */
  readonly apiKey: string;
  /** For flows that name no voice; `undefined`: the service's own choice. */
  readonly voice?: string | undefined;
  /** Whether the service writes down what is said. */
  readonly transcription: boolean;
  readonly activityDetection?: ActivityDetection | undefined;
  /** A connection lasts no longer. */
  readonly maxSessionMs: number;
  readonly prices?: ModelPrices | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** From `open` to a session that takes audio. */
  readonly connectTimeoutMs?: number | undefined;
  /** Opens the sockets; `undefined`: real ones. */
  readonly openSocket?: ModelSocketFactory | undefined;
}

/** Opens sessions; holds no connection itself. */
export class GeminiModel implements RealtimeModel {
  readonly name: string;
  readonly capabilities: ModelCapabilities;
  readonly prices: ModelPrices | undefined;
  readonly #options: GeminiModelOptions;
  readonly #openSocket: ModelSocketFactory;
  readonly #failures: GeminiFailures;

  constructor(options: GeminiModelOptions) {
    this.name = options.name;
    this.prices = options.prices;
    this.#options = options;
    this.#openSocket = options.openSocket ?? createSocketFactory(options.random);
    this.#failures = new GeminiFailures(options.name);
    this.capabilities = {
      formats: [GEMINI_HEARS],
      outputFormat: GEMINI_SPEAKS,
      // It finds the turns, but says only when one interrupted an answer.
      serverTurns: false,
      nativeDuplex: false,
      arbitrated: false,
      truncation: false,
      transcripts: options.transcription,
      tools: true,
      speaksText: true,
      history: true,
      usage: true,
      continuousAudio: false,
      maxSessionMs: options.maxSessionMs,
    };
  }

  open(options: ModelSessionOptions, sink: ModelSink): ModelSession {
    const { clock, url, apiKey, model, voice, transcription, activityDetection } = this.#options;
    const session = new GeminiSession(
      {
        clock,
        openSocket: this.#openSocket,
        request: () => ({
          url,
          headers: { "x-goog-api-key": apiKey },
          maxMessageBytes: MAX_MESSAGE_BYTES,
        }),
        failures: this.#failures,
        connectTimeoutMs: this.#options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
        session: options,
        settings: {
          model,
          voice: options.voice ?? voice,
          transcription,
          activityDetection: activityDetection ?? {},
        },
      },
      sink,
    );
    session.start();
    return session;
  }

  describe(): string {
    return `${this.name}: ${this.#options.model} at ${this.#host()}, hears PCM16 at 16 kHz and speaks it at 24 kHz`;
  }

  /** Without user part, path and query, which may hold secrets. */
  #host(): string {
    const { url } = this.#options;
    return URL.canParse(url) ? new URL(url).host : "an invalid URL";
  }
}
