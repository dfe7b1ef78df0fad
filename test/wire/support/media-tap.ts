/**
 * Stands between a user agent and the gateway and times what the agent receives: INVITE and its answers pass through
 * with the media port replaced, so that RTP passes through too. Everything else goes directly between the two.
 */
import dgram from "node:dgram";
import { freeEarPort, freeSipPort } from "./free-ports.ts";
import { type HeardPacket, readHeard } from "./heard-packet.ts";

/** For one call over UDP. */
export class MediaTap {
  /** What went from the gateway to the agent, as it arrived here. */
  readonly heard: HeardPacket[] = [];
  readonly #gatewayPort: number;
  readonly #sip = dgram.createSocket("udp4");
  /** Takes the agent's place towards the gateway. */
  readonly #agentSide = dgram.createSocket("udp4");
  /** Takes the gateway's place towards the agent. */
  readonly #gatewaySide = dgram.createSocket("udp4");
  #lastSaid = Buffer.alloc(0);
  #agentSipPort = 0;
  #agentMediaPort = 0;
  #gatewayMediaPort = 0;

  private constructor(gatewayPort: number) {
    this.#gatewayPort = gatewayPort;
    this.#sip.on("message", (bytes, { port }) => this.#onSip(bytes.toString("latin1"), port));
    this.#agentSide.on("message", (bytes) => {
      const packet = readHeard(bytes);
      if (typeof packet === "object") {
        this.heard.push(packet);
      }
      this.#gatewaySide.send(bytes, this.#agentMediaPort);
    });
    this.#gatewaySide.on("message", (bytes) => {
      this.#lastSaid = bytes;
      this.say(bytes);
    });
  }

  static async open(gatewayPort: number): Promise<MediaTap> {
    const tap = new MediaTap(gatewayPort);
    await bind(tap.#sip, await freeSipPort());
    await bind(tap.#agentSide, await freeEarPort());
    await bind(tap.#gatewaySide, await freeEarPort());
    return tap;
  }

  /** `address:port` to dial in place of the gateway's. */
  get target(): string {
    return `127.0.0.1:${this.#sip.address().port}`;
  }

  /** The packet that the agent sent last. */
  get lastSaid(): Uint8Array {
    return this.#lastSaid;
  }

  /** Sends a datagram to the gateway as if it came from the agent. */
  say(bytes: Uint8Array): void {
    this.#agentSide.send(bytes, this.#gatewayMediaPort);
  }

  async close(): Promise<void> {
    const sockets = [this.#sip, this.#agentSide, this.#gatewaySide];
    await Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
    );
  }

  #onSip(text: string, port: number): void {
    if (port === this.#gatewayPort) {
      const passed = withMediaPort(text, this.#gatewaySide.address().port, (mediaPort) => {
        this.#gatewayMediaPort = mediaPort;
      });
      this.#sip.send(Buffer.from(passed, "latin1"), this.#agentSipPort);
      return;
    }
    this.#agentSipPort = port;
    const passed = withMediaPort(text, this.#agentSide.address().port, (mediaPort) => {
      this.#agentMediaPort = mediaPort;
    });
    this.#sip.send(Buffer.from(passed, "latin1"), this.#gatewayPort);
  }
}

/** All ports have five digits, so that the length of the body stays as it is. */
function withMediaPort(text: string, port: number, onFound: (port: number) => void): string {
  return text.replace(/^m=audio (\d{5}) /m, (_line, found: string) => {
    onFound(Number(found));
    return `m=audio ${port} `;
  });
}

function bind(socket: dgram.Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, "127.0.0.1", resolve);
  });
}
