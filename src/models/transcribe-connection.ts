/** One connection with Amazon Transcribe: open once the service accepted it, watched, and lost at most once. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { ModelFailure } from "../ports/realtime-model.ts";
import type { AwsStreamError } from "./aws-duplex.ts";
import { endedFailure } from "./aws-failures.ts";
import { ModelLiveness } from "./model-liveness.ts";
import { readTranscribeEvent } from "./transcribe-events.ts";
import { transcribeFailure } from "./transcribe-failures.ts";
import type {
  TranscribeRequest,
  TranscribeStream,
  TranscribeStreamFactory,
  TranscribeStreamListener,
} from "./transcribe-stream.ts";
import type { Transcriber, TranscriberListener } from "./transcriber.ts";

/** This much waiting means that the connection takes nothing. */
const STUCK_BYTES = 32 * 1024;

/** What it is made of. */
export interface TranscribeConnectionOptions {
  readonly clock: Clock;
  readonly openStream: TranscribeStreamFactory;
  readonly request: TranscribeRequest;
  readonly connectTimeoutMs: number;
  readonly listener: TranscriberListener;
  /** An event could not be read. */
  readonly onMalformed: () => void;
}

/** Connects when it is made. */
export class TranscribeConnection implements Transcriber, TranscribeStreamListener {
  readonly #options: TranscribeConnectionOptions;
  readonly #stream: TranscribeStream;
  readonly #liveness: ModelLiveness;
  readonly #connectTimer: Timer;
  #state: "connecting" | "open" | "over" = "connecting";

  constructor(options: TranscribeConnectionOptions) {
    const { clock, connectTimeoutMs, openStream, request } = options;
    this.#options = options;
    this.#connectTimer = after(clock, connectTimeoutMs, () => {
      const reason = `no stream within ${connectTimeoutMs} ms`;
      this.#fail({ code: "MODEL_CONNECT_FAILED", reason });
    });
    this.#liveness = new ModelLiveness({
      clock,
      isEventDue: () => this.bufferedBytes > STUCK_BYTES,
      // Where nobody speaks, the service has nothing to say: only what it does not take counts.
      ping: () => this.#liveness.onPong(),
      onDead: (failure) => this.#fail(failure),
    });
    this.#stream = openStream(request, this);
  }

  get bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  send(bytes: Buffer): void {
    this.#stream.send(bytes);
  }

  end(): void {
    this.#stream.end();
  }

  abort(): void {
    this.#end();
    this.#stream.abort();
  }

  onOpen(): void {
    if (this.#state === "connecting") {
      this.#state = "open";
      this.#connectTimer.cancel();
      this.#liveness.start();
      this.#options.listener.onOpen();
    }
  }

  onEvent(event: unknown): void {
    const { listener, request, onMalformed } = this.#options;
    this.onOpen();
    if (this.#state === "over") {
      return;
    }
    this.#liveness.onEvent();
    const news = readTranscribeEvent(event, request.roles);
    if (news === undefined) {
      onMalformed();
    }
    for (const utterance of news?.utterances ?? []) {
      listener.onUtterance(utterance);
    }
    for (const name of news?.categories ?? []) {
      listener.onCategory(name);
    }
  }

  /** Without our doing it is a failure: a connection that breaks looks the same. */
  onEnded(): void {
    this.#fail(endedFailure(this.#state === "open"));
  }

  onError(error: AwsStreamError): void {
    this.#fail(transcribeFailure(error, this.#state === "open"));
  }

  #fail(failure: ModelFailure): void {
    if (this.#state !== "over") {
      this.#end();
      this.#stream.abort();
      this.#options.listener.onFailed(failure);
    }
  }

  #end(): void {
    this.#state = "over";
    this.#connectTimer.cancel();
    this.#liveness.stop();
  }
}
