/** The socket of a model's session: opened once, watched, and lost at most once. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { ModelFailure } from "../ports/realtime-model.ts";
import { ModelLiveness } from "./model-liveness.ts";
import type {
  ModelSocket,
  ModelSocketFactory,
  ModelSocketListener,
  ModelSocketRequest,
  SocketClosure,
} from "./model-socket.ts";

/** Messages kept until the session is ready; more are dropped. */
const MAX_EARLY_MESSAGES = 64;

/** Where to. */
export interface ConnectionSettings {
  readonly clock: Clock;
  readonly openSocket: ModelSocketFactory;
  /** May throw when the settings make no request; its headers hold the key. */
  readonly request: () => ModelSocketRequest;
  /** From `start` to `ready`. */
  readonly connectTimeoutMs: number;
}

/** Where to, and who hears of it. */
export interface ConnectionOptions extends ConnectionSettings {
  /** Whether the service owes an event. */
  readonly isEventDue: () => boolean;
  readonly classifyRefusal: (statusCode: number, body: string) => ModelFailure;
  readonly classifyClosure: (closure: SocketClosure, ready: boolean) => ModelFailure;
  readonly onOpen: () => void;
  /** Only while the connection lives. */
  readonly onMessage: (data: Buffer, isBinary: boolean) => void;
  /** The connection is over, by failure or not; called once, before anybody hears of it. */
  readonly onOver: () => void;
  /** Once, after `onOver`; never after `close`. */
  readonly onFailed: (failure: ModelFailure) => void;
}

/** What has become of a connection. */
export type ConnectionState = "connecting" | "ready" | "failed" | "closed";

/** The connection of one session. */
export class ModelConnection implements ModelSocketListener {
  readonly #options: ConnectionOptions;
  readonly #liveness: ModelLiveness;
  readonly #early: string[] = [];
  #state: ConnectionState = "connecting";
  #socket: ModelSocket | undefined;
  #connectTimer: Timer | undefined;
  #failure: ModelFailure | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#liveness = new ModelLiveness({
      clock: options.clock,
      isEventDue: options.isEventDue,
      ping: () => this.#socket?.ping(),
      onDead: (failure) => this.fail(failure),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get alive(): boolean {
    return this.#state === "connecting" || this.#state === "ready";
  }

  get failure(): ModelFailure | undefined {
    return this.#failure;
  }

  /** For audio, which goes around the queue of early messages. */
  get socket(): ModelSocket | undefined {
    return this.#socket;
  }

  /** Connects; the outcome comes later. */
  start(): void {
    const { clock, connectTimeoutMs, openSocket, request } = this.#options;
    this.#connectTimer = after(clock, connectTimeoutMs, () => {
      const reason = `no session within ${connectTimeoutMs} ms`;
      this.fail({ code: "MODEL_CONNECT_FAILED", reason });
    });
    try {
      this.#socket = openSocket(request(), this);
    } catch {
      const reason = "the configured URL or key cannot be used in a request";
      this.#connectTimer.cancel();
      this.#connectTimer = after(clock, 0, () => this.fail({ code: "MODEL_REJECTED", reason }));
    }
  }

  /** The session takes messages from now on. */
  ready(): void {
    this.#state = "ready";
    this.#connectTimer?.cancel();
  }

  /** Sends what was said before the session was ready. */
  sendEarly(): void {
    for (const message of this.#early.splice(0)) {
      this.send(message);
    }
  }

  /** Sends, or keeps until the session is ready. */
  send(text: string): void {
    if (this.#state === "ready") {
      this.#socket?.send(text);
    } else if (this.#state === "connecting" && this.#early.length < MAX_EARLY_MESSAGES) {
      this.#early.push(text);
    }
  }

  /** Sends a message that sets the session up. */
  sendNow(text: string): void {
    this.#socket?.send(text);
  }

  close(): void {
    if (this.alive) {
      this.#end("closed");
      this.#socket?.close();
    }
  }

  fail(failure: ModelFailure): void {
    if (this.alive) {
      this.#end("failed");
      this.#failure = failure;
      this.#socket?.terminate();
      this.#options.onFailed(failure);
    }
  }

  onOpen(): void {
    if (this.alive) {
      this.#liveness.start();
      this.#options.onOpen();
    }
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    if (this.alive) {
      this.#liveness.onEvent();
      this.#options.onMessage(data, isBinary);
    }
  }

  onPong(): void {
    this.#liveness.onPong();
  }

  onRefused(statusCode: number, body: string): void {
    this.fail(this.#options.classifyRefusal(statusCode, body));
  }

  onClosed(closure: SocketClosure): void {
    this.fail(this.#options.classifyClosure(closure, this.#state === "ready"));
  }

  #end(state: "failed" | "closed"): void {
    this.#state = state;
    this.#connectTimer?.cancel();
    this.#liveness.stop();
    this.#options.onOver();
  }
}
