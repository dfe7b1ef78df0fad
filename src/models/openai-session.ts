/** One session with the Realtime service: connects, becomes ready once its settings hold, and fails at most once. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type {
  ModelFailure,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
} from "../ports/realtime-model.ts";
import { GatedSink } from "./gated-sink.ts";
import { ModelLiveness } from "./model-liveness.ts";
import type {
  ModelSocket,
  ModelSocketFactory,
  ModelSocketListener,
  ModelSocketRequest,
  SocketClosure,
} from "./model-socket.ts";
import { ModelUplink } from "./model-uplink.ts";
import { APPEND_ENVELOPE, AudioDeltaReader } from "./openai-audio.ts";
import { OpenAiConversation } from "./openai-conversation.ts";
import { parseServerEvent, type ServerEvent } from "./openai-events.ts";
import { classifyClosure, classifyRefusal, settingsRefused } from "./openai-failures.ts";
import { type SessionSettings, sessionUpdate } from "./openai-wire.ts";

const MAX_EARLY_MESSAGES = 64;

/** What a session needs; `request.headers` hold the key. */
export interface OpenAiSessionOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly openSocket: ModelSocketFactory;
  readonly request: () => ModelSocketRequest;
  readonly connectTimeoutMs: number;
  readonly session: ModelSessionOptions;
  readonly settings: Pick<SessionSettings, "voice" | "transcriptionModel" | "turnDetection">;
}

/** Speaks the protocol; `start` connects. */
export class OpenAiSession implements ModelSession, ModelSocketListener {
  readonly resumption = undefined;
  readonly #options: OpenAiSessionOptions;
  readonly #sink: GatedSink;
  readonly #conversation: OpenAiConversation;
  readonly #uplink = new ModelUplink(APPEND_ENVELOPE);
  readonly #reader = new AudioDeltaReader();
  readonly #liveness: ModelLiveness;
  readonly #early: string[] = [];
  #state: "connecting" | "ready" | "failed" | "closed" = "connecting";
  #socket: ModelSocket | undefined;
  #connectTimer: Timer | undefined;
  #failure: ModelFailure | undefined;

  constructor(options: OpenAiSessionOptions, sink: ModelSink) {
    this.#options = options;
    this.#sink = new GatedSink(sink);
    this.#conversation = new OpenAiConversation({
      clock: options.clock,
      logger: options.logger,
      format: options.session.format,
      sink: this.#sink,
      send: (text) => this.#send(text),
      onFailed: (failure) => this.#fail(failure),
    });
    this.#liveness = new ModelLiveness({
      clock: options.clock,
      isEventDue: () => this.#conversation.isEventDue,
      ping: () => this.#socket?.ping(),
      onDead: (failure) => this.#fail(failure),
    });
  }

  /** Connects; the outcome goes to the sink, later. */
  start(): void {
    const { clock, connectTimeoutMs, openSocket, request } = this.#options;
    this.#connectTimer = after(clock, connectTimeoutMs, () => {
      const reason = `no session within ${connectTimeoutMs} ms`;
      this.#fail({ code: "MODEL_CONNECT_FAILED", reason });
    });
    try {
      this.#socket = openSocket(request(), this);
    } catch {
      const reason = "the configured URL or key cannot be used in a request";
      this.#connectTimer.cancel();
      this.#connectTimer = after(clock, 0, () => this.#fail({ code: "MODEL_REJECTED", reason }));
    }
  }

  pushAudio(bytes: Uint8Array): void {
    this.#uplink.push(bytes);
  }

  pushDigit(digit: string): void {
    if (this.#alive) {
      this.#conversation.pushDigit(digit);
    }
  }

  interrupt(itemId: string, playedMs: number): void {
    if (this.#alive) {
      this.#conversation.interrupt(itemId, playedMs);
    }
  }

  dismissSpeech(): void {}

  played(): void {}

  toolResult(toolCallId: string, outputJson: string): void {
    if (this.#alive) {
      this.#conversation.toolResult(toolCallId, outputJson);
    }
  }

  say(text: string): void {
    if (this.#alive) {
      this.#conversation.say(text);
    }
  }

  close(): void {
    if (this.#alive) {
      this.#end("closed");
      this.#sink.shut();
      this.#socket?.close();
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      state: this.#state,
      format: this.#options.session.format,
      failure: this.#failure,
      ...this.#uplink.toJSON(),
      bufferedBytes: this.#socket?.bufferedBytes,
      ...this.#conversation.toJSON(),
    };
  }

  /** The settings wait for `session.created`. */
  onOpen(): void {
    this.#liveness.start();
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    if (!this.#alive) {
      return;
    }
    this.#liveness.onEvent();
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
    if (this.#state === "ready" || !this.#onSettingUp(event)) {
      this.#conversation.onEvent(event);
    }
  }

  onPong(): void {
    this.#liveness.onPong();
  }

  onRefused(statusCode: number, body: string): void {
    this.#fail(classifyRefusal(statusCode, body));
  }

  onClosed(closure: SocketClosure): void {
    this.#fail(classifyClosure(closure, this.#state === "ready"));
  }

  get #alive(): boolean {
    return this.#state === "connecting" || this.#state === "ready";
  }

  /** Whether the event belongs to setting up the session. */
  #onSettingUp(event: ServerEvent): boolean {
    if (event.kind === "sessionCreated") {
      const { session, settings } = this.#options;
      const { instructions, format, tools } = session;
      const message = { ...settings, instructions, format, tools };
      this.#socket?.send(sessionUpdate("settings", message));
      return true;
    }
    if (event.kind === "sessionUpdated") {
      this.#onReady();
      return true;
    }
    if (event.kind === "error") {
      this.#fail(settingsRefused(event.error));
      return true;
    }
    return false;
  }

  #onReady(): void {
    this.#state = "ready";
    this.#connectTimer?.cancel();
    this.#uplink.start(this.#socket);
    for (const message of this.#early.splice(0)) {
      this.#send(message);
    }
    const { greeting } = this.#options.session;
    if (greeting !== undefined) {
      this.#conversation.say(greeting);
    }
    this.#sink.onReady();
    this.#conversation.start();
  }

  #send(text: string): void {
    if (this.#state === "ready") {
      this.#socket?.send(text);
    } else if (this.#state === "connecting" && this.#early.length < MAX_EARLY_MESSAGES) {
      this.#early.push(text);
    }
  }

  #fail(failure: ModelFailure): void {
    if (this.#alive) {
      this.#end("failed");
      this.#failure = failure;
      this.#socket?.terminate();
      this.#sink.onFailed(failure);
    }
  }

  #end(state: "failed" | "closed"): void {
    this.#state = state;
    this.#connectTimer?.cancel();
    this.#liveness.stop();
    this.#uplink.stop();
    this.#conversation.stop();
  }
}
