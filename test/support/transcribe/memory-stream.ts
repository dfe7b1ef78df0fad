/** Streams with Amazon Transcribe in memory, with the stand-in's brain behind them; everything takes a moment of the clock. */
import { after, type Clock } from "../../../src/core/clock.ts";
import type {
  TranscribeRequest,
  TranscribeStream,
  TranscribeStreamFactory,
  TranscribeStreamListener,
} from "../../../src/models/transcribe-stream.ts";
import { TranscribeBrain } from "./brain.ts";
import type { TranscribeScript } from "./script.ts";

/** One way. */
const LATENCY_MS = 2;

/** One stream as a test sees it. */
export interface MemoryTranscribeStream {
  readonly request: TranscribeRequest;
  readonly brain: TranscribeBrain;
  readonly endedByClient: "no" | "ended" | "aborted";
  bufferedBytes: number;
  /** Ends from the far side without a word. */
  cut(): void;
  fail(name: string, statusCode?: number): void;
}

/** A service in memory; `script` may be changed for the streams to come. */
export class MemoryTranscribe {
  readonly streams: BrainStream[] = [];
  script: TranscribeScript;
  readonly #clock: Clock;

  constructor(clock: Clock, script: TranscribeScript) {
    this.#clock = clock;
    this.script = script;
  }

  readonly openStream: TranscribeStreamFactory = (request, listener) => {
    const stream = new BrainStream(this.#clock, this.script, request, listener);
    this.streams.push(stream);
    return stream;
  };
}

class BrainStream implements TranscribeStream, MemoryTranscribeStream {
  readonly request: TranscribeRequest;
  readonly brain: TranscribeBrain;
  endedByClient: "no" | "ended" | "aborted" = "no";
  bufferedBytes = 0;
  readonly #clock: Clock;
  readonly #listener: TranscribeStreamListener;
  #over = false;

  constructor(
    clock: Clock,
    script: TranscribeScript,
    request: TranscribeRequest,
    listener: TranscribeStreamListener,
  ) {
    this.request = request;
    this.#clock = clock;
    this.#listener = listener;
    this.brain = new TranscribeBrain({
      clock,
      script,
      parameters: {
        "session-id": request.sessionId,
        ...(request.channels === 2 ? { "number-of-channels": "2" } : {}),
      },
      isAnalytics: request.roles !== undefined,
      send: (type, event) => this.#later(() => this.#listener.onEvent({ [type]: event })),
      fail: ({ name }) => this.#later(() => this.fail(name)),
      end: () => this.#later(() => this.cut()),
      cut: () => this.#later(() => this.cut()),
    });
    if (script.mute !== true) {
      this.#later(() => this.#accept(script));
    }
  }

  send(bytes: Buffer): void {
    this.#later(() => this.brain.hear(Buffer.from(bytes)));
  }

  end(): void {
    this.endedByClient = "ended";
    this.#later(() => this.brain.hear(Buffer.alloc(0)));
  }

  abort(): void {
    this.endedByClient = "aborted";
    this.#finish();
  }

  cut(): void {
    if (!this.#over) {
      this.#finish();
      this.#listener.onEnded();
    }
  }

  fail(name: string, statusCode?: number): void {
    if (!this.#over) {
      this.#finish();
      this.#listener.onError({ name, statusCode, systemCode: undefined });
    }
  }

  #accept(script: TranscribeScript): void {
    if (script.refuse !== undefined) {
      this.fail(script.refuse.name, script.refuse.status);
      return;
    }
    this.#listener.onOpen();
    this.brain.start();
    const { roles } = this.request;
    if (roles !== undefined) {
      const ChannelDefinitions = roles.map((role, ChannelId) => ({
        ChannelId,
        ParticipantRole: role.toUpperCase(),
      }));
      this.brain.configure(JSON.stringify({ ChannelDefinitions }));
    }
  }

  #finish(): void {
    this.#over = true;
    this.brain.stop();
  }

  #later(callback: () => void): void {
    after(this.#clock, LATENCY_MS, () => {
      if (!this.#over) {
        callback();
      }
    });
  }
}
