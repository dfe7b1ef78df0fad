/** A channel of Redis (or Valkey) as the link between nodes. */
import { createClient } from "@redis/client";
import type { Logger } from "../core/logger.ts";
import type { BusLink, BusLinkDelegate } from "./bus-link.ts";

/** Where the channel is. */
export interface RedisLinkOptions {
  /** With user and password; secret. */
  readonly url: string;
  readonly channel: string;
  readonly logger: Logger;
}

const CONNECT_TIMEOUT_MS = 3000;
const PING_MS = 5000;
/** A server that answered no ping for so long is gone, whatever TCP says. */
const SILENCE_MS = 15_000;
const FIRST_RETRY_MS = 50;
/** The longest between two attempts to reach the server. */
const MAX_RETRY_MS = 1000;
/** Commands that wait for an answer; the bus holds back what is more. */
const MAX_COMMANDS = 10_000;

/** Two connections, since one that listens can do nothing else. */
export class RedisLink implements BusLink {
  readonly #channel: string;
  readonly #logger: Logger;
  readonly #sender: ReturnType<typeof connectionTo>;
  readonly #listener: ReturnType<typeof connectionTo>;
  #delegate: BusLinkDelegate | undefined;
  #isListening = false;
  #isUp = false;
  #lastCode: string | undefined;

  constructor({ url, channel, logger }: RedisLinkOptions) {
    this.#channel = channel;
    this.#logger = logger;
    this.#sender = connectionTo(url);
    this.#listener = connectionTo(url);
  }

  open(delegate: BusLinkDelegate): void {
    this.#delegate = delegate;
    this.#listener.on("ready", () => void this.#listen());
    for (const client of [this.#sender, this.#listener]) {
      client.on("ready", () => this.#look());
      client.on("reconnecting", () => this.#look());
      client.on("error", (error: unknown) => this.#onError(error));
      // It goes on trying for as long as the link is open, and then rejects.
      client.connect().catch((error: unknown) => this.#onError(error));
    }
  }

  async send(text: string): Promise<void> {
    await this.#sender.publish(this.#channel, text);
  }

  close(): Promise<void> {
    this.#delegate = undefined;
    for (const client of [this.#sender, this.#listener]) {
      if (client.isOpen) {
        client.destroy();
      }
    }
    return Promise.resolve();
  }

  /** Once; later connections renew it before they are ready. */
  async #listen(): Promise<void> {
    if (this.#isListening) {
      return;
    }
    try {
      await this.#listener.subscribe(this.#channel, (text) => this.#delegate?.received(text));
      this.#isListening = true;
      this.#look();
    } catch (error) {
      this.#onError(error);
    }
  }

  #look(): void {
    const isUp = this.#sender.isReady && this.#listener.isReady && this.#isListening;
    if (isUp === this.#isUp || this.#delegate === undefined) {
      return;
    }
    this.#isUp = isUp;
    if (isUp) {
      this.#lastCode = undefined;
      this.#delegate.linkUp();
    } else {
      this.#delegate.linkDown();
    }
  }

  /** Said once for each cause; the message may name what is in the address, so it stays out. */
  #onError(error: unknown): void {
    this.#look();
    const code = codeText(error);
    if (code !== this.#lastCode && this.#delegate !== undefined) {
      this.#lastCode = code;
      this.#logger.warn("redis connection failed", { cause: code });
    }
  }
}

function connectionTo(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_COMMANDS,
    pingInterval: PING_MS,
    maintNotifications: "disabled",
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) => Math.min(FIRST_RETRY_MS * 2 ** retries, MAX_RETRY_MS),
    },
  });
}

/** Redis begins its errors with a code in capitals: `WRONGPASS`, `NOAUTH`. */
function codeText(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code === "string") {
    return code;
  }
  const message = error instanceof Error ? error.message : "";
  return (
    /^[A-Z]{4,16}(?= )/.exec(message)?.[0] ?? (error instanceof Error ? error.name : "unknown")
  );
}
