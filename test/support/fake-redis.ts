/** A channel between buses that a test takes down and brings back. */
import type { BusLink, BusLinkDelegate } from "../../src/bus/bus-link.ts";

/** The server in the middle. */
export class FakeRedis {
  readonly #links = new Set<FakeLink>();
  #isUp = true;
  /** Takes nothing, although it is there. */
  refuses = false;

  link(): FakeLink {
    return new FakeLink(this);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  attach(link: FakeLink): void {
    this.#links.add(link);
    if (this.#isUp) {
      link.delegate?.linkUp();
    }
  }

  detach(link: FakeLink): void {
    this.#links.delete(link);
  }

  spread(text: string): void {
    for (const { delegate } of this.#links) {
      delegate?.received(text);
    }
  }

  kill(): void {
    this.#isUp = false;
    for (const { delegate } of this.#links) {
      delegate?.linkDown();
    }
  }

  restart(): void {
    this.#isUp = true;
    for (const { delegate } of this.#links) {
      delegate?.linkUp();
    }
  }
}

/** One node's way to it. */
export class FakeLink implements BusLink {
  readonly #server: FakeRedis;
  delegate: BusLinkDelegate | undefined;

  constructor(server: FakeRedis) {
    this.#server = server;
  }

  open(delegate: BusLinkDelegate): void {
    this.delegate = delegate;
    this.#server.attach(this);
  }

  async send(text: string): Promise<void> {
    await Promise.resolve();
    if (!this.#server.isUp || this.#server.refuses) {
      throw new Error("not taken");
    }
    this.#server.spread(text);
  }

  close(): Promise<void> {
    this.#server.detach(this);
    this.delegate = undefined;
    return Promise.resolve();
  }
}
