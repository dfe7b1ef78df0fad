/** One session with the Realtime service: becomes ready once its settings hold, and fails at most once. */
import type { Logger } from "../core/logger.ts";
import type { ModelSession, ModelSessionOptions, ModelSink } from "../ports/realtime-model.ts";
import { GatedSink } from "./gated-sink.ts";
import { historyTail } from "./history-tail.ts";
import { type ConnectionSettings, ModelConnection } from "./model-connection.ts";
import { ModelExpiry } from "./model-expiry.ts";
import { ModelUplink } from "./model-uplink.ts";
import { APPEND_ENVELOPE, AudioDeltaReader } from "./openai-audio.ts";
import { OpenAiConversation } from "./openai-conversation.ts";
import { parseServerEvent } from "./openai-events.ts";
import { classifyClosure, classifyRefusal, settingsRefused } from "./openai-failures.ts";
import type { ServerEvent } from "./openai-server-event.ts";
import { type SessionSettings, sessionUpdate } from "./openai-wire.ts";

/** A third of the 32,000 tokens that a session remembers. */
const HISTORY_LIMITS = { entries: 200, characters: 40_000 };

/** What a session needs. */
export interface OpenAiSessionOptions extends ConnectionSettings {
  readonly logger: Logger;
  readonly session: ModelSessionOptions;
  readonly settings: Omit<SessionSettings, "instructions" | "format" | "tools">;
}

/** Speaks the protocol; `start` connects. */
export class OpenAiSession implements ModelSession {
  readonly resumption = undefined;
  readonly #options: OpenAiSessionOptions;
  readonly #sink: GatedSink;
  readonly #connection: ModelConnection;
  readonly #conversation: OpenAiConversation;
  readonly #uplink = new ModelUplink(APPEND_ENVELOPE);
  readonly #reader = new AudioDeltaReader();
  readonly #expiry: ModelExpiry;

  constructor(options: OpenAiSessionOptions, sink: ModelSink) {
    const { clock } = options;
    this.#options = options;
    this.#sink = new GatedSink(sink);
    this.#expiry = new ModelExpiry(clock, (remainingMs) => this.#sink.onExpiring(remainingMs));
    this.#connection = new ModelConnection({
      ...options,
      isEventDue: () => this.#conversation.isEventDue,
      classifyRefusal,
      classifyClosure,
      onOpen: () => undefined,
      onMessage: (data, isBinary) => this.#onMessage(data, isBinary),
      onOver: () => this.#onOver(),
      onFailed: (failure) => this.#sink.onFailed(failure),
    });
    this.#conversation = new OpenAiConversation({
      clock,
      logger: options.logger,
      format: options.session.format,
      sink: this.#sink,
      send: (text) => this.#connection.send(text),
      onFailed: (failure) => this.#connection.fail(failure),
    });
  }

  /** Connects; the outcome goes to the sink, later. */
  start(): void {
    this.#connection.start();
  }

  pushAudio(bytes: Uint8Array): void {
    this.#uplink.push(bytes);
  }

  pushDigit(digit: string): void {
    if (this.#connection.alive) {
      this.#conversation.pushDigit(digit);
    }
  }

  interrupt(itemId: string, playedMs: number): void {
    if (this.#connection.alive) {
      this.#conversation.interrupt(itemId, playedMs);
    }
  }

  dismissSpeech(): void {
    if (this.#connection.alive) {
      this.#conversation.dismissSpeech();
    }
  }

  played(itemId: string): void {
    this.#conversation.played(itemId);
  }

  toolResult(toolCallId: string, outputJson: string): void {
    if (this.#connection.alive) {
      this.#conversation.toolResult(toolCallId, outputJson);
    }
  }

  say(text: string): void {
    if (this.#connection.alive) {
      this.#conversation.say(text);
    }
  }

  close(): void {
    this.#sink.shut();
    this.#connection.close();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { failure, socket, state } = this.#connection;
    return {
      state,
      format: this.#options.session.format,
      failure,
      ...this.#uplink.toJSON(),
      bufferedBytes: socket?.bufferedBytes,
      ...this.#conversation.toJSON(),
    };
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.#conversation.onEvent({ kind: "malformed" });
      return;
    }
    const audio = this.#reader.read(data);
    if (audio !== undefined) {
      this.#conversation.onAudio(audio, this.#reader.itemId);
      return;
    }
    const event = parseServerEvent(data.toString("utf8"));
    if (event.kind === "sessionCreated" || event.kind === "sessionUpdated") {
      this.#onSession(event);
    } else if (event.kind === "error" && this.#connection.state === "connecting") {
      this.#connection.fail(settingsRefused(event.error));
    } else {
      this.#conversation.onEvent(event);
    }
  }

  /** The settings wait for `session.created`, and all else for `session.updated`. */
  #onSession(event: Extract<ServerEvent, { kind: "sessionCreated" | "sessionUpdated" }>): void {
    if (event.expiresAtS !== undefined) {
      this.#expiry.set(event.expiresAtS);
    }
    if (this.#connection.state !== "connecting") {
      return;
    }
    if (event.kind === "sessionCreated") {
      const { instructions, format, tools } = this.#options.session;
      const settings = { ...this.#options.settings, instructions, format, tools };
      this.#connection.sendNow(sessionUpdate("settings", settings));
    } else {
      this.#onReady();
    }
  }

  #onReady(): void {
    const { greeting, history = [] } = this.#options.session;
    this.#connection.ready();
    this.#uplink.start(this.#connection.socket);
    this.#conversation.remember(historyTail(history, HISTORY_LIMITS));
    this.#connection.sendEarly();
    if (greeting !== undefined && history.length === 0) {
      this.#conversation.say(greeting);
    }
    this.#sink.onReady();
    this.#conversation.start();
  }

  #onOver(): void {
    this.#expiry.stop();
    this.#uplink.stop();
    this.#conversation.stop();
  }
}
