/** The anchor of one leg: two UDP sockets of this process. */
import { isIpv4 } from "../core/ip-address.ts";
import type { DatagramNetwork, DatagramSocket } from "../ports/datagram-network.ts";
import type { Anchor, AnchorSink, HeardSource, RemoteTransport } from "../ports/media-anchor.ts";

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** How the sockets are opened. */
export interface LegSocketOptions {
  readonly network: DatagramNetwork;
  readonly bindAddress: string;
  readonly receiveBufferBytes?: number | undefined;
}

/** A peer that is told an IPv4 address sends IPv4, and a socket bound to `::` would know its address by another form. */
function bindAddressFor(bindAddress: string, localAddress: string): string {
  return bindAddress === "::" && isIpv4(localAddress) ? "0.0.0.0" : bindAddress;
}

/** Which ports, and who hears that they are free again. */
export interface DirectLegAnchorOptions {
  readonly localAddress: string;
  readonly localPort: number;
  readonly formerSources: readonly HeardSource[];
  readonly onReleased: (heard: readonly HeardSource[]) => void;
}

/** Two sockets of one leg. */
export class DirectLegAnchor implements Anchor {
  readonly localAddress: string;
  readonly localPort: number;
  readonly localRtcpPort: number;
  readonly formerSources: readonly HeardSource[];
  readonly #onReleased: (heard: readonly HeardSource[]) => void;
  #rtp: DatagramSocket | undefined;
  #rtcp: DatagramSocket | undefined;
  #sink: AnchorSink | undefined;
  #remote: RemoteTransport | undefined;
  #releasing: Promise<void> | undefined;
  #beforeSink = 0;
  #beforeRemote = 0;

  constructor(options: DirectLegAnchorOptions) {
    this.localAddress = options.localAddress;
    this.localPort = options.localPort;
    this.localRtcpPort = options.localPort + 1;
    this.formerSources = options.formerSources;
    this.#onReleased = options.onReleased;
  }

  /** Rejects with MEDIA_BIND_FAILED and then holds no socket. */
  async open(options: LegSocketOptions): Promise<void> {
    const shared = {
      address: bindAddressFor(options.bindAddress, this.localAddress),
      receiveBufferBytes: options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES,
    };
    const rtp = await options.network.bind({
      ...shared,
      port: this.localPort,
      onDatagram: (bytes, address, port) => this.#onRtp(bytes, address, port),
    });
    try {
      this.#rtcp = await options.network.bind({
        ...shared,
        port: this.localRtcpPort,
        onDatagram: (bytes, address, port) => this.#onRtcp(bytes, address, port),
      });
    } catch (error) {
      await rtp.close();
      throw error;
    }
    this.#rtp = rtp;
  }

  setSink(sink: AnchorSink): void {
    this.#sink = sink;
  }

  applyRemote(remote: RemoteTransport): void {
    this.#remote = remote;
  }

  sendRtp(bytes: Uint8Array, byteLength: number): void {
    const remote = this.#remote;
    if (remote === undefined || this.#rtp === undefined) {
      this.#beforeRemote += 1;
      return;
    }
    this.#rtp.send(bytes, byteLength, remote.port, remote.address);
  }

  sendRtcp(bytes: Uint8Array, byteLength: number): void {
    const remote = this.#remote;
    const socket = remote?.rtcpMux === true ? this.#rtp : this.#rtcp;
    if (remote === undefined || socket === undefined) {
      this.#beforeRemote += 1;
      return;
    }
    socket.send(bytes, byteLength, remote.rtcpPort, remote.rtcpAddress ?? remote.address);
  }

  release(heard?: HeardSource): Promise<void> {
    this.#releasing ??= this.#closeSockets(heard);
    return this.#releasing;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      kind: "direct",
      localPort: this.localPort,
      beforeSink: this.#beforeSink,
      beforeRemote: this.#beforeRemote,
      sendErrors: (this.#rtp?.sendErrors ?? 0) + (this.#rtcp?.sendErrors ?? 0),
    };
  }

  #onRtp(bytes: Uint8Array, address: string, port: number): void {
    if (this.#sink === undefined) {
      this.#beforeSink += 1;
      return;
    }
    this.#sink.onRtp(bytes, address, port);
  }

  #onRtcp(bytes: Uint8Array, address: string, port: number): void {
    if (this.#sink === undefined) {
      this.#beforeSink += 1;
      return;
    }
    this.#sink.onRtcp(bytes, address, port);
  }

  async #closeSockets(heard: HeardSource | undefined): Promise<void> {
    const sockets = [this.#rtp, this.#rtcp];
    this.#sink = undefined;
    this.#remote = undefined;
    await Promise.all(sockets.map((socket) => socket?.close()));
    this.#onReleased(heard === undefined ? [] : [heard]);
  }
}
