/** DrachtioSignaling before the server under test, with a link that can be cut, and a hand-written peer. */
import { EventEmitter } from "node:events";
import net from "node:net";
import { SystemClock, sleep } from "../../../src/core/clock.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { systemRandom } from "../../../src/core/random.ts";
import type { Invitation, SignalingHandler } from "../../../src/ports/signaling-server.ts";
import { DrachtioSignaling } from "../../../src/signaling/drachtio-signaling.ts";
import type { SignalingLab } from "../../contract/signaling-server.ts";
import { UdpPeer } from "./sip-peer.ts";
import { EXTERNAL, nextEvent, ServerUnderTest } from "./sip-server-under-test.ts";

/** Stands between the application and the server's admin port. */
export class LinkProxy {
  readonly #listener = net.createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<net.Socket>();
  readonly #target: { readonly host: string; readonly port: number };
  #cut = false;
  #deaf = false;
  /** Connections that were accepted. */
  connections = 0;
  port = 0;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
  }

  static async open(target: { host: string; port: number }): Promise<LinkProxy> {
    const proxy = new LinkProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#listener.on("error", reject);
      proxy.#listener.listen(0, "127.0.0.1", () => resolve());
    });
    proxy.port = (proxy.#listener.address() as net.AddressInfo).port;
    return proxy;
  }

  /** Open sockets of either side. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Breaks the link, and every later one until `mend`. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  /** Lets links through again. */
  mend(): void {
    this.#cut = false;
    this.#deaf = false;
  }

  /** Swallows what the application says from now on. */
  deafen(): void {
    this.#deaf = true;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()));
  }

  #accept(socket: net.Socket): void {
    if (this.#cut) {
      socket.destroy();
      return;
    }
    this.connections += 1;
    const server = net.connect(this.#target.port, this.#target.host);
    this.#join(socket, server, (bytes) => !this.#deaf && server.write(bytes));
    this.#join(server, socket, (bytes) => socket.write(bytes));
  }

  #join(from: net.Socket, to: net.Socket, pass: (bytes: Buffer) => void): void {
    this.#sockets.add(from);
    from.on("data", pass);
    from.on("error", () => from.destroy());
    from.on("end", () => to.end());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}

/** Records what the signaling reports. */
export class RecordingHandler implements SignalingHandler {
  readonly links: string[] = [];
  readonly #arrivals = new EventEmitter();
  readonly #invitations: Invitation[] = [];
  /** Called before an invitation is handed to who waits for it. */
  before: (invitation: Invitation) => void = () => undefined;

  onInvitation(invitation: Invitation): void {
    this.before(invitation);
    this.#invitations.push(invitation);
    this.#arrivals.emit("invitation");
  }

  onLink(state: "up" | "down"): void {
    this.links.push(state);
  }

  /** The next invitation that nobody took yet; rejects after a while. */
  async next(): Promise<Invitation> {
    if (this.#invitations.length === 0) {
      await nextEvent(this.#arrivals, "invitation");
    }
    return this.#invitations.shift() ?? (await this.next());
  }
}

/** Everything of one test. */
export class DrachtioLab implements SignalingLab {
  readonly clock = new SystemClock();
  readonly handler = new RecordingHandler();
  readonly server: ServerUnderTest;
  readonly proxy: LinkProxy;
  readonly peer: UdpPeer;
  readonly signaling: DrachtioSignaling;

  private constructor(server: ServerUnderTest, proxy: LinkProxy, peer: UdpPeer) {
    this.server = server;
    this.proxy = proxy;
    this.peer = peer;
    this.signaling = this.create();
  }

  static async open(): Promise<DrachtioLab> {
    const server = await ServerUnderTest.start();
    const proxy = await LinkProxy.open(server.admin);
    const peer = await UdpPeer.open(server.sipPort, 0);
    const lab = new DrachtioLab(server, proxy, peer);
    await lab.signaling.start(lab.handler);
    return lab;
  }

  get sipPort(): number {
    return this.server.sipPort;
  }

  /** A signaling that is not started. */
  create(differing: { secret?: string; connectTimeoutMs?: number } = {}): DrachtioSignaling {
    return new DrachtioSignaling({
      clock: this.clock,
      random: systemRandom,
      logger: silentLogger,
      server: { host: "127.0.0.1", port: this.proxy.port },
      secret: this.server.admin.secret,
      retryAfterSeconds: 7,
      connectTimeoutMs: 2000,
      sendsReliably: EXTERNAL === undefined,
      ...differing,
    });
  }

  /** Closes everything; the timers that are still armed then. */
  async close(): Promise<number> {
    await this.signaling.close();
    await this.peer.close();
    await this.proxy.close();
    if (EXTERNAL !== undefined) {
      // A drachtio-server offers the next test's call to this one until it has seen the link close.
      await sleep(this.clock, 100);
    }
    await this.server.close();
    return this.clock.pending + this.server.clock.pending;
  }
}
