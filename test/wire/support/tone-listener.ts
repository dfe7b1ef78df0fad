/** A transcription service whose speech is tones: says on each session which numbered tone it heard, over the real wire. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { decodeG711, type G711Law } from "../../../src/audio/g711.ts";
import { identifyTone } from "../../support/tones.ts";

const FRAME_BYTES = 160;
/** So many frames of 20 ms one after the other are a tone, and no edge. */
const TONE_FRAMES = 4;
const TRANSCRIPTION = "conversation.item.input_audio_transcription.completed";

interface ClientMessage {
  readonly type: string;
  readonly audio?: string;
  readonly session?: {
    readonly audio?: { readonly input?: { readonly format?: { readonly type: string } } };
  };
}

/** One session; takes G.711 alone. */
class ToneSession {
  readonly #socket: WebSocket;
  readonly #frame = new Int16Array(FRAME_BYTES);
  #law: G711Law = "pcmu";
  #rest = Buffer.alloc(0);
  #last: number | "silence" | "noise" = "silence";
  #run = 0;
  #told: number | undefined;
  #serial = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#onMessage(JSON.parse(String(data)) as ClientMessage));
    socket.on("error", () => socket.terminate());
    this.#send({ type: "session.created", session: {} });
  }

  #onMessage({ type, audio, session }: ClientMessage): void {
    if (type === "session.update") {
      this.#law = session?.audio?.input?.format?.type === "audio/pcma" ? "pcma" : "pcmu";
      this.#send({ type: "session.updated", session: {} });
    } else if (type === "input_audio_buffer.append") {
      this.#hear(Buffer.from(audio ?? "", "base64"));
    }
  }

  #hear(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (; this.#rest.length >= FRAME_BYTES; this.#rest = this.#rest.subarray(FRAME_BYTES)) {
      decodeG711(this.#law, this.#rest, 0, FRAME_BYTES, this.#frame, 0);
      this.#onSound(identifyTone(this.#frame, 8000));
    }
  }

  #onSound(sound: number | "silence" | "noise"): void {
    this.#run = sound === this.#last ? this.#run + 1 : 1;
    this.#last = sound;
    if (typeof sound === "number" && this.#run === TONE_FRAMES && sound !== this.#told) {
      this.#told = sound;
      this.#serial += 1;
      const transcript = `tone ${sound}`;
      this.#send({
        type: TRANSCRIPTION,
        item_id: `i${this.#serial}`,
        content_index: 0,
        transcript,
      });
    }
  }

  #send(event: object): void {
    this.#socket.send(JSON.stringify(event));
  }
}

/** A running service. Whoever starts it closes it. */
export async function startToneListener() {
  const server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  let sessions = 0;
  sockets.on("connection", (socket) => {
    sessions += 1;
    return new ToneSession(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/v1/realtime`,
    /** Sessions that were ever opened. */
    sessions: () => sessions,
    close: async () => {
      for (const socket of sockets.clients) {
        socket.terminate();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
