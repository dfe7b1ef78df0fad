/** The mouth of a recording client: one socket for each stream, which sends a numbered tone in real time. */
import dgram from "node:dgram";
import type { G711Law } from "../../../src/audio/g711.ts";
import { RtpStream } from "../../support/rtp-packets.ts";

const PTIME_MS = 20;

/** Where a stream comes from, and how it sounds on the wire. */
export interface ToneStream {
  readonly address: string;
  readonly port: number;
  readonly law: G711Law;
  readonly ssrc: number;
}

/** One stream. Whoever opens it closes it. */
export class ToneSender {
  readonly #socket: dgram.Socket;
  readonly #rtp: RtpStream;
  #timer: NodeJS.Timeout | undefined;

  private constructor(socket: dgram.Socket, { law, ssrc }: ToneStream) {
    this.#socket = socket;
    this.#rtp = new RtpStream({ law, ssrc });
  }

  static async open(stream: ToneStream): Promise<ToneSender> {
    const socket = dgram.createSocket("udp4");
    socket.on("message", () => undefined);
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(stream.port, stream.address, resolve);
    });
    return new ToneSender(socket, stream);
  }

  /** Sends a packet each 20 ms until told otherwise. */
  play(tone: number, port: number): void {
    this.quiet();
    this.#timer = setInterval(() => {
      this.#socket.send(this.#rtp.tone(tone), port, "127.0.0.1");
    }, PTIME_MS);
  }

  quiet(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  close(): Promise<void> {
    this.quiet();
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}
