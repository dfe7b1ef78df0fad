/** GPT-Live of OpenAI: a model that hears while it speaks, and decides by itself whose turn it is. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type {
  ModelCapabilities,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
  RealtimeModel,
} from "../ports/realtime-model.ts";
import { LiveSession } from "./gpt-live-session.ts";
import { GPT_LIVE_FORMATS } from "./gpt-live-wire.ts";
import { createSocketFactory, type ModelSocketFactory } from "./model-socket.ts";

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** Longer messages end the session; audio comes in pieces far smaller. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** How the model is reached, and how it behaves where a flow says nothing. */
export interface LiveModelOptions {
  readonly name: string;
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly model: string;
  /** Sent as a bearer token with the request of a session, and nowhere else. */
  readonly apiKey: string;
  /** For flows that name no voice; `undefined`: the service's own choice. */
  readonly voice?: string | undefined;
  /** A model of the Responses API that calls the tools of flows; `undefined`: there are none. */
  readonly toolModel?: string | undefined;
  /** Sessions are renewed after this; `undefined`: when the service says so. */
  readonly maxSessionMs?: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** From `open` to a session that takes audio. */
  readonly connectTimeoutMs?: number | undefined;
  /** Opens the sockets; `undefined`: real ones. */
  readonly openSocket?: ModelSocketFactory | undefined;
}

/** Opens sessions; holds no connection itself. */
export class LiveModel implements RealtimeModel {
  readonly name: string;
  readonly capabilities: ModelCapabilities;
  readonly #options: LiveModelOptions;
  readonly #openSocket: ModelSocketFactory;

  constructor(options: LiveModelOptions) {
    this.name = options.name;
    this.#options = options;
    this.#openSocket = options.openSocket ?? createSocketFactory(options.random);
    this.capabilities = {
      formats: GPT_LIVE_FORMATS,
      serverTurns: false,
      nativeDuplex: true,
      arbitrated: false,
      truncation: false,
      transcripts: true,
      tools: options.toolModel !== undefined,
      // A text is told as what the model should say; its words are its own.
      speaksText: false,
      history: true,
      // The service counts seconds of audio, not tokens.
      usage: false,
      // Not verified: the session's time goes on with the audio it hears.
      continuousAudio: true,
      maxSessionMs: options.maxSessionMs,
    };
  }

  open(options: ModelSessionOptions, sink: ModelSink): ModelSession {
    const { apiKey, clock, connectTimeoutMs, logger, model, toolModel, url, voice } = this.#options;
    const session = new LiveSession(
      {
        clock,
        logger: logger.child({ callId: options.callId, model: this.name }),
        openSocket: this.#openSocket,
        request: () => ({
          url: new URL(url).href,
          headers: { Authorization: `Bearer ${apiKey}` },
          maxMessageBytes: MAX_MESSAGE_BYTES,
        }),
        connectTimeoutMs: connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
        session: options,
        model,
        voice: options.voice ?? voice,
        toolModel,
      },
      sink,
    );
    session.start();
    return session;
  }

  describe(): string {
    const { model, url } = this.#options;
    const host = URL.canParse(url) ? new URL(url).host : "an invalid URL";
    return `${this.name}: ${model} at ${host}, full duplex, G.711 as it comes or PCM16`;
  }
}
