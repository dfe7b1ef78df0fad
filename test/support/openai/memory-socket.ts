/** Model sockets in memory, with the OpenAI stand-in's brain behind them; every message takes a moment of the clock. */
import { after, type Clock } from "../../../src/core/clock.ts";
import type {
  ModelSocket,
  ModelSocketFactory,
  ModelSocketListener,
  ModelSocketRequest,
} from "../../../src/models/model-socket.ts";
import { SeededRandom } from "../seeded-random.ts";
import { OpenAiBrain } from "./brain.ts";
import type { OpenAiScript } from "./script.ts";

/** One way. */
const LATENCY_MS = 5;

/** One connection as a test sees it. */
export interface MemoryConnection {
  readonly request: ModelSocketRequest;
  readonly brain: OpenAiBrain;
  /** Raw text messages of the client. */
  readonly sent: string[];
  readonly closedByClient: "no" | "closed" | "terminated";
  /** Pings, and whether they are answered; set to false for a dead peer. */
  pings: number;
  answersPings: boolean;
  /** What the kernel is said to hold back. */
  bufferedBytes: number;
  /** Sends a message to the client now, without latency. */
  push(message: string | Uint8Array): void;
  /** Ends the connection from the far side. */
  drop(closeCode: number, errorCode?: string): void;
}

/** A factory for `OpenAiModel`, and the connections it made. */
export interface MemoryService {
  readonly openSocket: ModelSocketFactory;
  readonly connections: readonly MemoryConnection[];
}

/** A service that follows the script in every session. */
export function createMemoryService(clock: Clock, script: OpenAiScript): MemoryService {
  const connections: MemorySocket[] = [];
  return {
    connections,
    openSocket: (request, listener) => {
      const socket = new MemorySocket(clock, script, request, listener);
      connections.push(socket);
      return socket;
    },
  };
}

class MemorySocket implements ModelSocket, MemoryConnection {
  readonly request: ModelSocketRequest;
  readonly brain: OpenAiBrain;
  readonly sent: string[] = [];
  closedByClient: "no" | "closed" | "terminated" = "no";
  pings = 0;
  answersPings = true;
  bufferedBytes = 0;
  readonly #clock: Clock;
  readonly #listener: ModelSocketListener;
  #open = false;
  #over = false;

  constructor(
    clock: Clock,
    script: OpenAiScript,
    request: ModelSocketRequest,
    listener: ModelSocketListener,
  ) {
    this.request = request;
    this.#clock = clock;
    this.#listener = listener;
    this.brain = new OpenAiBrain({
      clock,
      random: new SeededRandom(7),
      script,
      model: new URL(request.url).searchParams.get("model") ?? "",
      send: (message) => this.#later(() => this.push(message)),
      close: (code) => this.#later(() => this.drop(code)),
    });
    this.#later(() => this.#connect(script));
  }

  send(text: string): void {
    if (this.#open) {
      this.sent.push(text);
      this.#later(() => this.brain.receive(text));
    }
  }

  sendAudio({ head, tail }: { head: string; tail: string }, bytes: Uint8Array): void {
    const text = `${head}${Buffer.from(bytes).toString("base64")}${tail}`;
    if (this.#open) {
      this.#later(() => this.brain.receive(text));
    }
  }

  ping(): void {
    this.pings += 1;
    if (this.#open && this.answersPings) {
      this.#later(() => this.#listener.onPong());
    }
  }

  close(): void {
    this.#leave("closed");
  }

  terminate(): void {
    this.#leave("terminated");
  }

  push(message: string | Uint8Array): void {
    if (this.#open) {
      this.#listener.onMessage(Buffer.from(message as string), typeof message !== "string");
    }
  }

  drop(closeCode: number, errorCode?: string): void {
    if (!this.#over) {
      this.#end();
      this.#listener.onClosed({ closeCode, errorCode });
    }
  }

  #connect(script: OpenAiScript): void {
    if (script.refuse === undefined) {
      this.#open = true;
      this.#listener.onOpen();
      this.brain.start();
      return;
    }
    const { status, code, type } = script.refuse;
    this.#end();
    this.#listener.onRefused(status, JSON.stringify({ error: { code, type, message: "no" } }));
  }

  #leave(how: "closed" | "terminated"): void {
    if (!this.#over) {
      this.closedByClient = how;
      this.#end();
    }
  }

  #end(): void {
    this.#over = true;
    this.#open = false;
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
