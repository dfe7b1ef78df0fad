/** One session with Gemini Live: connects, becomes ready when its setup holds, and fails at most once. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type {
  ModelFailure,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
} from "../ports/realtime-model.ts";
import { GatedSink } from "./gated-sink.ts";
import { GeminiConversation } from "./gemini-conversation.ts";
import { type GeminiEvent, parseServerMessage } from "./gemini-events.ts";
import { type GeminiFailures, isSetupRefused } from "./gemini-failures.ts";
import { GeminiUplink } from "./gemini-uplink.ts";
import { historyContent, isWorthTelling, type SetupSettings, setup } from "./gemini-wire.ts";
import { ModelLiveness } from "./model-liveness.ts";
import type {
  ModelSocket,
  ModelSocketFactory,
  ModelSocketListener,
  ModelSocketRequest,
  SocketClosure,
} from "./model-socket.ts";

/** A longer message is not read: no piece of speech comes near it. */
const MAX_READ_BYTES = 8 * 1024 * 1024;
const TOO_LONG: readonly GeminiEvent[] = [{ kind: "malformed" }];

/** What a session needs; `request` holds the key. */
export interface GeminiSessionOptions {
  readonly clock: Clock;
  readonly openSocket: ModelSocketFactory;
  readonly request: () => ModelSocketRequest;
  readonly failures: GeminiFailures;
  readonly connectTimeoutMs: number;
  readonly session: ModelSessionOptions;
  readonly settings: Pick<SetupSettings, "model" | "voice" | "transcription" | "activityDetection">;
}

/** Speaks the protocol; `start` connects. */
export class GeminiSession implements ModelSession, ModelSocketListener {
  readonly #options: GeminiSessionOptions;
  readonly #sink: GatedSink;
  readonly #conversation: GeminiConversation;
  readonly #uplink: GeminiUplink;
  readonly #liveness: ModelLiveness;
  #state: "connecting" | "ready" | "failed" | "closed" = "connecting";
  #socket: ModelSocket | undefined;
  #connectTimer: Timer | undefined;
  #failure: ModelFailure | undefined;
  /** The handle this session was opened with, as long as the service may know it. */
  #handle: string | undefined;
  #refusedHandles = 0;

  constructor(options: GeminiSessionOptions, sink: ModelSink) {
    const { clock, failures, session } = options;
    this.#options = options;
    this.#handle = session.resumption;
    this.#sink = new GatedSink(sink);
    this.#uplink = new GeminiUplink(clock);
    this.#conversation = new GeminiConversation({
      clock,
      sink: this.#sink,
      send: (text) => this.#socket?.send(text),
      classify: (status) => failures.ofError(status),
      onFailed: (failure) => this.#fail(failure),
    });
    this.#liveness = new ModelLiveness({
      clock,
      isEventDue: () => this.#conversation.isEventDue,
      ping: () => this.#socket?.ping(),
      onDead: (failure) => this.#fail(failure),
    });
  }

  get resumption(): string | undefined {
    return this.#conversation.resumption;
  }

  /** Connects; the outcome goes to the sink, later. */
  start(): void {
    const { clock, connectTimeoutMs } = this.#options;
    this.#connectTimer = after(clock, connectTimeoutMs, () => {
      const reason = `no session within ${connectTimeoutMs} ms`;
      this.#fail({ code: "MODEL_CONNECT_FAILED", reason });
    });
    this.#connect();
  }

  pushAudio(bytes: Uint8Array): void {
    this.#uplink.push(bytes);
  }

  pushDigit(digit: string): void {
    if (this.#alive) {
      this.#conversation.pushDigit(digit);
    }
  }

  interrupt(itemId: string): void {
    if (this.#alive) {
      this.#conversation.interrupt(itemId);
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
      resumed: this.#handle !== undefined,
      refusedHandles: this.#refusedHandles,
      ...this.#uplink.toJSON(),
      bufferedBytes: this.#socket?.bufferedBytes,
      ...this.#conversation.toJSON(),
    };
  }

  onOpen(): void {
    if (this.#alive) {
      this.#liveness.start();
      const { session, settings } = this.#options;
      const { instructions, tools } = session;
      const hasHistory = this.#tellsHistory();
      const handle = this.#handle;
      this.#socket?.send(setup({ ...settings, instructions, tools, handle, hasHistory }));
    }
  }

  /** The service sends its JSON in binary frames. An owner may close the session from within any event. */
  onMessage(data: Buffer): void {
    if (!this.#alive) {
      return;
    }
    this.#liveness.onEvent();
    const isTooLong = data.length > MAX_READ_BYTES;
    for (const event of isTooLong ? TOO_LONG : parseServerMessage(data.toString("utf8"))) {
      if (event.kind === "setupComplete") {
        this.#onReady();
      } else if (this.#alive) {
        this.#conversation.onEvent(event);
      }
    }
  }

  onPong(): void {
    this.#liveness.onPong();
  }

  onRefused(statusCode: number, body: string): void {
    this.#fail(this.#options.failures.ofRefusal(statusCode, body));
  }

  /** A handle that the service does not take any more costs a second attempt, with the history in its place. */
  onClosed(closure: SocketClosure): void {
    const isReady = this.#state === "ready";
    if (this.#state === "connecting" && this.#handle !== undefined && isSetupRefused(closure)) {
      this.#handle = undefined;
      this.#refusedHandles += 1;
      this.#liveness.stop();
      this.#connect();
    } else {
      this.#fail(this.#options.failures.ofClosure(closure, isReady));
    }
  }

  get #alive(): boolean {
    return this.#state === "connecting" || this.#state === "ready";
  }

  #connect(): void {
    const { clock, openSocket, request } = this.#options;
    try {
      this.#socket = openSocket(request(), this);
    } catch {
      const reason = "the configured URL or key cannot be used in a request";
      this.#connectTimer?.cancel();
      this.#connectTimer = after(clock, 0, () => this.#fail({ code: "MODEL_REJECTED", reason }));
    }
  }

  #onReady(): void {
    if (this.#state !== "connecting") {
      return;
    }
    this.#state = "ready";
    this.#connectTimer?.cancel();
    const { greeting, history = [] } = this.#options.session;
    if (this.#tellsHistory()) {
      this.#socket?.send(historyContent(history));
    } else if (greeting !== undefined && this.#handle === undefined) {
      this.#conversation.say(greeting);
    }
    this.#uplink.start(this.#socket);
    this.#sink.onReady();
    if (this.#alive) {
      this.#conversation.start();
    }
  }

  #tellsHistory(): boolean {
    return this.#handle === undefined && isWorthTelling(this.#options.session.history);
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
