/** Model sockets in memory, with a stand-in's brain behind them; every message takes a moment of the clock. */
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

/** What speaks a protocol at the far end. */
export interface SocketBrain {
  /** The upgrade was accepted. */
  start(): void;
  /** The socket is gone. */
  stop(): void;
  receive(text: string): void;
}

/** How a brain speaks. */
export interface BrainOutlet {
  send(message: string | Uint8Array): void;
  close(code: number): void;
}

/** What a service in memory does. */
export interface MemoryServiceOptions<Brain> {
  readonly clock: Clock;
  /** Answers the upgrade with this HTTP status. */
  readonly refuse?: OpenAiScript["refuse"];
  readonly createBrain: (request: ModelSocketRequest, outlet: BrainOutlet) => Brain;
}

/** One connection as a test sees it. */
export interface MemoryConnection<Brain = OpenAiBrain> {
  readonly request: ModelSocketRequest;
  readonly brain: Brain;
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

/** A factory for a model, and the connections it made. */
export interface MemoryService<Brain = OpenAiBrain> {
  readonly openSocket: ModelSocketFactory;
  readonly connections: readonly MemoryConnection<Brain>[];
}

/** OpenAI's service, following the script in every session. */
export function createMemoryService(clock: Clock, script: OpenAiScript): MemoryService {
  return createBrainService({
    clock,
    refuse: script.refuse,
    createBrain: (request, outlet) =>
      new OpenAiBrain({
        ...outlet,
        clock,
        script,
        random: new SeededRandom(7),
        model: new URL(request.url).searchParams.get("model") ?? "",
      }),
  });
}

/** A service with a brain of any protocol. */
export function createBrainService<Brain extends SocketBrain>(
  options: MemoryServiceOptions<Brain>,
): MemoryService<Brain> {
  const connections: MemorySocket<Brain>[] = [];
  return {
    connections,
    openSocket: (request, listener) => {
      const socket = new MemorySocket(options, request, listener);
      connections.push(socket);
      return socket;
    },
  };
}

class MemorySocket<Brain extends SocketBrain> implements ModelSocket, MemoryConnection<Brain> {
  readonly request: ModelSocketRequest;
  readonly brain: Brain;
  readonly sent: string[] = [];
  closedByClient: "no" | "closed" | "terminated" = "no";
  pings = 0;
  answersPings = true;
  bufferedBytes = 0;
  readonly #options: MemoryServiceOptions<Brain>;
  readonly #listener: ModelSocketListener;
  #open = false;
  #over = false;

  constructor(
    options: MemoryServiceOptions<Brain>,
    request: ModelSocketRequest,
    listener: ModelSocketListener,
  ) {
    this.request = request;
    this.#options = options;
    this.#listener = listener;
    this.brain = options.createBrain(request, {
      send: (message) => this.#later(() => this.push(message)),
      close: (code) => this.#later(() => this.drop(code)),
    });
    this.#later(() => this.#connect());
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

  #connect(): void {
    const { refuse } = this.#options;
    if (refuse === undefined) {
      this.#open = true;
      this.#listener.onOpen();
      this.brain.start();
      return;
    }
    const { status, code, type } = refuse;
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
    after(this.#options.clock, LATENCY_MS, () => {
      if (!this.#over) {
        callback();
      }
    });
  }
}
