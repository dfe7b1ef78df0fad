/** UDP as a telephone with SRTP has it: seals what it sends and opens what it hears, once it has keys. */
import type { SrtpKeys } from "../../src/core/srtp-suites.ts";
import type {
  BindOptions,
  DatagramNetwork,
  DatagramSocket,
} from "../../src/ports/datagram-network.ts";
import { isRtcp } from "../../src/rtp/packet.ts";
import { MAX_SRTP_BYTES } from "../../src/rtp/srtp-cipher.ts";
import { SrtpReceiver } from "../../src/rtp/srtp-receiver.ts";
import { SrtpSender } from "../../src/rtp/srtp-sender.ts";

/** A network around another. */
export class SrtpNetwork implements DatagramNetwork {
  /** Sealed packets that were sent, the newest last. */
  readonly sent: Uint8Array[] = [];
  /** Of what was heard: packets that could be opened, and why others could not. */
  readonly heard: Record<string, number> = {};
  readonly #network: DatagramNetwork;
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;

  constructor(network: DatagramNetwork) {
    this.#network = network;
  }

  /** From the telephone's side: `local` is what it sends with. Begins at a rollover counter of 0. */
  secure(keys: SrtpKeys | undefined): void {
    this.#sender = keys === undefined ? undefined : new SrtpSender(keys.local);
    this.#receiver = keys === undefined ? undefined : new SrtpReceiver(keys.remote);
  }

  async bind(options: BindOptions): Promise<DatagramSocket> {
    const socket = await this.#network.bind({
      ...options,
      onDatagram: (bytes, address, port) => {
        const opened = this.#open(bytes);
        if (opened !== undefined) {
          options.onDatagram(opened, address, port);
        }
      },
    });
    return {
      port: socket.port,
      sendErrors: 0,
      send: (bytes, byteLength, port, address) => {
        const sealed = this.#seal(bytes.subarray(0, byteLength));
        socket.send(sealed, sealed.length, port, address);
      },
      close: () => socket.close(),
    };
  }

  #seal(bytes: Uint8Array): Uint8Array {
    if (this.#sender === undefined) {
      return bytes;
    }
    const target = new Uint8Array(MAX_SRTP_BYTES);
    const length = isRtcp(bytes, bytes.length)
      ? this.#sender.sealRtcp(bytes, bytes.length, target)
      : this.#sender.sealRtp(bytes, bytes.length, target);
    const sealed = target.slice(0, length);
    this.sent.push(sealed);
    return sealed;
  }

  #open(bytes: Uint8Array): Uint8Array | undefined {
    if (this.#receiver === undefined) {
      return bytes;
    }
    const target = new Uint8Array(MAX_SRTP_BYTES);
    const result = isRtcp(bytes, bytes.length)
      ? this.#receiver.openRtcp(bytes, target)
      : this.#receiver.openRtp(bytes, target);
    const outcome = typeof result === "number" ? "opened" : result;
    this.heard[outcome] = (this.heard[outcome] ?? 0) + 1;
    return typeof result === "number" ? target.slice(0, result) : undefined;
  }
}
