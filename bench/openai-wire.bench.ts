/**
 * What a model session costs: µs per piece of audio, once as pure code (up to the socket, from the socket) and once as
 * process CPU through real sockets on loopback, the far end being another process. `npx tsx bench/openai-wire.bench.ts`.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import WebSocket, { WebSocketServer } from "ws";
import { SystemClock } from "../src/core/clock.ts";
import { asCallId } from "../src/core/ids.ts";
import { silentLogger } from "../src/core/logger.ts";
import { systemRandom } from "../src/core/random.ts";
import { MaskedFrameWriter } from "../src/models/masked-frame.ts";
import type { ModelSocketListener } from "../src/models/model-socket.ts";
import { createSocketFactory } from "../src/models/model-socket.ts";
import { APPEND_ENVELOPE } from "../src/models/openai-audio.ts";
import { parseServerEvent } from "../src/models/openai-events.ts";
import { OpenAiSession } from "../src/models/openai-session.ts";
import type { ModelSink } from "../src/ports/realtime-model.ts";
import { measureUs } from "./measure.ts";

const PIECES = {
  "160 B (20 ms pcmu)": 160,
  "320 B (40 ms pcmu)": 320,
  "960 B (20 ms pcm16)": 960,
  "1920 B (40 ms pcm16)": 1920,
};
const SOCKETS = 20;
const ROUNDS = 150;
const RUNS = 9;

const nothing = (): void => undefined;
const deafSink: ModelSink = {
  onReady: nothing,
  onAudio: nothing,
  onAudioDone: nothing,
  onSpeechStarted: nothing,
  onSpeechStopped: nothing,
  onInterrupted: nothing,
  onExpiring: nothing,
  onUsage: nothing,
  onTranscript: nothing,
  onToolCall: nothing,
  onFailed: nothing,
};
const deafListener: ModelSocketListener = {
  onOpen: nothing,
  onMessage: nothing,
  onPong: nothing,
  onRefused: nothing,
  onClosed: nothing,
};

function noise(length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (i * 7919) & 0xff);
}

function report(name: string, us: { medianUs: number; bestUs: number }): void {
  console.log(`${name.padEnd(58)} median ${us.medianUs.toFixed(2)} best ${us.bestUs.toFixed(2)}`);
}

function benchFrames(): void {
  const frames = new MaskedFrameWriter(systemRandom);
  for (const [name, length] of Object.entries(PIECES)) {
    const bytes = noise(length);
    report(
      `uplink, frame built, ${name}`,
      measureUs(() => frames.frame(APPEND_ENVELOPE, bytes)),
    );
  }
}

function delta(length: number): Buffer {
  const base64 = Buffer.from(noise(length)).toString("base64");
  return Buffer.from(
    `{"type":"response.output_audio.delta","event_id":"event_CdOfQ8nKz4vTgX1","response_id":"resp_CdOfPJkGw0","item_id":"item_CdOfPmVb3rWq7","output_index":0,"content_index":0,"delta":"${base64}"}`,
  );
}

function openDeafSession(): { session: OpenAiSession; listener: ModelSocketListener } {
  let listener: ModelSocketListener | undefined;
  const session = new OpenAiSession(
    {
      clock: new SystemClock(),
      logger: silentLogger,
      openSocket: (_request, heard) => {
        listener = heard;
        return {
          bufferedBytes: 0,
          send: nothing,
          sendAudio: nothing,
          ping: nothing,
          close: nothing,
          terminate: nothing,
        };
      },
      request: () => ({ url: "", headers: {}, maxMessageBytes: 1 }),
      connectTimeoutMs: 60_000,
      settings: {
        voice: undefined,
        transcription: undefined,
        noiseReduction: undefined,
        turnDetection: { type: "server_vad" },
      },
      session: {
        callId: asCallId("bench"),
        instructions: "",
        voice: undefined,
        greeting: undefined,
        tools: [],
        dialogue: undefined,
        format: { encoding: "pcmu", rateHz: 8000 },
      },
    },
    deafSink,
  );
  session.start();
  if (listener === undefined) {
    throw new Error("no socket was opened");
  }
  listener.onMessage(Buffer.from('{"type":"session.updated"}'), false);
  return { session, listener };
}

function benchDeltas(): void {
  const { session, listener } = openDeafSession();
  for (const length of [160, 1600, 4000, 9600, 24_000]) {
    const message = delta(length);
    report(
      `downlink, message to sink, ${length} B`,
      measureUs(() => listener.onMessage(message, false)),
    );
    report(
      `downlink, JSON.parse and Buffer.from, ${length} B`,
      measureUs(() => {
        const event = JSON.parse(message.toString()) as { delta: string };
        Buffer.from(event.delta, "base64");
      }, 500),
    );
  }
  const text = Buffer.from(
    '{"type":"response.output_audio_transcript.delta","event_id":"e","response_id":"r","item_id":"i","delta":"Hello"}',
  ).toString();
  report(
    "downlink, transcript delta parsed",
    measureUs(() => parseServerEvent(text)),
  );
  session.close();
}

async function cpuUsPerMessage(send: (socketIndex: number) => void): Promise<number> {
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let i = 0; i < SOCKETS; i += 1) {
      send(i);
    }
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (ROUNDS * SOCKETS);
}

async function benchSockets(url: string): Promise<void> {
  const openSocket = createSocketFactory(systemRandom);
  const request = { url, headers: {}, maxMessageBytes: 1 << 20 };
  const plain = await Promise.all(
    Array.from(
      { length: SOCKETS },
      () =>
        new Promise<WebSocket>((resolve) => {
          const socket = new WebSocket(url, { perMessageDeflate: false });
          socket.on("open", () => resolve(socket));
        }),
    ),
  );
  const ours = await Promise.all(
    Array.from(
      { length: SOCKETS },
      () =>
        new Promise<ReturnType<typeof openSocket>>((resolve) => {
          const socket = openSocket(request, { ...deafListener, onOpen: () => resolve(socket) });
        }),
    ),
  );
  for (const [name, length] of Object.entries(PIECES)) {
    const bytes = noise(length);
    const ways = {
      "sendAudio (own frame)": (i: number) => ours[i]?.sendAudio(APPEND_ENVELOPE, bytes),
      "ws.send of a string": (i: number) => {
        const base64 = Buffer.from(bytes).toString("base64");
        plain[i]?.send(`${APPEND_ENVELOPE.head}${base64}${APPEND_ENVELOPE.tail}`);
      },
    };
    const results = new Map<string, number[]>(Object.keys(ways).map((way) => [way, []]));
    for (let run = 0; run < RUNS; run += 1) {
      for (const [way, send] of Object.entries(ways)) {
        results.get(way)?.push(await cpuUsPerMessage(send));
      }
    }
    for (const [way, us] of results) {
      us.sort((a, b) => a - b);
      const times = { medianUs: us[RUNS >> 1] ?? 0, bestUs: us[0] ?? 0 };
      report(`uplink, process CPU, ${way}, ${name}`, times);
    }
  }
  for (const socket of [...plain, ...ours]) {
    socket.terminate();
  }
}

function farEnd(): void {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket) => socket.on("message", nothing).on("error", nothing));
  server.on("listening", () => {
    const address = server.address();
    process.send?.(typeof address === "object" ? address?.port : undefined);
  });
}

async function main(): Promise<void> {
  benchFrames();
  benchDeltas();
  const child = fork(fileURLToPath(import.meta.url), { env: { ...process.env, FAR_END: "1" } });
  const port = await new Promise((resolve) => child.once("message", resolve));
  await benchSockets(`ws://127.0.0.1:${String(port)}`);
  child.kill();
}

if (process.env["FAR_END"] === "1") {
  farEnd();
} else {
  await main();
}
