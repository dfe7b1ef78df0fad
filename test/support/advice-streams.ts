/** Services whose models answer piece by piece: ConverseStream over HTTP/2 and chat completions over HTTP/1.1, with what can go wrong. */
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { EventStreamCodec } from "@smithy/core/event-streams";
import { SystemClock, sleep } from "../../src/core/clock.ts";

/** What happens after a piece: another one, silence, a broken connection, the end that belongs to it, or none. */
export type StreamStep =
  | { readonly kind: "piece"; readonly text: string }
  | { readonly kind: "pause"; readonly ms: number }
  | { readonly kind: "garbage" }
  | { readonly kind: "error"; readonly name: string }
  | { readonly kind: "cut" }
  | { readonly kind: "end" };

/** A running service. Whoever starts it closes it. */
export interface StreamingService {
  readonly port: number;
  /** Bodies of the requests, with their paths. */
  readonly asked: { readonly path: string; readonly body: Record<string, unknown> }[];
  /** What it does with each request. */
  steps: readonly StreamStep[];
  close(): Promise<void>;
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString("utf8"),
  (text) => Buffer.from(text),
);
const clock = new SystemClock();

/** A text as an answer in pieces, to its end. */
export function answerInPieces(json: string, pieces = 5): readonly StreamStep[] {
  const step = Math.ceil(json.length / pieces);
  const texts = Array.from({ length: pieces }, (_, index) =>
    json.slice(index * step, (index + 1) * step),
  );
  return [...texts.map((text) => ({ kind: "piece", text }) as const), { kind: "end" }];
}

interface Sink {
  open(): void;
  write(bytes: Uint8Array | string): void;
  end(): void;
  cut(): void;
}

interface Dialect {
  piece(text: string): Uint8Array | string;
  garbage(): Uint8Array | string;
  error(name: string): Uint8Array | string;
  begin(): (Uint8Array | string)[];
  end(): (Uint8Array | string)[];
}

async function play(steps: readonly StreamStep[], sink: Sink, dialect: Dialect): Promise<void> {
  sink.open();
  for (const part of dialect.begin()) {
    sink.write(part);
  }
  for (const step of steps) {
    switch (step.kind) {
      case "piece":
        sink.write(dialect.piece(step.text));
        break;
      case "pause":
        await sleep(clock, step.ms);
        break;
      case "garbage":
        sink.write(dialect.garbage());
        break;
      case "error":
        sink.write(dialect.error(step.name));
        break;
      case "cut":
        sink.cut();
        return;
      case "end":
        for (const part of dialect.end()) {
          sink.write(part);
        }
        sink.end();
        return;
    }
    // Each piece travels alone.
    await sleep(clock, 5);
  }
}

function event(type: string, body: object, messageType = "event"): Uint8Array {
  return codec.encode({
    headers: {
      ":message-type": { type: "string", value: messageType },
      [messageType === "event" ? ":event-type" : ":exception-type"]: {
        type: "string",
        value: type,
      },
      ":content-type": { type: "string", value: "application/json" },
    },
    body: Buffer.from(JSON.stringify(body)),
  });
}

const CONVERSE: Dialect = {
  begin: () => [
    event("messageStart", { role: "assistant" }),
    event("contentBlockStart", {
      contentBlockIndex: 0,
      start: { toolUse: { toolUseId: "t", name: "suggest_answer" } },
    }),
  ],
  piece: (input) =>
    event("contentBlockDelta", { contentBlockIndex: 0, delta: { toolUse: { input } } }),
  garbage: () => Buffer.from("this is no event stream, and its length is nonsense"),
  error: (name) => event(name, { message: "as scripted" }, "exception"),
  end: () => [
    event("contentBlockStop", { contentBlockIndex: 0 }),
    event("messageStop", { stopReason: "tool_use" }),
    event("metadata", {
      usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
      metrics: { latencyMs: 1 },
    }),
  ],
};

const line = (data: object | string): string =>
  `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;

const COMPLETIONS: Dialect = {
  begin: () => [": ping\n\n", line({ choices: [{ index: 0, delta: { role: "assistant" } }] })],
  piece: (content) => line({ choices: [{ index: 0, delta: { content } }] }),
  garbage: () => line("<html>bad gateway</html>"),
  error: (name) => line({ error: { message: "as scripted", type: name } }),
  end: () => [
    line({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
    line({ choices: [], usage: { total_tokens: 2 } }),
    line("[DONE]"),
  ],
};

/** Amazon Bedrock's ConverseStream. */
export async function startConverseStream(): Promise<StreamingService> {
  const sessions = new Set<{ destroy(): void }>();
  const server = createHttp2Server((request, response) => {
    void readBody(request).then((body) => {
      service.asked.push({ path: request.url, body });
      const sink: Sink = {
        open: () =>
          response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" }),
        write: (bytes) => void (response.destroyed || response.write(bytes)),
        end: () => response.end(),
        cut: () => request.stream.session?.destroy(),
      };
      return play(service.steps, sink, CONVERSE);
    });
  });
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const service: StreamingService = {
    port: (server.address() as AddressInfo).port,
    asked: [],
    steps: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) {
          session.destroy();
        }
      }),
  };
  return service;
}

/** Chat completions with `stream`. */
export async function startCompletionStream(): Promise<StreamingService> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      service.asked.push({ path: request.url ?? "", body });
      const sink: Sink = {
        open: () => response.writeHead(200, { "content-type": "text/event-stream" }),
        write: (bytes) => void (response.destroyed || response.write(bytes)),
        end: () => response.end(),
        cut: () => request.socket.destroy(),
      };
      return play(service.steps, sink, COMPLETIONS);
    });
  });
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const service: StreamingService = {
    port: (server.address() as AddressInfo).port,
    asked: [],
    steps: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
  return service;
}

async function readBody(request: AsyncIterable<Buffer | string>): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(Buffer.from(chunk));
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
