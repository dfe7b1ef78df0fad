/** UDP on virtual time: delay, jitter, loss, duplicates and reordering by seed. */
import type { Clock, Timer } from "../../src/core/clock.ts";
import { GatewayError } from "../../src/core/errors.ts";
import type {
  BindOptions,
  DatagramNetwork,
  DatagramSocket,
} from "../../src/ports/datagram-network.ts";
import { SeededRandom } from "./seeded-random.ts";

/** What the network does to datagrams; everything defaults to nothing. */
export interface NetworkConditions {
  readonly delayMs?: number;
  /** Added to the delay, uniformly in 0 … this; order is kept unless `reorderFraction` says otherwise. */
  readonly jitterMs?: number;
  readonly lossFraction?: number;
  readonly duplicateFraction?: number;
  /** These are delayed by `reorderMs` more and may be overtaken. */
  readonly reorderFraction?: number;
  readonly reorderMs?: number;
}

/** Counters of all that was sent. */
export interface NetworkCounters {
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
  unreachable: number;
}

/** The network. Sockets are keyed by address and port; nothing is routed between addresses specially. */
export class FakeNetwork implements DatagramNetwork {
  readonly counters: NetworkCounters = {
    sent: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    unreachable: 0,
  };
  /** May be changed while traffic flows. */
  conditions: NetworkConditions = {};
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #sockets = new Map<string, FakeSocket>();
  readonly #occupied = new Set<string>();
  readonly #timers = new Set<Timer>();
  /** Per pair of sockets, when its last datagram arrives. */
  readonly #lastArrivalUs = new Map<string, number>();

  constructor(clock: Clock, seed = 1) {
    this.#clock = clock;
    this.#random = new SeededRandom(seed);
  }

  /** `address:port` of every socket that is open. */
  get openSockets(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  /** Makes a port look used by another process. */
  occupy(address: string, port: number): void {
    this.#occupied.add(`${address}:${port}`);
  }

  bind(options: BindOptions): Promise<DatagramSocket> {
    const key = `${options.address}:${options.port}`;
    if (this.#occupied.has(key) || this.#sockets.has(key)) {
      const details = { address: options.address, port: options.port, cause: "EADDRINUSE" };
      return Promise.reject(new GatewayError("MEDIA_BIND_FAILED", details));
    }
    const socket = new FakeSocket(options, this, () => this.#sockets.delete(key));
    this.#sockets.set(key, socket);
    return Promise.resolve(socket);
  }

  /** Carries a datagram as if it came from `fromAddress`, which needs no socket: a forger. */
  carry(
    bytes: Uint8Array,
    fromAddress: string,
    fromPort: number,
    toAddress: string,
    toPort: number,
  ): void {
    this.counters.sent += 1;
    const { lossFraction = 0, duplicateFraction = 0 } = this.conditions;
    if (this.#random.fraction() < lossFraction) {
      this.counters.lost += 1;
      return;
    }
    const from = { address: fromAddress, port: fromPort };
    const copies = this.#random.fraction() < duplicateFraction ? 2 : 1;
    this.counters.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#schedule(bytes.slice(), from, `${toAddress}:${toPort}`);
    }
  }

  #schedule(bytes: Uint8Array, from: { address: string; port: number }, to: string): void {
    const { delayMs = 0, jitterMs = 0, reorderFraction = 0, reorderMs = 25 } = this.conditions;
    const pair = `${from.address}:${from.port}>${to}`;
    const arrivalUs = this.#clock.nowUs() + (delayMs + jitterMs * this.#random.fraction()) * 1000;
    const inOrderUs = Math.max(arrivalUs, this.#lastArrivalUs.get(pair) ?? 0);
    const reordered = this.#random.fraction() < reorderFraction;
    if (!reordered) {
      this.#lastArrivalUs.set(pair, inOrderUs);
    }
    const dueUs = reordered ? arrivalUs + reorderMs * 1000 : inOrderUs;
    const timer = this.#clock.at(dueUs, () => {
      this.#timers.delete(timer);
      this.#deliver(bytes, from, to);
    });
    this.#timers.add(timer);
  }

  #deliver(bytes: Uint8Array, from: { address: string; port: number }, to: string): void {
    const socket = this.#sockets.get(to);
    if (socket === undefined) {
      this.counters.unreachable += 1;
      return;
    }
    this.counters.delivered += 1;
    socket.options.onDatagram(bytes, from.address, from.port);
  }
}

class FakeSocket implements DatagramSocket {
  readonly port: number;
  readonly sendErrors = 0;
  readonly options: BindOptions;
  readonly #network: FakeNetwork;
  readonly #onClose: () => void;
  #open = true;

  constructor(options: BindOptions, network: FakeNetwork, onClose: () => void) {
    this.options = options;
    this.port = options.port;
    this.#network = network;
    this.#onClose = onClose;
  }

  send(bytes: Uint8Array, byteLength: number, port: number, address: string): void {
    if (this.#open) {
      const payload = bytes.subarray(0, byteLength);
      this.#network.carry(payload, this.options.address, this.options.port, address, port);
    }
  }

  close(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      this.#onClose();
    }
    return Promise.resolve();
  }
}
