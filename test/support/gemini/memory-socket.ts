/** Model sockets in memory, with the Gemini stand-in's brain behind them; every message takes a moment of the clock. */
import { after, type Clock } from "../../../src/core/clock.ts";
import type {
  ModelSocket,
  ModelSocketFactory,
  ModelSocketListener,
  ModelSocketRequest,
} from "../../../src/models/model-socket.ts";
import { SeededRandom } from "../seeded-random.ts";
import { GeminiBrain, type GeminiMemory } from "./brain.ts";
import type { GeminiScript } from "./script.ts";

/** One way. */
const LATENCY_MS = 5;

/** One connection as a test sees it. */
export interface MemoryConnection {
  readonly request: ModelSocketRequest;
  readonly brain: GeminiBrain;
  /** Raw text messages of the client, audio left out. */
  readonly sent: readonly string[];
  readonly closedByClient: "no" | "closed" | "terminated";
  /** Set to false for a dead peer. */
  answersPings: boolean;
  /** Sends a message to the client now, without latency. */
  push(message: string | Uint8Array): void;
  /** Ends the connection from the far side. */
  drop(closeCode: number, reason?: string, errorCode?: string): void;
}

/** A factory for `GeminiModel`, and the connections it made. */
export interface MemoryService {
  readonly openSocket: ModelSocketFactory;
  readonly connections: readonly MemoryConnection[];
}

/** A service that follows the script in every session, and remembers sessions by their handles. */
export function createGeminiService(clock: Clock, script: GeminiScript): MemoryService {
  const connections: MemorySocket[] = [];
  const memory: GeminiMemory = new Map();
  return {
    connections,
    openSocket: (request, listener) => {
      const socket = new MemorySocket({ clock, script, memory, request, listener });
      connections.push(socket);
      return socket;
    },
  };
}

interface MemorySocketOptions {
  readonly clock: Clock;
  readonly script: GeminiScript;
  readonly memory: GeminiMemory;
  readonly request: ModelSocketRequest;
  readonly listener: ModelSocketListener;
}

class MemorySocket implements ModelSocket, MemoryConnection {
  readonly request: ModelSocketRequest;
  readonly brain: GeminiBrain;
  readonly sent: string[] = [];
  readonly bufferedBytes = 0;
  closedByClient: "no" | "closed" | "terminated" = "no";
  answersPings = true;
  readonly #clock: Clock;
  readonly #listener: ModelSocketListener;
  #open = false;
  #over = false;

  constructor({ clock, script, memory, request, listener }: MemorySocketOptions) {
    this.request = request;
    this.#clock = clock;
    this.#listener = listener;
    this.brain = new GeminiBrain({
      clock,
      random: new SeededRandom(7),
      script,
      key: request.headers["x-goog-api-key"],
      memory,
      send: (message) => this.#later(() => this.push(message)),
      close: (code, reason) => this.#later(() => this.drop(code, reason)),
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

  drop(closeCode: number, reason = "", errorCode?: string): void {
    if (!this.#over) {
      this.#end();
      this.#listener.onClosed({ closeCode, errorCode, reason });
    }
  }

  #connect({ refuse }: GeminiScript): void {
    if (refuse === undefined) {
      this.#open = true;
      this.#listener.onOpen();
      return;
    }
    this.#end();
    const { status, error, message } = refuse;
    const body = JSON.stringify({ error: { code: status, status: error, message } });
    this.#listener.onRefused(status, body);
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
