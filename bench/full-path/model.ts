/** The model service: the audio part of the Realtime protocol over plain WebSockets, speaking without a pause. */
import { type WebSocket, WebSocketServer } from "ws";
import { runInTurns, serve, wallUs } from "./child.ts";
import type { BenchMode, ModelSample, WireFormat } from "./messages.ts";
import { isVaried, modelTone, toPcmu } from "./signals.ts";

const CHUNK_MS = 100;
const CHUNK_US = CHUNK_MS * 1000;
/** Chunks sent at once when a session begins, so that the network's jitter is not heard. */
const LEAD_CHUNKS = 3;
/** An answer lasts so long; the next one follows at once. */
const CHUNKS_PER_ANSWER = 50;
const EXAMINE_EVERY = 50;
const APPEND_HEAD = '{"type":"input_audio_buffer.append","audio":"';
const APPEND_TAIL = '"}';
const PADDING = "=".charCodeAt(0);

let bytesPerMs = 8;
let speaks = true;
let audio = "";
let uplinkBytes = 0;
let uplinkMessages = 0;
let examined = 0;
let withVoice = 0;
let chunksSent = 0;
const sessions = new Set<Session>();
const deltas = new Map<number, Buffer>();

/** One session: waits for its settings, then speaks at the pace of the clock. */
class Session {
  readonly #socket: WebSocket;
  #startedUs = -1;
  #chunks = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#onMessage(data));
    this.#send({ type: "session.created", session: {} });
  }

  speak(nowUs: number): void {
    if (this.#startedUs < 0) {
      return;
    }
    const due = Math.floor((nowUs - this.#startedUs) / CHUNK_US) + LEAD_CHUNKS;
    while (this.#chunks < due) {
      this.#sendChunk();
    }
  }

  #sendChunk(): void {
    const answer = Math.floor(this.#chunks / CHUNKS_PER_ANSWER);
    const ids = idsOf(answer);
    if (this.#chunks % CHUNKS_PER_ANSWER === 0) {
      this.#send({ type: "response.created", response: { id: ids.response_id } });
    }
    this.#socket.send(deltaOf(answer), { binary: false });
    this.#chunks += 1;
    chunksSent += 1;
    if (this.#chunks % CHUNKS_PER_ANSWER === 0) {
      this.#send({ type: "response.output_audio.done", ...ids });
      const response = { id: ids.response_id, status: "completed", output: [] };
      this.#send({ type: "response.done", response });
    }
  }

  #onMessage(data: Buffer): void {
    if (
      data.length > APPEND_HEAD.length &&
      data.toString("latin1", 0, APPEND_HEAD.length) === APPEND_HEAD
    ) {
      onUplink(data);
      return;
    }
    const message = JSON.parse(data.toString()) as { type: string };
    if (message.type === "session.update") {
      this.#send({ type: "session.updated", session: {} });
      this.#startedUs = speaks ? wallUs() : -1;
    }
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#socket.send(JSON.stringify({ event_id: "event", ...message }));
  }
}

function idsOf(answer: number): { readonly response_id: string; readonly item_id: string } {
  return { response_id: `resp_${answer}`, item_id: `item_${answer}` };
}

/** A piece of an answer, made once: the time of this process is not what is measured, but it shares the machine. */
function deltaOf(answer: number): Buffer {
  let message = deltas.get(answer);
  if (message === undefined) {
    const event = { type: "response.output_audio.delta", event_id: `event_${answer}` };
    const where = { ...idsOf(answer), output_index: 0, content_index: 0, delta: audio };
    message = Buffer.from(JSON.stringify({ ...event, ...where }));
    deltas.set(answer, message);
    deltas.delete(answer - 4);
  }
  return message;
}

function onUplink(message: Buffer): void {
  const end = message.length - APPEND_TAIL.length;
  const padding = message[end - 1] !== PADDING ? 0 : message[end - 2] !== PADDING ? 1 : 2;
  uplinkBytes += ((end - APPEND_HEAD.length) / 4) * 3 - padding;
  uplinkMessages += 1;
  if (uplinkMessages % EXAMINE_EVERY === 0) {
    const base64 = message.toString("latin1", APPEND_HEAD.length, end);
    examined += 1;
    withVoice += isVaried(Buffer.from(base64, "base64")) ? 1 : 0;
  }
}

interface ListenOptions {
  readonly format: WireFormat;
  readonly mode: BenchMode;
  readonly port: number;
}

/** Resolves with the URL of the service. */
async function listen({ format, mode, port }: ListenOptions): Promise<string> {
  speaks = mode === "talk";
  const rateHz = format === "pcmu" ? 8000 : 24_000;
  const tone = modelTone(rateHz, CHUNK_MS);
  bytesPerMs = format === "pcmu" ? 8 : 48;
  audio = Buffer.from(format === "pcmu" ? toPcmu(tone) : new Uint8Array(tone.buffer)).toString(
    "base64",
  );
  const server = new WebSocketServer({ port, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket) => {
    const session = new Session(socket);
    sessions.add(session);
    socket.on("error", () => undefined);
    socket.on("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  runInTurns(2, () => {
    const nowUs = wallUs();
    for (const session of sessions) {
      session.speak(nowUs);
    }
  });
  return `ws://127.0.0.1:${port}/v1/realtime`;
}

function sample(): ModelSample {
  const uplinkMs = uplinkBytes / bytesPerMs;
  return { sessions: sessions.size, uplinkMs, examined, withVoice, chunksSent };
}

serve({ listen, sample });
