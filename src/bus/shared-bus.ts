/** A bus over several nodes: at once within this process, and over a link to the others, whether or not it is up. */
import { BoundedMap } from "../core/bounded-map.ts";
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { type Bus, type BusMessage, FLEETING_PREFIX } from "../ports/bus.ts";
import type { BusLink } from "./bus-link.ts";
import { InProcessBus } from "./in-process-bus.ts";
import { readFrame, writeFrame } from "./node-frame.ts";

/** What the bus works with. */
export interface SharedBusOptions {
  readonly link: BusLink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names this process among the others; never the same twice. */
  readonly node: string;
  /** As of the bus within the process. */
  readonly maxQueued: number;
  /** Messages that wait for the link; beyond, the oldest is lost to the other nodes, and counted. */
  readonly maxWaiting: number;
  /** The same in characters. */
  readonly maxWaitingChars: number;
  /** After the link came back, before anything is sent: the others have to come back too. */
  readonly resumeMs: number;
}

/** Where listeners of this node are told that the others cannot be reached, or can again. */
export const BUS_NOTICE_TOPIC = "notice/bus";

const MAX_UNANSWERED = 256;
const MAX_NODES = 1000;
const CLOSE_MS = 500;

/** Open from `start` to `close`; before and without a link it is a bus within the process. */
export class SharedBus implements Bus {
  readonly #options: SharedBusOptions;
  readonly #local: InProcessBus;
  readonly #counters = { sent: 0, lost: 0, received: 0, malformed: 0, missed: 0 };
  /** Node → the last serial that came from it. */
  readonly #serials = new BoundedMap<string, number>(MAX_NODES);
  /** Not yet with the server, oldest first; the first `#unanswered` are on their way. */
  #waiting: string[] = [];
  #waitingChars = 0;
  #unanswered = 0;
  /** Rises with each interruption, so that late answers of the time before are told apart. */
  #epoch = 0;
  #serial = 0;
  #linkIsUp = false;
  /** Whether messages are sent. */
  #isOpen = false;
  /** Listeners were told that the others cannot be reached. */
  #saidDown = false;
  #resume: Timer | undefined;
  #closed = false;
  #onEmpty: () => void = () => undefined;

  constructor(options: SharedBusOptions) {
    this.#options = options;
    this.#local = new InProcessBus(options);
  }

  start(): void {
    this.#options.link.open({
      linkUp: () => this.#onUp(),
      linkDown: () => this.#onDown(),
      received: (text) => this.#receive(text),
    });
    // One that is not there at the start is told as one that went.
    this.#resume ??= after(this.#options.clock, this.#options.resumeMs, () => this.#interrupt());
  }

  publish(topic: string, message: BusMessage): void {
    if (this.#closed) {
      return;
    }
    this.#local.publish(topic, message);
    const mayWait = !topic.startsWith(FLEETING_PREFIX);
    if (!mayWait && (!this.#isOpen || this.#waiting.length >= MAX_UNANSWERED)) {
      return;
    }
    this.#serial += 1;
    const frame = { node: this.#options.node, serial: this.#serial, topic, message };
    this.#hold(writeFrame(frame));
    this.#flush();
  }

  subscribe(pattern: string, handler: (topic: string, message: BusMessage) => void): () => void {
    return this.#local.subscribe(pattern, handler);
  }

  /** What is on its way gets a moment to arrive. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#local.close();
    if (this.#isOpen && this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        const limit = after(this.#options.clock, CLOSE_MS, resolve);
        this.#onEmpty = () => {
          limit.cancel();
          resolve();
        };
      });
    }
    this.#resume?.cancel();
    await this.#options.link.close();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const waiting = this.#waiting.length;
    return {
      ...this.#local.toJSON(),
      up: this.#isOpen && !this.#saidDown,
      waiting,
      ...this.#counters,
    };
  }

  #hold(text: string): void {
    const { maxWaiting, maxWaitingChars } = this.#options;
    this.#waiting.push(text);
    this.#waitingChars += text.length;
    const isOver = (): boolean =>
      this.#waiting.length > maxWaiting || this.#waitingChars > maxWaitingChars;
    while (isOver() && this.#waiting.length > this.#unanswered) {
      const [oldest] = this.#waiting.splice(this.#unanswered, 1);
      this.#waitingChars -= oldest?.length ?? 0;
      this.#counters.lost += 1;
    }
  }

  #flush(): void {
    while (
      this.#isOpen &&
      this.#unanswered < MAX_UNANSWERED &&
      this.#unanswered < this.#waiting.length
    ) {
      const text = this.#waiting[this.#unanswered] as string;
      this.#unanswered += 1;
      void this.#send(text, this.#epoch);
    }
  }

  /** Answers come in the order of sending, so that the first one in line is meant. */
  async #send(text: string, epoch: number): Promise<void> {
    try {
      await this.#options.link.send(text);
    } catch {
      // What was not answered stays in line, and is sent again.
      if (epoch === this.#epoch && !this.#closed) {
        this.#interrupt();
      }
      return;
    }
    if (epoch === this.#epoch) {
      this.#sayUp();
      this.#waiting.shift();
      this.#waitingChars -= text.length;
      this.#unanswered -= 1;
      this.#counters.sent += 1;
      this.#flush();
      if (this.#waiting.length === 0) {
        this.#onEmpty();
      }
    }
  }

  #onUp(): void {
    this.#linkIsUp = true;
    this.#resumeIn(this.#saidDown ? this.#options.resumeMs : 0);
  }

  #onDown(): void {
    this.#linkIsUp = false;
    this.#interrupt();
  }

  #resumeIn(delayMs: number): void {
    this.#resume?.cancel();
    this.#resume = after(this.#options.clock, delayMs, () => {
      this.#isOpen = true;
      if (this.#waiting.length === 0) {
        this.#sayUp();
      }
      this.#flush();
    });
  }

  /** Nothing is sent until the link is back, or for a while where it never went but takes nothing. */
  #interrupt(): void {
    this.#resume?.cancel();
    this.#isOpen = false;
    this.#epoch += 1;
    this.#unanswered = 0;
    if (!this.#saidDown) {
      this.#saidDown = true;
      this.#tell(
        false,
        "the other nodes cannot be reached: calls of this node are shown, those of others not until it is back",
      );
    }
    if (this.#linkIsUp) {
      this.#resumeIn(this.#options.resumeMs);
    }
  }

  #sayUp(): void {
    if (this.#saidDown) {
      this.#saidDown = false;
      this.#tell(true, "the other nodes can be reached again");
    }
  }

  #tell(ok: boolean, text: string): void {
    this.#options.logger.warn("bus link changed", { up: ok });
    this.#local.publish(BUS_NOTICE_TOPIC, { kind: "notice", part: "bus", ok, text });
  }

  /** Our own messages come back too, and one that was sent twice comes twice. */
  #receive(text: string): void {
    const frame = readFrame(text);
    if (frame === undefined) {
      this.#counters.malformed += 1;
      return;
    }
    const { node, serial, topic, message } = frame;
    const last = this.#serials.get(node);
    if (node === this.#options.node || serial <= (last ?? 0)) {
      return;
    }
    this.#counters.missed += last === undefined ? 0 : serial - last - 1;
    this.#counters.received += 1;
    this.#serials.set(node, serial);
    this.#local.publish(topic, message);
  }
}
