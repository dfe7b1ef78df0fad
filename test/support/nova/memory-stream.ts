/** Streams with Bedrock in memory, with the stand-in's brain behind them; every event takes a moment of the clock. */
import { after, type Clock } from "../../../src/core/clock.ts";
import type {
  NovaStream,
  NovaStreamFactory,
  NovaStreamListener,
} from "../../../src/models/nova-stream.ts";
import { SeededRandom } from "../seeded-random.ts";
import { NovaBrain } from "./brain.ts";
import type { StandInGeneration } from "./protocol.ts";
import type { NovaScript, ScriptedException } from "./script.ts";

/** One way. */
const LATENCY_MS = 2;

/** One stream as a test sees it. */
export interface MemoryStream {
  readonly brain: NovaBrain;
  /** JSON events of the client, audio left out. */
  readonly sent: string[];
  readonly endedByClient: "no" | "ended" | "aborted";
  /** What the connection is said to hold back. */
  bufferedBytes: number;
  /** Sends a payload to the client now, without latency. */
  push(payload: string | Uint8Array): void;
  /** Fails from the far side. */
  fail(error: { name: string; statusCode?: number; systemCode?: string }): void;
  /** Ends from the far side without a word. */
  cut(): void;
}

/** A factory for `NovaModel`, and the streams it made. */
export interface MemoryBedrock {
  readonly openStream: NovaStreamFactory;
  readonly streams: readonly MemoryStream[];
}

/** A service that follows the script in every session. */
export function createMemoryBedrock(
  clock: Clock,
  script: NovaScript,
  generation: StandInGeneration = "v2",
): MemoryBedrock {
  const streams: BrainStream[] = [];
  return {
    streams,
    openStream: (listener) => {
      const stream = new BrainStream(clock, script, generation, listener);
      streams.push(stream);
      return stream;
    },
  };
}

class BrainStream implements NovaStream, MemoryStream {
  readonly brain: NovaBrain;
  readonly sent: string[] = [];
  endedByClient: "no" | "ended" | "aborted" = "no";
  bufferedBytes = 0;
  readonly #clock: Clock;
  readonly #listener: NovaStreamListener;
  #isAccepted = false;
  #over = false;
  readonly #early: Buffer[] = [];

  constructor(
    clock: Clock,
    script: NovaScript,
    generation: StandInGeneration,
    listener: NovaStreamListener,
  ) {
    this.#clock = clock;
    this.#listener = listener;
    this.brain = new NovaBrain({
      clock,
      random: new SeededRandom(7),
      script,
      generation,
      send: (payload) => this.#later(() => this.push(payload)),
      fail: (exception) => this.#later(() => this.#failBy(exception)),
      end: () => this.#later(() => this.cut()),
      cut: () => this.#later(() => this.cut()),
    });
    if (script.mute !== true) {
      after(clock, LATENCY_MS + (script.acceptDelayMs ?? 0), () => this.#accept(script));
    }
  }

  send(event: Buffer): void {
    const text = event.toString("utf8");
    if (!text.includes('"audioInput"')) {
      this.sent.push(text);
    }
    if (this.#isAccepted) {
      this.#later(() => this.brain.receive(text));
    } else {
      this.#early.push(event);
    }
  }

  end(): void {
    this.endedByClient = "ended";
    this.#later(() => {
      if (this.#isAccepted) {
        this.brain.onClientEnded();
      }
    });
  }

  abort(): void {
    this.endedByClient = "aborted";
    this.#finish();
  }

  push(payload: string | Uint8Array): void {
    if (!this.#over) {
      this.#listener.onEvent(Buffer.from(payload as string));
    }
  }

  fail(error: { name: string; statusCode?: number; systemCode?: string }): void {
    if (!this.#over) {
      this.#finish();
      const { name, statusCode, systemCode } = error;
      this.#listener.onError({ name, statusCode, systemCode, cause: undefined });
    }
  }

  cut(): void {
    if (!this.#over) {
      this.#finish();
      this.#listener.onEnded();
    }
  }

  #accept(script: NovaScript): void {
    if (this.#over) {
      return;
    }
    if (script.refuse !== undefined) {
      this.fail({ name: script.refuse.name, statusCode: script.refuse.status });
      return;
    }
    this.#isAccepted = true;
    this.#listener.onOpen();
    this.brain.start();
    for (const event of this.#early.splice(0)) {
      this.brain.receive(event.toString("utf8"));
    }
  }

  #failBy({ name, message }: ScriptedException): void {
    if (message?.includes("Timed out waiting for audio") === true && !this.#over) {
      this.#finish();
      this.#listener.onError({
        name,
        statusCode: undefined,
        systemCode: undefined,
        cause: "noAudio",
      });
      return;
    }
    this.fail({ name });
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
