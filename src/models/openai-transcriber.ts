/** One transcription session of OpenAI over its Realtime service: open once its settings hold, and lost at most once. */
import { after, type Timer } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { type ConnectionSettings, ModelConnection } from "./model-connection.ts";
import { ModelExpiry } from "./model-expiry.ts";
import { ModelUplink } from "./model-uplink.ts";
import { APPEND_ENVELOPE } from "./openai-audio.ts";
import { parseServerEvent } from "./openai-events.ts";
import {
  classifyClosure,
  classifyError,
  classifyRefusal,
  nameOf,
  settingsRefused,
} from "./openai-failures.ts";
import type { ServerError, ServerEvent } from "./openai-server-event.ts";
import {
  audioCommit,
  type TranscriptionSettings,
  transcriptionUpdate,
} from "./openai-transcription-wire.ts";
import { OpenAiUtterances } from "./openai-utterances.ts";
import { bytesPerMs } from "./openai-wire.ts";
import type { Transcriber, TranscriberListener } from "./transcriber.ts";

/** What a session needs. */
export interface OpenAiTranscriberOptions extends ConnectionSettings {
  readonly logger: Logger;
  readonly settings: TranscriptionSettings;
  readonly listener: TranscriberListener;
}

/** Connects when it is made. */
export class OpenAiTranscriber implements Transcriber {
  readonly #options: OpenAiTranscriberOptions;
  readonly #connection: ModelConnection;
  readonly #uplink = new ModelUplink(APPEND_ENVELOPE);
  readonly #utterances: OpenAiUtterances;
  readonly #expiry: ModelExpiry;
  #sentMs = 0;
  /** No more audio comes; the session is over when all of it was written down. */
  #ending: Timer | undefined;

  constructor(options: OpenAiTranscriberOptions) {
    const { clock, listener } = options;
    this.#options = options;
    this.#utterances = new OpenAiUtterances(
      clock,
      () => this.#sentMs,
      (utterance) => listener.onUtterance(utterance),
    );
    this.#expiry = new ModelExpiry(clock, (remainingMs) => listener.onExpiring(remainingMs));
    this.#connection = new ModelConnection({
      ...options,
      isEventDue: () => false,
      classifyRefusal,
      classifyClosure,
      onOpen: () => undefined,
      onMessage: (data, isBinary) => this.#onMessage(data, isBinary),
      onOver: () => this.#onOver(),
      onFailed: (failure) => listener.onFailed(failure),
    });
    this.#connection.start();
  }

  get bufferedBytes(): number {
    return this.#connection.socket?.bufferedBytes ?? 0;
  }

  send(bytes: Buffer): void {
    this.#sentMs += bytes.length / bytesPerMs(this.#options.settings.format);
    this.#uplink.push(bytes);
  }

  end(): void {
    if (this.#utterances.speaking) {
      this.#connection.send(audioCommit("end"));
    }
    this.#ending = after(this.#options.clock, 0, () => this.#endIfDone());
  }

  abort(): void {
    this.#connection.close();
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const event: ServerEvent = isBinary
      ? { kind: "malformed" }
      : parseServerEvent(data.toString("utf8"));
    switch (event.kind) {
      case "sessionCreated":
      case "sessionUpdated":
        this.#onSession(event);
        break;
      case "error":
        this.#onError(event.error);
        break;
      case "callerTextDone":
        this.#utterances.onEvent(event);
        if (event.usage !== undefined) {
          this.#options.listener.onUsage(event.usage);
        }
        break;
      default:
        this.#utterances.onEvent(event);
    }
    if (this.#ending !== undefined) {
      this.#endIfDone();
    }
  }

  /** The settings wait for `session.created`, and audio for `session.updated`. */
  #onSession({ kind, expiresAtS }: Extract<ServerEvent, { expiresAtS: unknown }>): void {
    if (expiresAtS !== undefined) {
      this.#expiry.set(expiresAtS);
    }
    if (this.#connection.state !== "connecting") {
      return;
    }
    if (kind === "sessionCreated") {
      this.#connection.sendNow(transcriptionUpdate("settings", this.#options.settings));
    } else {
      this.#connection.ready();
      this.#uplink.start(this.#connection.socket);
      this.#options.listener.onOpen();
    }
  }

  /** Most errors are about one message; those of the account or the settings end the session. */
  #onError(error: ServerError): void {
    const isNew = this.#connection.state === "connecting";
    const failure = isNew ? settingsRefused(error) : classifyError(error);
    if (failure === undefined) {
      this.#options.logger.debug("error of the transcription survived", { name: nameOf(error) });
    } else {
      this.#connection.fail(failure);
    }
  }

  #endIfDone(): void {
    if (!this.#utterances.pending) {
      this.#connection.fail({ code: "MODEL_LOST", reason: "the session was ended" });
    }
  }

  #onOver(): void {
    this.#ending?.cancel();
    this.#expiry.stop();
    this.#uplink.stop();
    this.#utterances.stop();
  }
}
