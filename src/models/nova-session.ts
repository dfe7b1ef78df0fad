/** One session with Nova Sonic: opens the stream, is ready once the service accepted it, and fails at most once. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type {
  ModelFailure,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
} from "../ports/realtime-model.ts";
import { endedFailure } from "./aws-failures.ts";
import { GatedSink } from "./gated-sink.ts";
import { ModelLiveness } from "./model-liveness.ts";
import { NovaConversation } from "./nova-conversation.ts";
import { type NovaEvent, parseNovaEvent } from "./nova-events.ts";
import { classifyStreamError } from "./nova-failures.ts";
import { openingEvents } from "./nova-opening.ts";
import type {
  NovaStream,
  NovaStreamError,
  NovaStreamFactory,
  NovaStreamListener,
} from "./nova-stream.ts";
import { NovaUplink } from "./nova-uplink.ts";
import { closing, type NovaGeneration, type NovaSettings } from "./nova-wire.ts";

/** The service's chunks are at most 1 MB; what is far longer is not read. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;
/** How long the service may take to end its side after we ended ours. */
const LINGER_MS = 1000;

/** What a session needs. */
export interface NovaSessionOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly openStream: NovaStreamFactory;
  readonly connectTimeoutMs: number;
  readonly generation: NovaGeneration;
  readonly session: ModelSessionOptions;
  readonly settings: NovaSettings;
}

/** Speaks the protocol; `start` connects. */
export class NovaSession implements ModelSession, NovaStreamListener {
  readonly resumption = undefined;
  readonly #options: NovaSessionOptions;
  readonly #sink: GatedSink;
  readonly #conversation: NovaConversation;
  readonly #uplink = new NovaUplink();
  readonly #liveness: ModelLiveness;
  #state: "connecting" | "ready" | "failed" | "closed" = "connecting";
  #stream: NovaStream | undefined;
  #connectTimer: Timer | undefined;
  #lingerTimer: Timer | undefined;
  #failure: ModelFailure | undefined;
  #oversizedEvents = 0;

  constructor(options: NovaSessionOptions, sink: ModelSink) {
    this.#options = options;
    this.#sink = new GatedSink(sink);
    this.#conversation = new NovaConversation({
      clock: options.clock,
      generation: options.generation,
      rateHz: options.session.format.rateHz,
      sink: this.#sink,
      send: (events) => this.#send(events),
    });
    this.#liveness = new ModelLiveness({
      clock: options.clock,
      isEventDue: () => this.#conversation.isEventDue || this.#uplink.isStuck,
      // The stream has no sign of life of its own: only what is owed counts.
      ping: () => this.#liveness.onPong(),
      onDead: (failure) => this.#fail(failure),
    });
  }

  /** Opens the stream and sends all that comes before audio; the outcome goes to the sink, later. */
  start(): void {
    const { clock, connectTimeoutMs, generation, openStream, session, settings } = this.#options;
    this.#connectTimer = after(clock, connectTimeoutMs, () => {
      const reason = `no session within ${connectTimeoutMs} ms`;
      this.#fail({ code: "MODEL_CONNECT_FAILED", reason });
    });
    this.#stream = openStream(this);
    this.#send(openingEvents(generation, session, settings));
  }

  pushAudio(bytes: Uint8Array): void {
    this.#uplink.push(bytes);
  }

  pushDigit(digit: string): void {
    if (this.#alive) {
      this.#conversation.pushDigit(digit);
    }
  }

  /** The service has no verb for it: it hears the caller itself. */
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
      this.#send(closing());
      this.#end("closed");
      this.#sink.shut();
      this.#stream?.end();
      this.#lingerTimer = after(this.#options.clock, LINGER_MS, () => this.#stream?.abort());
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      state: this.#state,
      format: this.#options.session.format,
      failure: this.#failure,
      ...this.#uplink.toJSON(),
      oversizedEvents: this.#oversizedEvents,
      bufferedBytes: this.#stream?.bufferedBytes,
      ...this.#conversation.toJSON(),
    };
  }

  onOpen(): void {
    if (this.#state !== "connecting") {
      return;
    }
    const { generation, session } = this.#options;
    this.#state = "ready";
    this.#connectTimer?.cancel();
    this.#uplink.start(this.#stream);
    this.#liveness.start();
    if (generation === "v2" && session.greeting !== undefined && !hasHistory(session)) {
      this.#conversation.awaitGreeting(session.greeting);
    }
    this.#sink.onReady();
  }

  onEvent(bytes: Uint8Array): void {
    this.onOpen();
    if (!this.#alive) {
      return;
    }
    this.#liveness.onEvent();
    if (bytes.length > MAX_EVENT_BYTES) {
      this.#oversizedEvents += 1;
    } else {
      this.#conversation.onEvent(readEvent(bytes));
    }
  }

  onEnded(): void {
    this.#lingerTimer?.cancel();
    this.#fail(endedFailure(this.#state === "ready"));
  }

  onError(error: NovaStreamError): void {
    this.#lingerTimer?.cancel();
    this.#fail(classifyStreamError(error, this.#state === "ready"));
  }

  get #alive(): boolean {
    return this.#state === "connecting" || this.#state === "ready";
  }

  #send(events: readonly Buffer[]): void {
    if (this.#alive) {
      for (const event of events) {
        this.#stream?.send(event);
      }
    }
  }

  #fail(failure: ModelFailure): void {
    if (this.#alive) {
      this.#end("failed");
      this.#failure = failure;
      this.#stream?.abort();
      this.#options.logger.debug("model stream failed", { code: failure.code });
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

function hasHistory({ history }: ModelSessionOptions): boolean {
  return history !== undefined && history.length > 0;
}

function readEvent(bytes: Uint8Array): NovaEvent {
  return parseNovaEvent(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"),
  );
}
