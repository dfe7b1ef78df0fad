/** SIP over UDP: one unconnected socket. RFC 3261 section 18, Transport. */
import dgram from "node:dgram";
import { isIPv6 } from "node:net";
import type { Hop, SendListener, SipTransport, TransportReceiver } from "./transport.ts";
import { plainAddress } from "./uri.ts";

const RECEIVE_BUFFER_BYTES = 4_194_304;

/** Created unbound; {@link open} binds. */
export class UdpTransport implements SipTransport {
  readonly protocol = "udp";
  readonly reliable = false;
  readonly connections = 0;
  readonly #socket: dgram.Socket;
  readonly #receiver: TransportReceiver;
  readonly #isIpv6: boolean;
  #port = 0;
  #closed = false;

  constructor(host: string, receiver: TransportReceiver) {
    this.#receiver = receiver;
    this.#isIpv6 = isIPv6(host);
    this.#socket = dgram.createSocket({
      type: this.#isIpv6 ? "udp6" : "udp4",
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      // Hops name addresses, so nothing is looked up per packet.
      lookup: (address, _options, callback) => callback(null, address, isIPv6(address) ? 6 : 4),
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Binds; rejects with the socket's error, after which the transport is closed. */
  open(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => {
        void this.close();
        reject(error);
      };
      this.#socket.once("error", onError);
      this.#socket.bind(port, host, () => {
        this.#socket.off("error", onError);
        this.#socket.on("error", (error) => this.#receiver.onTransportError(error));
        this.#socket.on("message", (bytes, remote) => {
          const { address, port: remotePort } = remote;
          const from = plainAddress(address);
          const hop = { transport: this, host: from, port: remotePort, connection: undefined };
          this.#receiver.onBytes(bytes, hop);
        });
        this.#port = this.#socket.address().port;
        resolve();
      });
    });
  }

  send(bytes: Buffer, hop: Hop, listener: SendListener): void {
    if (this.#closed) {
      return;
    }
    const report = (error: Error | null): void => {
      if (error !== null && !this.#closed) {
        listener.onSendFailed((error as NodeJS.ErrnoException).code ?? "send failed");
      }
    };
    try {
      this.#socket.send(bytes, hop.port, this.#reachable(hop.host), report);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      queueMicrotask(() => report(failure));
    }
  }

  /** A socket for both families knows IPv4 addresses in the form of IPv6. RFC 4291 section 2.5.5.2, IPv4-Mapped IPv6 Address. */
  #reachable(host: string): string {
    return this.#isIpv6 && !host.includes(":") ? `::ffff:${host}` : host;
  }

  isConnected(_hop: Hop): boolean {
    return false;
  }

  close(): Promise<void> {
    if (this.#closed) {
      return Promise.resolve();
    }
    this.#closed = true;
    return new Promise((resolve) => {
      this.#socket.close(() => resolve());
    });
  }
}
