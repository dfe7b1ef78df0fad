/**
 * What a session with Nova Sonic costs: µs per piece of audio as pure code, and process CPU per piece through the client of
 * AWS over real HTTP/2 on loopback, the far end being another process. `npx tsx bench/nova-wire.bench.ts`.
 */
import { fork } from "node:child_process";
import { createServer } from "node:http2";
import { fileURLToPath } from "node:url";
import { createBedrockStreams } from "../src/models/nova-bedrock.ts";
import { NovaConversation } from "../src/models/nova-conversation.ts";
import { parseNovaEvent } from "../src/models/nova-events.ts";
import type { NovaStream } from "../src/models/nova-stream.ts";
import { audioInput } from "../src/models/nova-wire.ts";
import type { ModelSink } from "../src/ports/realtime-model.ts";
import { VirtualClock } from "../test/support/virtual-clock.ts";
import { measureUs } from "./measure.ts";

const PIECES_MS = [20, 40, 100];
const STREAMS = 20;
const ROUNDS = 100;
const RUNS = 7;

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

function noise(length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (i * 7919) & 0xff);
}

function report(name: string, us: { medianUs: number; bestUs: number }): void {
  console.log(`${name.padEnd(52)} median ${us.medianUs.toFixed(2)} best ${us.bestUs.toFixed(2)}`);
}

function benchPureCode(): void {
  const conversation = new NovaConversation({
    clock: new VirtualClock(),
    generation: "v2",
    rateHz: 8000,
    sink: deafSink,
    send: nothing,
  });
  for (const ms of PIECES_MS) {
    const bytes = noise(ms * 16);
    report(
      `uplink, event built, ${ms} ms`,
      measureUs(() => audioInput(bytes)),
    );
    const content = Buffer.from(bytes).toString("base64");
    const ids = { sessionId: "4a1c", promptName: "call", completionId: "9f2e", role: "ASSISTANT" };
    const text = JSON.stringify({ event: { audioOutput: { ...ids, contentId: "a", content } } });
    const message = Buffer.from(text);
    report(
      `downlink, event to sink, ${ms} ms`,
      measureUs(() => conversation.onEvent(parseNovaEvent(message.toString("utf8")))),
    );
  }
}

async function cpuUsPerPiece(streams: readonly NovaStream[], bytes: Uint8Array): Promise<number> {
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const stream of streams) {
      stream.send(audioInput(bytes));
    }
    while (streams.some(({ bufferedBytes }) => bufferedBytes > 0)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (ROUNDS * STREAMS);
}

async function benchStreams(endpoint: string): Promise<void> {
  const openStream = createBedrockStreams({ region: "us-east-1", endpoint }, "bench");
  const streams = await Promise.all(
    Array.from(
      { length: STREAMS },
      () =>
        new Promise<NovaStream>((resolve) => {
          const stream = openStream({
            onOpen: () => resolve(stream),
            onEvent: nothing,
            onEnded: nothing,
            onError: nothing,
          });
          stream.send(audioInput(noise(320)));
        }),
    ),
  );
  for (const ms of PIECES_MS) {
    const us: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      us.push(await cpuUsPerPiece(streams, noise(ms * 16)));
    }
    us.sort((a, b) => a - b);
    const times = { medianUs: us[RUNS >> 1] ?? 0, bestUs: us[0] ?? 0 };
    report(`uplink, process CPU, ${ms} ms`, times);
  }
  for (const stream of streams) {
    stream.abort();
  }
}

function farEnd(): void {
  const server = createServer();
  server.on("stream", (stream) => {
    stream.on("error", nothing).resume();
    stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
  });
  server.on("session", (session) => session.on("error", nothing));
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.(typeof address === "object" ? address?.port : undefined);
  });
}

async function main(): Promise<void> {
  benchPureCode();
  const child = fork(fileURLToPath(import.meta.url), { env: { ...process.env, FAR_END: "1" } });
  const port = await new Promise((resolve) => child.once("message", resolve));
  await benchStreams(`http://127.0.0.1:${String(port)}`);
  child.kill();
}

if (process.env["FAR_END"] === "1") {
  farEnd();
} else {
  await main();
}
