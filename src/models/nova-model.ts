/** Amazon Nova Sonic, v1 and v2, over Bedrock's bidirectional stream. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type {
  ModelCapabilities,
  ModelPrices,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
  RealtimeModel,
} from "../ports/realtime-model.ts";
import { NovaSession } from "./nova-session.ts";
import type { NovaStreamFactory } from "./nova-stream.ts";
import {
  type EndpointingSensitivity,
  NOVA_FORMATS,
  type NovaGeneration,
  type NovaSettings,
} from "./nova-wire.ts";

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** The service ends a connection after 8 minutes. */
const MAX_SESSION_MS = 8 * 60_000;

/** How the model is reached, and how it behaves where a flow says nothing. */
export interface NovaModelOptions {
  readonly name: string;
  readonly region: string;
  /** For the description; `undefined`: the service of the region. */
  readonly endpoint?: string | undefined;
  /** Bedrock's name of the model. */
  readonly model: string;
  /** For flows that name no voice. */
  readonly voice?: string | undefined;
  /** v2 only. */
  readonly endpointingSensitivity?: EndpointingSensitivity | undefined;
  /** Of one answer. */
  readonly maxTokens?: number | undefined;
  readonly topP?: number | undefined;
  readonly temperature?: number | undefined;
  /** For stand-ins with a shorter limit than the service. */
  readonly maxSessionMs?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From `open` to a session that takes audio. */
  readonly connectTimeoutMs?: number | undefined;
  readonly openStream: NovaStreamFactory;
  readonly prices?: ModelPrices | undefined;
}

/** By the id of the model; what is not known to be v1 is taken for v2 or later. */
export function novaGeneration(model: string): NovaGeneration {
  return /nova-sonic-v1\b/.test(model) ? "v1" : "v2";
}

/** Opens sessions, each on a connection of its own. */
export class NovaModel implements RealtimeModel {
  readonly name: string;
  readonly capabilities: ModelCapabilities;
  readonly prices: ModelPrices | undefined;
  readonly #options: NovaModelOptions;
  readonly #generation: NovaGeneration;

  constructor(options: NovaModelOptions) {
    this.name = options.name;
    this.#options = options;
    this.#generation = novaGeneration(options.model);
    this.prices = options.prices;
    this.capabilities = {
      formats: NOVA_FORMATS,
      serverTurns: true,
      nativeDuplex: false,
      arbitrated: false,
      truncation: false,
      transcripts: true,
      tools: true,
      speaksText: this.#generation === "v2",
      history: true,
      usage: true,
      continuousAudio: true,
      maxSessionMs: options.maxSessionMs ?? MAX_SESSION_MS,
    };
  }

  open(options: ModelSessionOptions, sink: ModelSink): ModelSession {
    const { clock, logger, openStream } = this.#options;
    const session = new NovaSession(
      {
        clock,
        logger: logger.child({ callId: options.callId, model: this.name }),
        openStream,
        connectTimeoutMs: this.#options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
        generation: this.#generation,
        session: options,
        settings: this.#settingsOf(options),
      },
      sink,
    );
    session.start();
    return session;
  }

  describe(): string {
    const { endpoint, model, region } = this.#options;
    const where = endpoint === undefined ? region : `${region} at ${new URL(endpoint).host}`;
    return `${this.name}: ${model} in ${where}, PCM16 at 8 kHz`;
  }

  /** The service wants all of them; what is not configured is as in its samples. */
  #settingsOf({ voice }: ModelSessionOptions): NovaSettings {
    const { maxTokens, topP, temperature, endpointingSensitivity } = this.#options;
    return {
      voice: voice ?? this.#options.voice ?? "tiffany",
      endpointingSensitivity,
      maxTokens: maxTokens ?? 1024,
      topP: topP ?? 0.9,
      temperature: temperature ?? 0.7,
    };
  }
}
