/** Anchors that are UDP sockets of this process: RTP on an even port, RTCP on the next. */
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { LegId } from "../core/ids.ts";
import { isIpv4 } from "../core/ip-address.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { DatagramNetwork, DatagramSocket } from "../ports/datagram-network.ts";
import type {
  Anchor,
  AnchorSink,
  HeardSource,
  MediaAnchor,
  RemoteTransport,
} from "../ports/media-anchor.ts";
import { PortPool, type PortRange } from "./port-pool.ts";

/** What direct anchors need. */
export interface DirectAnchorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly network: DatagramNetwork;
  /** Address the sockets are bound to. */
  readonly bindAddress: string;
  /** Address written into SDP for a peer, or for one not known yet; `undefined`: the bind address. */
  readonly addressTowards?: ((peer: string | undefined) => string) | undefined;
  readonly ports: PortRange;
  /** How long a port stays unused after a call. */
  readonly quarantineMs?: number | undefined;
  /** Room for what arrives while the event loop is busy. */
  readonly receiveBufferBytes?: number | undefined;
}

/** Of each port: enough for whoever has not noticed that some calls are over. */
const REMEMBERED_SOURCES = 4;
const QUARANTINE_MS = 10_000;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Bind errors that mean "this port", not "this machine". */
const TAKEN_BY_OTHERS: ReadonlySet<unknown> = new Set(["EADDRINUSE", "EACCES"]);

/** Allocates sockets from a range of ports. */
export class DirectAnchor implements MediaAnchor {
  readonly #options: DirectAnchorOptions;
  readonly #pool: PortPool;
  readonly #open = new Set<DirectLegAnchor>();
  /** Port → who was heard there last, newest first. */
  readonly #heard = new Map<number, readonly HeardSource[]>();
  #allocated = 0;
  #exhausted = 0;
  #skipped = 0;

  constructor(options: DirectAnchorOptions) {
    this.#options = options;
    this.#pool = new PortPool(
      options.clock,
      options.ports,
      options.quarantineMs ?? QUARANTINE_MS,
      options.random.uint32(),
    );
  }

  async allocate(legId: LegId, peer?: string): Promise<Anchor> {
    for (let tried = 0; tried < this.#pool.pairs; tried += 1) {
      const port = this.#pool.take();
      if (port === undefined) {
        break;
      }
      const anchor = await this.#tryPort(port, legId, peer);
      if (anchor !== undefined) {
        this.#open.add(anchor);
        this.#allocated += 1;
        return anchor;
      }
    }
    this.#exhausted += 1;
    throw new GatewayError("MEDIA_PORTS_EXHAUSTED", { ...this.#options.ports });
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      ...this.#pool.toJSON(),
      allocated: this.#allocated,
      exhausted: this.#exhausted,
      skipped: this.#skipped,
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((anchor) => anchor.release()));
    this.#pool.clear();
  }

  /** `undefined` when another process holds one of the two ports. */
  async #tryPort(
    port: number,
    legId: LegId,
    peer: string | undefined,
  ): Promise<DirectLegAnchor | undefined> {
    const { addressTowards, bindAddress } = this.#options;
    const anchor = new DirectLegAnchor({
      localAddress: addressTowards?.(peer) ?? bindAddress,
      localPort: port,
      formerSources: this.#heard.get(port) ?? [],
      onReleased: (heard) => {
        this.#open.delete(anchor);
        this.#heard.set(port, [...heard, ...anchor.formerSources].slice(0, REMEMBERED_SOURCES));
        this.#pool.quarantine(port);
      },
    });
    try {
      await anchor.open(this.#options);
      return anchor;
    } catch (error) {
      this.#pool.putBack(port);
      if (!isTakenByOthers(error)) {
        throw error;
      }
      this.#skipped += 1;
      this.#options.logger.debug("RTP port is used by another process", { legId, rtpPort: port });
      return undefined;
    }
  }
}

function isTakenByOthers(error: unknown): boolean {
  return error instanceof GatewayError && TAKEN_BY_OTHERS.has(error.details["cause"]);
}

/** A peer that is told an IPv4 address sends IPv4, and a socket bound to `::` would know its address by another form. */
function bindAddressFor(bindAddress: string, localAddress: string): string {
  return bindAddress === "::" && isIpv4(localAddress) ? "0.0.0.0" : bindAddress;
}

interface DirectLegAnchorOptions {
  readonly localAddress: string;
  readonly localPort: number;
  readonly formerSources: readonly HeardSource[];
  readonly onReleased: (heard: readonly HeardSource[]) => void;
}

/** Two sockets of one leg. */
class DirectLegAnchor implements Anchor {
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
  async open(options: DirectAnchorOptions): Promise<void> {
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
